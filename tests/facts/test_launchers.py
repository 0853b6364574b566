"""Commands in READMEs, Makefiles, shell scripts, MLproject, dvc.yaml, packaging, Dockerfiles and CI."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.command_lines import Started, read_command
from repro_gui.facts.launchers import LaunchCommand, Launchers, launcher_kind, read_launchers


def commands(path: str, content: str) -> list[LaunchCommand]:
    file = read_launchers(path, content.encode())
    assert file.not_read is None, str(file.not_read)
    return list(file.commands)


def started(path: str, content: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.line, one.script or one.module, one.arguments) for one in commands(path, content) if one.starts_python]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python train.py --seed 1", Started("python", "train.py", "", ("--seed", "1"))),
        ("python3.11 -u -W ignore ./src/train.py", Started("python", "src/train.py")),
        ("/opt/venv/bin/python train.py", Started("python", "train.py")),
        ("python -m pkg.train a", Started("python", "", "pkg.train", ("a",))),
        ("python -c 'import x'", Started("python")),
        ("python -", Started("python")),
        ("A=1 B=2 python t.py", Started("python", "t.py")),
        ("torchrun --nproc_per_node 4 --master_port=1 t.py -x", Started("torchrun", "t.py", "", ("-x",))),
        ("python -m torch.distributed.launch --nproc_per_node=2 t.py", Started("torchrun", "t.py")),
        ("accelerate launch --mixed_precision fp16 t.py --lr 1", Started("accelerate", "t.py", "", ("--lr", "1"))),
        ("accelerate launch -m pkg.t", Started("accelerate", "", "pkg.t")),
        ("deepspeed --num_gpus 2 t.py", Started("deepspeed", "t.py")),
        ("mpirun -np 4 python t.py", Started("python", "t.py")),
        ("srun -n 1 --gres=gpu:1 python t.py", Started("python", "t.py")),
        ("nohup timeout -k 5 60 python t.py", Started("python", "t.py")),
        ("uv run --with numpy python t.py", Started("python", "t.py")),
        ("uv run t.py", Started("python", "t.py")),
        ("poetry run python -m a", Started("python", "", "a")),
        ("conda run -n env python t.py", Started("python", "t.py")),
        ("coverage run t.py", Started("python", "t.py")),
        ("python -m cProfile -o out t.py", Started("python", "t.py")),
        ("papermill a.ipynb b.ipynb -p seed 1", Started("papermill", "a.ipynb", "", ("b.ipynb", "-p", "seed", "1"))),
        ("jupyter nbconvert --to notebook --execute a.ipynb", Started("nbconvert", "a.ipynb")),
        ("jupyter nbconvert --to html a.ipynb", Started("jupyter")),
        ("train.py", Started()),
        ("./train.py --x", Started("python", "train.py", "", ("--x",))),
        ("python $ROOT/train.py", Started("python", "train.py")),
        ("python ${DIR}/sub/train.py", Started("python", "sub/train.py")),
        ("make train", Started("make", "", "", ("train",))),
        ("dvc repro", Started("dvc", "", "", ("repro",))),
        ("ls -l", Started()),
        ("", Started()),
        ("sudo", Started()),
    ],
)
def test_what_a_command_starts(line: str, expected: Started) -> None:
    assert read_command(line.replace("'", "").split()) == expected


def test_readme() -> None:
    found = started(
        "README.md",
        """# Title
Train with `python inline.py --x 1`, not `x`.

```bash
# comment
$ git clone x
$ python train.py \\
    --lr 0.1 && python evaluate.py
cd sub
python inner.py > log.txt 2>&1
```
```python
python("no.py")
```
~~~console
(env) user@host:~$ python shown.py
~~~
    python indented.py

* in a list
  ```sh
  python listed.py
  ```
""",
    )
    assert found == [
        (2, "inline.py", ("--x", "1")), (7, "train.py", ("--lr", "0.1")), (7, "evaluate.py", ()), (10, "sub/inner.py", ()),
        (16, "shown.py", ()), (18, "indented.py", ()), (22, "listed.py", ()),
    ]  # fmt: skip


def test_makefile() -> None:
    lines = [
        "PY ?= python3", "ARGS := --x 1", ".PHONY: train", "train: data.csv", "\t@$(PY) train.py $(ARGS) $(UNKNOWN)", "\techo done",
        "all:", "\tcd a && python b.py", "\tpython c.py",
    ]  # fmt: skip
    found = commands("Makefile", "\n".join(lines))
    assert [(one.name, one.line, one.script, one.arguments) for one in found] == [
        ("train", 5, "train.py", ("--x", "1", "$UNKNOWN")), ("all", 8, "a/b.py", ()), ("all", 9, "c.py", ()),
    ]  # fmt: skip


def test_shell() -> None:
    found = started(
        "run.sh",
        """#!/bin/bash
#SBATCH --gres=gpu:1
export SCRIPT="main.py"
OUT=logs/${SLURM_JOB_ID}
if [ -z "$1" ]; then
  srun python $SCRIPT --seed ${2:-3} --out $OUT | tee log &
