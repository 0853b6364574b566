"""What a command line starts: which script, module or notebook of Python, by which runner, with which arguments."""

from __future__ import annotations

import posixpath
import re

import msgspec


class Started(msgspec.Struct, frozen=True):
    """What of Python a command starts; all empty but `runner` when that is none of Python's."""

    runner: str = ""
    script: str = ""
    module: str = ""
    arguments: tuple[str, ...] = ()


_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"(?:.*/)?(?:python|ipython|pypy|pythonw)(?:[23](?:\.\d+)*t?)?(?:\.exe)?")
_NOTEBOOK = re.compile(r".*\.ipynb")
# Programs that run the rest of the line; the options of theirs that take the next word.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g"}),
    "exec": frozenset(),
    "time": frozenset({"-f", "-o"}),
    "env": frozenset({"-u"}),
    "command": frozenset(),
    "nohup": frozenset(),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n"}),
    "timeout": frozenset({"-s", "-k"}),
    "stdbuf": frozenset(),
    "xvfb-run": frozenset({"-s", "-n"}),
    "taskset": frozenset({"-c"}),
    "numactl": frozenset(),
    "srun": frozenset({"-n", "-N", "-c", "-p", "-A", "-t", "-J", "-w"}),
    "mpirun": frozenset({"-np", "-n", "-H", "-hostfile", "--hostfile", "-x", "-mca"}),
    "mpiexec": frozenset({"-np", "-n", "-H", "-hostfile", "--hostfile", "-x"}),
    "horovodrun": frozenset({"-np", "-H", "--hostfile"}),
    "singularity": frozenset({"-B", "--bind"}),
    "apptainer": frozenset({"-B", "--bind"}),
    "coverage": frozenset(),
    "kernprof": frozenset({"-o"}),
}
# The same where a word comes first: `uv run`, `conda run`.
_RUN_WRAPPERS: dict[str, frozenset[str]] = {
    "uv": frozenset(
        {"--with", "--extra", "--group", "-p", "--python", "--env-file", "--package", "--project", "--directory"}
    ),
    "poetry": frozenset({"-C", "--directory"}),
    "pipenv": frozenset(),
    "pdm": frozenset({"-p"}),
    "hatch": frozenset({"-e", "--env"}),
    "pixi": frozenset({"-e", "--environment"}),
    "rye": frozenset(),
    "conda": frozenset({"-n", "--name", "-p", "--prefix", "--cwd"}),
    "mamba": frozenset({"-n", "--name", "-p", "--prefix"}),
    "micromamba": frozenset({"-n", "--name", "-p", "--prefix"}),
    "coverage": frozenset({"--source", "--rcfile"}),
    "aim": frozenset(),
}
_LAUNCHERS = frozenset(
    {"torchrun", "accelerate", "deepspeed", "accelerate-launch", "colossalai", "composer", "bagua", "xla_dist"}
)
_DISTRIBUTED = frozenset(
    {"torch.distributed.launch", "torch.distributed.run", "accelerate.commands.launch", "deepspeed.launcher.runner"}
)
# Words that start something that is none of Python's own, and still a run of the program.
_OTHER_RUNNERS = frozenset(
    {
        "dvc",
        "make",
        "mlflow",
        "snakemake",
        "bash",
        "sh",
        "zsh",
        "sbatch",
        "qsub",
        "docker",
        "kedro",
        "wandb",
        "nextflow",
    }
)


def read_command(words: list[str]) -> Started:
    """Look through assignments and wrappers at the program that a simple command runs."""
    words = list(words)
    for _ in range(8):
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        if not words:
            return Started()
        program = posixpath.basename(words[0])
        if len(words) > 1 and program in _RUN_WRAPPERS and "run" in words[1:4]:
            words = _after_options(words[words.index("run") + 1 :], _RUN_WRAPPERS[program])
        elif program in _WRAPPERS:
            words = _after_options(words[1:], _WRAPPERS[program])
            if program == "timeout" and words:
                words = words[1:]
            if program in {"singularity", "apptainer"}:
                words = words[2:]
        else:
            break
        if words and words[0].endswith(".py") and "/" not in words[0]:
            words[0] = f"./{words[0]}"  # `uv run train.py`, `coverage run train.py`
    if not words:
        return Started()
    return _read_program(posixpath.basename(words[0]), words)


