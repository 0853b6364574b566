"""`repro-gui --self-test`: tries every part of this installation on an example of its own, and says what works.

Nothing of the person's is read or written: settings, history and caches of the trial are in a temporary folder that is removed
at the end. Nothing is asked on the network.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from repro_gui import __version__
from repro_gui.checks.check import Pillar
from repro_gui.checks.find_checks import all_checks
from repro_gui.errors import ReproGuiError
from repro_gui.facts.tree import TreeEntry
from repro_gui.logs import fault_text
from repro_gui.processes import Finished, ProgramLimits, find_program, own_command, run_program
from repro_gui.resource_files import list_resources
from repro_gui.text import neutralise, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FINE, _BROKEN = 0, 3
_HEADINGS = ("## Why it matters", "## How to fix it", "## When to leave it", "## References")
_LIMITS = ProgramLimits(seconds=300)
_SUMMARISED_FILES = 64


class NotHere(ReproGuiError):
    """Something of the system that Repro GUI can do without is missing; what stays possible is said."""


class Broken(Exception):
    """A part of the installation does not do what it should."""


def run_self_test(arguments: Sequence[str], say: Callable[[str], None]) -> int:
    """Try every part, or those named, and say a line for each; 3 when one is broken, 0 else."""
    if list(arguments[:1]) == ["windows"] and len(arguments) > 1:
        # A process of its own: started by `_try_windows`, with a screen that nobody sees.
        from repro_gui.ui.try_windows import try_windows

        say(json.dumps(try_windows(*arguments[1:])))
        return _FINE
    unknown = [name for name in arguments if name not in _TRIALS]
    if unknown:
        say(f"repro-gui: there is no part {', '.join(unknown)}; those there are: {', '.join(_TRIALS)}")
        return 2
    say(f"Repro GUI {__version__}, {sys.platform}, {'built program' if getattr(sys, 'frozen', False) else 'Python'}")
    broken = 0
    with tempfile.TemporaryDirectory(prefix="repro-gui-self-test-", ignore_cleanup_errors=True) as name:
        trial = _Trial(Path(name))
        for part in arguments or _TRIALS:
            try:
                line = f"works    {part:<13} {_TRIALS[part](trial)}"
            except NotHere as missing:
                line = f"missing  {part:<13} {missing.what} {missing.mend}"
            except (Broken, ReproGuiError) as failure:
                broken += 1
                line = f"BROKEN   {part:<13} {failure}"
            except Exception as fault:  # noqa: BLE001 -- whatever a damaged installation raises
                broken += 1
                line = f"BROKEN   {part:<13} {fault_text(fault)}"
            say("\n".join(neutralise(one) for one in line.splitlines()))
    say("Install Repro GUI again; if that does not help, report these lines." if broken else "Everything works.")
    return _BROKEN if broken else _FINE


class _Trial:
    """A folder with an example project and private homes for what the program keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.example = folder / "example"
        kinds = ("data", "config", "cache", "state")
        self.environment = {f"XDG_{kind.upper()}_HOME": str(folder / kind) for kind in kinds}
        # Windows asks the registry for these places, unless it is told otherwise.
        windows = ("LOCAL_APPDATA", "APPDATA", "COMMON_APPDATA", "DOCUMENTS")
        self.environment |= {f"WIN_PD_OVERRIDE_{kind}": str(folder / "data") for kind in windows}
        self.environment |= {"REPRO_GUI_SETTINGS": str(folder / "settings.ini"), "HOME": str(folder)}
        os.environ.update(self.environment)

    def run(self, *arguments: str, given: bytes = b"", may_end_with: tuple[int, ...] = (0,), **more: str) -> Finished:
        """Run this program again with other arguments; a code that was not expected is a broken part."""
        finished = run_program(
            own_command(*arguments),
            folder=self.folder,
            environment={**self.environment, **more},
            given=given,
            limits=_LIMITS,
        )
        if finished.code not in may_end_with:
            said = (finished.error_text or finished.output_text).strip()[-2000:]
            problem = f"`repro-gui {' '.join(arguments)}` ended with {finished.code}: {said}"
            raise Broken(problem)
        return finished

    def project(self) -> str:
        """The example, made when it is first asked for; without Git it lies in no repository."""
        if not self.example.exists():
            from repro_gui.apply.example import make_example

            make_example(self.example)
        return str(self.example)


# ---- the parts ----