fi
for s in 1 2 3; do CUDA_VISIBLE_DEVICES=0 python train.py --seed $s; done
cat <<EOF
python no.py
EOF
python - <<'PY'
import no
PY
python last.py
""",
    )
    assert found == [
        (6, "main.py", ("--seed", "3", "--out", "$OUT")), (8, "train.py", ("--seed", "$s")), (15, "last.py", ()),
    ]  # fmt: skip


def test_mlproject_and_dvc() -> None:
    content = 'name: x\nentry_points:\n  main:\n    parameters:\n      a: 1\n    command: "python train.py {a}"\n'
    (main,) = commands("MLproject", content)
    assert (main.name, main.line, main.script, main.kind) == ("main", 6, "train.py", "mlproject")
    found = commands(
        "dvc.yaml",
        "stages:\n  prepare:\n    cmd: python prepare.py\n  train:\n    wdir: src\n    cmd:\n      - python train.py\n"
        "  each:\n    foreach: [1]\n    do:\n      cmd: >-\n        python\n        each.py ${item}\n",
    )
    assert [(one.name, one.script) for one in found] == [
        ("prepare", "prepare.py"), ("train", "src/train.py"), ("each", "each.py"),
    ]  # fmt: skip


def test_console_scripts() -> None:
    (one,) = commands("pyproject.toml", '[project]\nname = "x"\n[project.scripts]\ntrain = "pkg.cli:main"\n')
    assert (one.name, one.module, one.function, one.line) == ("train", "pkg.cli", "main", 4)
    (two,) = commands("pyproject.toml", '[tool.poetry.scripts]\ntrain = "pkg.cli:App.run"\n')
    assert (two.module, two.function) == ("pkg.cli", "App.run")
    content = "[options.entry_points]\nconsole_scripts =\n    go = a.b:c\nother =\n    no = x:y\n"
    (three,) = commands("setup.cfg", content)
    assert (three.name, three.line) == ("go", 3)
    (four,) = commands("setup.py", "setup(entry_points={'console_scripts': ['go=a.b:c']})\n")
    assert four.module == "a.b"


def test_dockerfile_and_ci() -> None:
    docker = 'FROM a\nRUN python prepare.py\nCMD ["x"]\nFROM b\nENTRYPOINT ["python"]\nCMD ["train.py", "--x"]\n'
    assert started("Dockerfile", docker) == [(2, "prepare.py", ()), (5, "train.py", ("--x",))]
    assert started("Dockerfile", "FROM a\nCMD python train.py\n") == [(2, "train.py", ())]
    workflow = "jobs:\n  a:\n    steps:\n      - run: |\n          pip install x\n          python train.py\n"
    assert [one[1] for one in started(".github/workflows/ci.yml", workflow)] == ["train.py"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README", "readme"), ("docs/README.rst", "readme"), ("REPRODUCE.md", "readme"), ("readme.py", ""),
        ("PRETRAIN.md", "readme"), ("FINETUNE.md", "readme"), ("Evaluation.md", "readme"), ("constraint.md", ""), ("notes.md", ""),
        ("sub/Makefile", "makefile"), ("run.sbatch", "shell"), ("MLproject", "mlproject"), ("Dockerfile.gpu", "docker"), ("x.yml", ""),
        ("a/dvc.yaml", "dvc"), (".gitlab-ci.yml", "ci"), ("setup.py", "console-script"),
    ],
)  # fmt: skip
def test_which_files_hold_commands(path: str, kind: str) -> None:
    assert launcher_kind(path) == kind


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("dvc.yaml", b"a: [", "YAML"),
        ("MLproject", b"- 1", "mapping"),
        ("pyproject.toml", b"[", "TOML"),
        ("README.md", b"\0\1\2" * 50, "binary"),
        ("run.sh", b"x" * (1024 * 1024 + 1), "larger"),
    ],
)
def test_what_cannot_be_read_says_why(path: str, content: bytes, reason: str) -> None:
    file = read_launchers(path, content)
    assert file.not_read is not None
    assert reason in str(file.not_read)


def test_people_are_told_first() -> None:
    content = {
        ".gitlab-ci.yml": b"a: {script: [python c.py]}",
        "run.sh": b"python b.py",
        "README.md": b"```\npython a.py\n```",
        "x.txt": b"",
    }
    launchers = Launchers().after(content)
    assert [one.script for one in launchers.commands] == ["a.py", "b.py", "c.py"]
    assert [one.script for one in launchers.after({"run.sh": None}).commands] == ["a.py", "c.py"]


@given(
    st.text(alphabet=st.sampled_from("python train.py -m\n\t`$(){}\\'\"#&|;:=<>"), max_size=120),
    st.sampled_from(
        [
            "README.md",
            "Makefile",
            "run.sh",
            "MLproject",
            "dvc.yaml",
            "setup.cfg",
            "setup.py",
            "pyproject.toml",
            "Dockerfile",
        ]
    ),
)
def test_arbitrary_text_never_raises(content: str, path: str) -> None:
    read_launchers(path, content.encode())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("```python train.py```", ["train.py"]),
        ("  - ``` python train.py --a 1 ```", ["train.py"]),
        ("```python", []),
        ("```python train.py``` and more", []),
        ("``````", []),
    ],
)
def test_a_fence_closed_on_its_own_line(line: str, expected: list[str]) -> None:
    assert [one[1] for one in started("README.md", f"{line}\n")] == expected
