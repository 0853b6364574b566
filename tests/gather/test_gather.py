"""A snapshot of whatever lies in a folder: each gatherer on its own feet, the rest goes on."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from repro_gui.audit.audit import audit
from repro_gui.audit.report import report_from_json
from repro_gui.errors import Cancelled, ProjectUnreadable
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather import files, gather
from repro_gui.gather.cache import Cache
from repro_gui.gather.gather import gather_snapshot
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from repro_gui.text import Text
from tests.git_repositories import make_repository, write_files

PROJECT: dict[str, str | bytes] = {
    "train.py": "import torch\nimport model\n",
    "model.py": "layers = 3\n",
    "nb.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "conf/a.yaml": "lr: 1\n",
    "requirements.txt": "torch==2.3.1\n",
    "Dockerfile": "FROM python:3.11\n",
    "README.md": "# x\n\n    python train.py\n",
    "data/train.csv": "a,b\n1,2\n",
}


def faults(snapshot: ProjectSnapshot) -> dict[str, str]:
    """Fields that a broken gatherer left empty."""
    found = {field: getattr(snapshot, field) for field in snapshot.__struct_fields__}
    return {name: str(value.reason) for name, value in found.items() if isinstance(value, Unavailable)}


def without_times(snapshot: ProjectSnapshot) -> ProjectSnapshot:
    assert not isinstance(snapshot.tree, Unavailable)
    entries = tuple(msgspec.structs.replace(entry, mtime_ns=0, ctime_ns=0, inode=0) for entry in snapshot.tree.entries)
    return msgspec.structs.replace(snapshot, tree=msgspec.structs.replace(snapshot.tree, entries=entries))


def test_everything_is_there(tmp_path: Path) -> None:
    snapshot = gather_snapshot(make_repository(tmp_path / "project", PROJECT))
    assert faults(snapshot) == {}
    assert snapshot.name == "project"
    assert isinstance(snapshot.git, GitState)


def test_two_copies_of_a_project_give_the_same_facts(tmp_path: Path) -> None:
    write_files(tmp_path / "a/project", PROJECT)
    shutil.copytree(tmp_path / "a/project", tmp_path / "b/project")
    first, second = (without_times(gather_snapshot(tmp_path / name / "project")) for name in "ab")
    for field in ("tree", "git", "sources", "notebooks", "configs", "launchers", "data_files", "tracking"):
        assert getattr(first, field) == getattr(second, field), field


def test_a_gatherer_that_breaks_costs_its_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from repro_gui.gather import notebooks

    def broken(*_arguments: object) -> None:
        message = "no such\nluck"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(notebooks, "gather_notebooks", broken)
    snapshot = gather_snapshot(make_repository(tmp_path / "project", PROJECT))
    assert faults(snapshot) == {"notebooks": "Reading the notebooks failed: ZeroDivisionError: no such\\nluck."}


class Recorder:
    """A progress that writes down what it hears."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []

    def step(self, what: Text, done: int, total: int) -> None:
        self.steps.append((str(what), done, total))


def test_progress_counts_files(tmp_path: Path) -> None:
    recorder = Recorder()
    gather_snapshot(make_repository(tmp_path / "project", PROJECT), progress=recorder)
    whats = {what for what, _, _ in recorder.steps}
    assert {"Listing files", "Reading Git"} <= whats
    assert len(whats) >= 4
    assert all(0 <= done <= total or total == 0 for _, done, total in recorder.steps)