def _try_explanations(_trial: _Trial) -> str:
    checks = all_checks()
    # Python drops docstrings under -OO, and with them the explanations: there is nothing then.
    silent = [check.id for check in checks if not all(heading in (check.explanation or "") for heading in _HEADINGS)]
    empty = [pillar.value for pillar in Pillar if not any(check.pillar is pillar for check in checks)]
    if silent or not checks:
        problem = f"checks without their explanation: {', '.join(silent) or 'all'}"
        raise Broken(problem)
    return f"{len(checks)} checks, each with its explanation" + (f" (none yet: {', '.join(empty)})" if empty else "")


def _try_resources(_trial: _Trial) -> str:
    from repro_gui.knowledge import load_knowledge

    knowledge = load_knowledge()
    return f"{len(knowledge.checklists)} checklists, {len(list_resources('knowledge'))} files of knowledge"


def _try_git(_trial: _Trial) -> str:
    if not _has_git():
        raise NotHere(
            text("Git is not installed."),
            text("Code is not judged and nothing is committed until it is; everything else works."),
        )
    return run_program(["git", "--version"], folder=Path.cwd(), limits=_LIMITS).require_success().output_text.strip()


def _try_worker(trial: _Trial) -> str:
    from repro_gui.worker.messages import CancelledEnd, Hello, Recognise, Recognised, decode_reply, encode_line

    asked = encode_line(Recognise(number=1, root=trial.project()))
    replies = [decode_reply(line) for line in trial.run("worker", "reader", given=asked).output.splitlines()]
    if not replies or not isinstance(replies[0], Hello) or replies[0].version != __version__:
        problem = f"the worker does not greet as version {__version__}"
        raise Broken(problem)
    # Nobody waits behind the end of our line, so what it was asked for is done or stopped; `windows` waits for answers.
    if not any(isinstance(reply, Recognised | CancelledEnd) for reply in replies):
        problem = f"the worker did not end its request: {replies}"
        raise Broken(problem)
    return f"greets as {replies[0].version}, takes a request and ends"


def _try_beside(_trial: _Trial) -> str:
    from repro_gui.facts.settings import Limits
    from repro_gui.gather.beside import summarise_beside

    source = b"import random\nrandom.random()\n" * 200
    items = [(TreeEntry(f"part{number}.py", len(source)), source) for number in range(_SUMMARISED_FILES)]
    with summarise_beside(Limits()) as beside:
        made = beside.summarise(items, lambda _done: None)
        # A process that could not begin ends at once, and its work would be done here unnoticed.
        alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    if len(made) != _SUMMARISED_FILES or not alive:
        problem = f"{len(alive)} processes read sources, {len(made)} of {_SUMMARISED_FILES} were read"
        raise Broken(problem)
    return f"{len(alive)} processes read {len(made)} sources"


def _try_audit(trial: _Trial) -> str:
    report = json.loads(trial.run("audit", trial.project(), "--fail-on", "never", "--format", "json").output)
    outcomes = [result["outcome"] for result in report["results"]]
    broken = [result["check_id"] for result in report["results"] if "error" in str(result.get("why_not", "")).lower()]
    if broken or "failed" not in outcomes or "passed" not in outcomes:
        problem = f"the example was not judged as it should be: {', '.join(broken) or sorted(set(outcomes))}"
        raise Broken(problem)
    return f"{len(outcomes)} results for the example, {outcomes.count('failed')} of them faults"


def _try_exports(trial: _Trial) -> str:
    saved = trial.folder / "report.repro.json"
    trial.run("audit", trial.project(), "--fail-on", "never", "--format", "json", "--output", str(saved))
    sizes = []
    for name, beginning in (("pdf", b"%PDF-"), ("html", b"<!"), ("sarif", b"{"), ("markdown", b"#")):
        target = trial.folder / f"report.{name}"
        trial.run("report", str(saved), "--format", name, "--output", str(target))
        content = target.read_bytes()
        if not content.lstrip().startswith(beginning):
            problem = f"the {name} report is none"
            raise Broken(problem)
        sizes.append(f"{name} {len(content) / 1000:.0f} kB")
    return ", ".join(sizes)