def _after_options(words: list[str], valued: frozenset[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.match(words[at])):
        at += 2 if words[at] in valued else 1
        if words[at - 1 : at] == ["--"]:
            break
    return words[at:]


def _read_program(program: str, words: list[str]) -> Started:
    rest = words[1:]
    if _PYTHON.fullmatch(words[0]):
        return _read_python("python", rest)
    if program in _LAUNCHERS:
        if rest[:1] == ["launch"] or rest[:1] == ["run"]:
            rest = rest[1:]
        return _read_launcher(program, rest)
    if program == "papermill":
        notebook = next((word for word in rest if _NOTEBOOK.fullmatch(word)), "")
        return Started("papermill", notebook, arguments=_after(rest, notebook))
    if program in {"jupyter", "jupyter-nbconvert", "jupyter-execute"}:
        executes = "--execute" in rest or "execute" in rest[:1] or program == "jupyter-execute"
        notebook = next((word for word in rest if _NOTEBOOK.fullmatch(word)), "")
        is_opened = bool({"notebook", "lab"} & set(rest[:1]))
        runner = "nbconvert" if executes else "jupyter"
        return Started(runner, notebook if executes or is_opened else "", arguments=_after(rest, notebook))
    if program in {"streamlit", "panel", "bokeh", "gradio", "chainlit", "marimo"}:
        script = next((word for word in rest if word.endswith(".py")), "")
        return Started(program, script, arguments=_after(rest, script))
    if program in {"ray", "spark-submit"}:
        script = next((word for word in rest if word.endswith(".py")), "")
        return Started(program, script, arguments=_after(rest, script))
    # A lone `train.py` runs nowhere but in a search path; documents name files so.
    if words[0].endswith(".py") and "/" in words[0]:
        return Started("python", _relative(words[0]), arguments=tuple(rest))
    if program in _OTHER_RUNNERS:
        return Started(program, arguments=tuple(rest))
    return Started()


def _read_python(runner: str, words: list[str]) -> Started:
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-m" and at + 1 < len(words):
            return _read_module(runner, words[at + 1], words[at + 2 :])
        if word.startswith("-m") and len(word) > 2:
            return _read_module(runner, word[2:], words[at + 1 :])
        if word == "-c":
            return Started(runner)
        if word in {"-W", "-X", "--check-hash-based-pycs"}:
            at += 2
        elif word == "-":
            return Started(runner)
        elif word.startswith("-"):
            at += 1
        else:
            return Started(runner, _relative(word), arguments=tuple(words[at + 1 :]))
    return Started(runner)


def _read_module(runner: str, module: str, rest: list[str]) -> Started:
    if module in _DISTRIBUTED:
        return _read_launcher(module, rest)
    if module in {"papermill", "jupyter", "streamlit", "nbconvert"}:
        return _read_program(module, [module, *rest])
    if module in {
        "coverage",
        "kernprof",
        "cProfile",
        "pdb",
        "memory_profiler",
        "scalene",
        "torch.utils.bottleneck",
        "ipdb",
    }:
        inner = rest[1:] if rest[:1] == ["run"] else rest
        return _read_python(runner, _after_options(inner, frozenset({"-o", "-s", "--source"})))
    return Started(runner, module=module, arguments=tuple(rest))


def _read_launcher(program: str, words: list[str]) -> Started:
    """The options of launchers are many: the script is the first word that looks like one."""
    runner = {"torch.distributed.launch": "torchrun", "torch.distributed.run": "torchrun"}.get(
        program, program.split(".", maxsplit=1)[0]
    )
    for at, word in enumerate(words):
        if word in {"-m", "--module"} and at + 1 < len(words):
            return Started(runner, module=words[at + 1], arguments=tuple(words[at + 2 :]))
        if word.endswith(".py"):
            return Started(runner, _relative(word), arguments=tuple(words[at + 1 :]))
    return Started(runner)


def _relative(script: str) -> str:
    """A script's path without what only the shell knows: `$ROOT/train.py` is `train.py`."""
    script = script.replace("\\", "/")
    if "$" in script:
        script = re.sub(r"^.*\$(?:\w+|\{[^}]*\}|\([^)]*\))/?", "", script)
    return script.removeprefix("./")


def _after(words: list[str], word: str) -> tuple[str, ...]:
    return tuple(words[words.index(word) + 1 :]) if word in words else ()
