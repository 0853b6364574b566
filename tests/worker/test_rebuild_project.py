"""A real runner that rebuilds with a real uv: parts, end, cancel, and what is left when its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from repro_gui.facts.rebuild import Rebuild, RebuildState
from repro_gui.own_folders import rebuild_file
from repro_gui.trust import remember_trust
from repro_gui.worker.messages import (
    CancelledEnd,
    ReadRebuild,
    RebuildEnvironment,
    RebuildSaid,
    Rebuilt,
    Refusal,
    Reply,
    Step,
)
from tests.gather.test_environment import make_wheel
from tests.worker.reader_process import ReaderProcess


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels, "zz-leaf", "1.0", package="zz_leaf")
    make_wheel(wheels, "zz-sleeps", "1.0", package="zz_sleeps", code="import time\ntime.sleep(600)\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for name, value in (("UV_FIND_LINKS", wheels), ("UV_CACHE_DIR", tmp_path / "cache"), ("TMPDIR", temporary)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("UV_OFFLINE", "1")
    root = tmp_path / "project"
    root.mkdir()
    (root / ".python-version").write_text(".".join(map(str, sys.version_info[:3])) + "\n")
    (root / "requirements.txt").write_text("zz-leaf==1.0\n")
    (root / "train.py").write_text("import zz_leaf\n")
    remember_trust(root)
    return root


def sleeping(project: Path) -> None:
    (project / "requirements.txt").write_text("zz-sleeps\n")
    (project / "train.py").write_text("import zz_sleeps\n")


def rebuild_of(end: Reply) -> Rebuild:
    assert isinstance(end, Rebuilt), end
    return msgspec.json.decode(Path(end.rebuild).read_bytes(), type=Rebuild)


def folders(project: Path) -> list[Path]:
    return list((project.parent / "temporary").glob("repro-gui-rebuild-*"))


def wait_for_the_import(runner: ReaderProcess) -> None:
    while True:
        reply = runner.next()
        assert isinstance(reply, Step | RebuildSaid), reply
        if isinstance(reply, Step) and "zz_sleeps" in str(reply.what):
            return


def test_a_rebuild_says_what_it_does_and_is_kept(project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        number = runner.send(lambda number: RebuildEnvironment(number=number, root=str(project)))
        parts, end = runner.until_end(number)
        rebuild = rebuild_of(end)
        again = runner.ask(lambda number: RebuildEnvironment(number=number, root=str(project)))
    assert isinstance(again, Refusal)
    assert again.kind == "NotForRunners"
    assert rebuild.state is RebuildState.PASSED
    assert " + zz-leaf==1.0" in [part.line for part in parts if isinstance(part, RebuildSaid)]
    assert {part.total for part in parts if isinstance(part, Step) and "Importing" in str(part.what)} == {1}
    assert folders(project) == []
    with ReaderProcess(tmp_path) as reader:
        assert rebuild_of(reader.ask(lambda number: ReadRebuild(number=number, root=str(project)))) == rebuild
        (project / "requirements.txt").write_text("zz-leaf\n")
        later = rebuild_of(reader.ask(lambda number: ReadRebuild(number=number, root=str(project))))
        assert later.changed == ("requirements.txt",)


def test_the_reader_does_not_run_it(project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path) as reader:
        assert rebuild_of(reader.ask(lambda number: ReadRebuild(number=number, root=str(project)))) == Rebuild()
        end = reader.ask(lambda number: RebuildEnvironment(number=number, root=str(project)))
    assert not isinstance(end, Rebuilt)
    assert not rebuild_file(project).exists()


def test_cancel_ends_the_whole_tree_and_removes_the_folder(project: Path, tmp_path: Path) -> None:
    sleeping(project)
    with ReaderProcess(tmp_path, "runner") as runner:
        number = runner.send(lambda number: RebuildEnvironment(number=number, root=str(project)))
        wait_for_the_import(runner)
        tree = psutil.Process(runner.process.pid).children(recursive=True)
        assert tree
        assert folders(project)
        runner.cancel(number)
        _parts, end = runner.until_end(number)
        assert isinstance(end, CancelledEnd)
        assert [member for member in tree if member.is_running()] == []
        assert folders(project) == []
    assert not rebuild_file(project).exists()


def test_nothing_survives_the_end_of_the_input(project: Path, tmp_path: Path) -> None:
    sleeping(project)
    with ReaderProcess(tmp_path, "runner") as runner:
        runner.send(lambda number: RebuildEnvironment(number=number, root=str(project)))
        wait_for_the_import(runner)
        tree = psutil.Process(runner.process.pid).children(recursive=True)
        assert runner.process.stdin is not None
        runner.process.stdin.close()
        runner.process.wait(30)
        assert [member for member in tree if member.is_running()] == []
    assert folders(project) == []


def test_without_trust_it_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "stranger"
    root.mkdir()
    (root / "requirements.txt").write_text("zz-leaf\n")
    with ReaderProcess(tmp_path, "runner") as runner:
        end = runner.ask(lambda number: RebuildEnvironment(number=number, root=str(root)))
    assert isinstance(end, Refusal)
    assert end.kind == "NeedsTrust"