def _try_edits(trial: _Trial) -> str:
    root = trial.project()
    sources = {path: path.read_bytes() for path in trial.example.glob("*.py")}
    trial.run("fix", root, "unseeded-library", "unpinned-split", "--yes", may_end_with=(0, 1))
    changed = [path for path, content in sources.items() if path.read_bytes() != content]
    for path in changed:
        compile(path.read_bytes(), path.name, "exec")
    trial.run("undo", root)
    left = [path.name for path, content in sources.items() if path.read_bytes() != content]
    if len(changed) < 2 or left:
        problem = f"{len(changed)} sources were mended; after undo these differ: {', '.join(left) or 'none'}"
        raise Broken(problem)
    return f"{len(changed)} sources mended and brought back"


def _try_dvc(trial: _Trial) -> str:
    root = trial.project()
    if not _has_git():
        raise NotHere(text("Putting data under DVC was not tried."), text("It needs Git."))
    data = trial.example / "data" / "measurements.csv"
    before = data.read_bytes()
    trial.run("fix", root, "unversioned-data", "--yes", "--trust", may_end_with=(0, 1))
    record = data.with_name(f"{data.name}.dvc")
    if not record.exists():
        problem = "DVC wrote no record of the data"
        raise Broken(problem)
    trial.run("undo", root)
    if record.exists() or data.read_bytes() != before:
        problem = "undo did not bring the data back"
        raise Broken(problem)
    return "data put under version control and taken back"


def _try_uv(trial: _Trial) -> str:
    version = run_program(["uv", "--version"], folder=trial.folder, limits=_LIMITS).require_success()
    # Reads a requirements file and writes a lock; an empty one needs no index.
    (trial.folder / "requirements.in").write_text("", encoding="utf-8")
    compile_nothing = ["uv", "pip", "compile", "--offline", "--no-config", "--quiet", "requirements.in"]
    finished = run_program([*compile_nothing, *_python_for_uv()], folder=trial.folder, limits=_LIMITS)
    if finished.code and "interpreter" in finished.error_text:
        raise NotHere(
            text("{version} works, but no Python is installed.", version=version.output_text.strip()),
            text("Locks with hashes need one; everything else works."),
        )
    finished.require_success()
    return version.output_text.strip()


def _python_for_uv() -> list[str]:
    return [] if getattr(sys, "frozen", False) else ["--python", sys.executable]


def _try_gpu(_trial: _Trial) -> str:
    from repro_gui.gather.machine import read_gpus

    gpus, driver, _, reason = read_gpus()
    return str(reason) if reason is not None else f"{len(gpus)} GPUs, driver {driver}"


def _try_probe(trial: _Trial) -> str:
    from repro_gui.probe.run import battery_file

    packed = battery_file()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        parts = archive.namelist()
        for name in parts:
            compile(archive.read(name), name, "exec")
    python = shutil.which("python3") or shutil.which("python")
    if getattr(sys, "frozen", False) is False:
        python = sys.executable
    if python is None:
        raise NotHere(
            text("The battery is here ({count} parts), but no Python to run it.", count=len(parts)),
            text("The probe runs in the Python of your project, with torch; everything else works."),
        )
    battery = trial.folder / "battery.pyz"
    battery.write_bytes(packed)
    listed = run_program([python, "-I", str(battery), "--device", "cpu", "--list"], folder=trial.folder, limits=_LIMITS)
    cases = listed.require_success().output_text.count('"listed"')
    if not cases:
        problem = "the battery lists no case"
        raise Broken(problem)
    return f"{len(parts)} parts, {cases} cases for the CPU"


def _try_windows(trial: _Trial) -> str:
    saved = trial.folder / "report.pdf"
    trial.run("audit", trial.project(), "--fail-on", "never", "--format", "pdf", "--output", str(saved))
    arguments = ("--self-test", "windows", trial.project(), str(saved))
    said = trial.run(*arguments, QT_QPA_PLATFORM="offscreen", LC_ALL="C.UTF-8").output_text.splitlines()
    seen = json.loads(said[-1]) if said else {}
    if not seen or seen["problems"]:
        raise Broken(", ".join(seen.get("problems", ["the windows said nothing"])))
    return str(seen["summary"])


def _has_git() -> bool:
    try:
        find_program("git")
    except ReproGuiError:
        return False
    return True


_TRIALS: dict[str, Callable[[_Trial], str]] = {
    "explanations": _try_explanations,
    "resources": _try_resources,
    "git": _try_git,
    "worker": _try_worker,
    "beside": _try_beside,
    "audit": _try_audit,
    "exports": _try_exports,
    "edits": _try_edits,
    "dvc": _try_dvc,
    "uv": _try_uv,
    "gpu": _try_gpu,
    "probe": _try_probe,
    "windows": _try_windows,
}