def test_a_cancel_at_any_step_ends_the_gathering(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", PROJECT)
    recorder = Recorder()
    gather_snapshot(project, progress=recorder)

    class CancelAt:
        def __init__(self, count: int) -> None:
            self.left = count
            self.lock = threading.Lock()

        def step(self, _what: Text, _done: int, _total: int) -> None:
            with self.lock:
                self.left -= 1
                if self.left < 0:
                    raise Cancelled

    for count in range(len(recorder.steps)):
        with pytest.raises(Cancelled):
            gather_snapshot(project, progress=CancelAt(count))
    deadline = time.monotonic() + 20
    while any(thread.name == "gather-git" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "gather-git"]


def test_a_project_that_vanishes_in_the_middle(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", PROJECT)

    class Remover:
        def step(self, what: Text, _done: int, _total: int) -> None:
            if str(what) != "Listing files":
                shutil.rmtree(project, ignore_errors=True)

    with pytest.raises(ProjectUnreadable, match="vanished"):
        gather_snapshot(project, progress=Remover())


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_no_folder_is_a_sentence(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProjectUnreadable) as raised:
        gather_snapshot(tmp_path / kind)
    assert str(raised.value.mend)


def test_an_empty_folder_is_a_project(tmp_path: Path) -> None:
    snapshot = gather_snapshot(tmp_path)
    assert faults(snapshot) == {}
    assert isinstance(snapshot.git, NoRepository)


def test_bad_files_of_every_kind_break_nothing(tmp_path: Path) -> None:
    bomb = "".join(
        f"{chr(97 + n)}: &{chr(97 + n)} [{', '.join(['*' + chr(96 + n)] * 9) if n else 'x'}]\n" for n in range(9)
    )
    bad: dict[str, str | bytes] = {
        "empty.py": b"",
        "junk.py": bytes(range(256)) * 100,
        "nul.py": b"x = 1\0\n",
        "python2.py": b"print 'x'\nexec 'y'\n",
        "latin.py": b"# caf\xe9\nx = '\xe9'\n",
        "coding.py": b"# -*- coding: no-such-thing -*-\nx = 1\n",
        "utf16.py": "x = 1\n".encode("utf-16"),
        "deep.py": b"x = " + b"(" * 5_000 + b")" * 5_000,
        "deeper.py": b"x = " + b"-" * 50_000 + b"1",
        "long.py": b"x = '" + b"a" * 2_000_000 + b"'",
        "half.ipynb": b'{"cells": [{"cell_type": "code", "sou',
        "array.ipynb": b"[1, 2]",
        "deep.ipynb": b"[" * 100_000,
        "empty.ipynb": b"",
        "bomb.yaml": bomb,
        "deep.yaml": "[" * 20_000,
        "tabs.yaml": "a:\n\tb: 1\n",
        "object.yaml": "!!python/object/apply:os.system ['true']\n",
        "deep.json": "[" * 100_000,
        "huge_number.json": '{"a": ' + "9" * 10_000 + "}",
        "requirements.txt": "torch>=2\n".encode("utf-16"),
        "requirements/loop.txt": "-r loop.txt\n-r ../../outside.txt\n",
        "pyproject.toml": b"[project\nname = ",
        "setup.py": b"import os; os.abort()\n",
        "environment.yml": "dependencies:\n  - 3\n  - {pip: 4}\n",
        "Pipfile.lock": "{",
        "Dockerfile": b"FROM\nRUN \\\n",
        "dvc.yaml": "stages: {a: 3}\n",
        "data.csv.dvc": "outs:\n- md5: 3\n  path: ../../etc/passwd\n",
        "Makefile": b"\xff\xfe\x00train:\n\tpython $(X\n",
        "README.md": b"\xff\xfe" + b"```\n" * 1_000,
        "mlruns/0/meta.yaml": "a: [",
        "wandb/run-1/files/wandb-metadata.json": "{",
        "mlflow.db": b"SQLite format 3\0" + b"\xff" * 5_000,
        "MLproject": "- 1\n",
        "new\nline.py": "import torch\n",
        "\x1b]0;title\x07.py": "import torch\n",
    }
    write_files(tmp_path / "project", bad)
    (tmp_path / "project" / os.fsdecode(b"\xff\xfe.py")).write_text("import torch\n")
    with (tmp_path / "project/huge.py").open("wb") as huge:
        huge.truncate(2 * 1024**3)
    with (tmp_path / "project/huge.ipynb").open("wb") as huge:
        huge.truncate(2 * 1024**3)
    os.mkfifo(tmp_path / "project/pipe.yaml")
    (tmp_path / "project/loop.py").symlink_to("loop.py")
    (tmp_path / "project/out.yaml").symlink_to("/etc/passwd")
    make_repository(tmp_path / "project")
    snapshot = gather_snapshot(tmp_path / "project")
    assert faults(snapshot) == {}
    report = audit(snapshot, load_knowledge(), dt.datetime(2024, 5, 1, tzinfo=dt.UTC), NoProgress())
    assert [result.why_not for result in report.results if "broke" in str(result.why_not)] == []
    assert report_from_json(report.to_json()) == report
    said = report.to_json().decode()
    assert "\\\\xff\\\\xfe.py" in said


def test_a_second_reading_opens_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_repository(tmp_path / "project", PROJECT)
    time.sleep(0.06)  # past the tick in which a file may change unseen
    with Cache(tmp_path / "cache", str(project)) as cache:
        first = gather_snapshot(project, cache=cache)
    opened: list[str] = []
    real = files.FoldersByDescriptor.open_file

    def noting(self: files.FoldersByDescriptor, path: str) -> int:
        opened.append(path)
        return real(self, path)

    monkeypatch.setattr(files.FoldersByDescriptor, "open_file", noting)
    with Cache(tmp_path / "cache", str(project)) as cache:
        second = gather_snapshot(project, cache=cache)
    assert first == second
    assert not {"train.py", "model.py", "nb.ipynb", "conf/a.yaml"} & set(opened)
    (project / "model.py").write_text("layers = 4\n")
    with Cache(tmp_path / "cache", str(project)) as cache:
        third = gather_snapshot(project, cache=cache)
    assert third.sources != first.sources
    assert {"model.py"} == {"train.py", "model.py", "nb.ipynb", "conf/a.yaml"} & set(opened)


def test_the_limit_of_files_is_told(tmp_path: Path) -> None:
    write_files(tmp_path / "project", PROJECT)
    snapshot = gather_snapshot(tmp_path / "project", Settings(limits=Limits(files=2)))
    assert not isinstance(snapshot.tree, Unavailable)
    assert snapshot.tree.left_out


def test_git_is_not_imported_for_a_project_without_a_repository(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys\nfrom repro_gui.gather.gather import gather_snapshot\n"
        "if __name__ == '__main__':\n    gather_snapshot(sys.argv[1])\n"
        "    print(sorted({'git', 'dvc', 'torch', 'typst', 'PySide6', 'libcst'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=Path(gather.__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
