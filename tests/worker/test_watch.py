"""Edits are noticed, also where the system gives no watch."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from repro_gui.errors import ProjectUnreadable
from repro_gui.worker import watch as module
from repro_gui.worker.messages import FilesChanged, Reply, Watch
from repro_gui.worker.watch import watch


class Watching:
    """A watch in a thread of its own."""

    def __init__(self, root: Path) -> None:
        self.stop = threading.Event()
        self.told: list[str] = []
        self.error: ProjectUnreadable | None = None
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(root,))
        self._thread.start()

    def _run(self, root: Path) -> None:
        try:
            watch(Watch(number=1, root=str(root)), self.stop, self._hear)
        except ProjectUnreadable as error:
            self.error = error
            self._heard.set()

    def _hear(self, reply: Reply) -> None:
        assert isinstance(reply, FilesChanged)
        self.told += reply.paths
        self._heard.set()

    def until_heard(self, change: Callable[[], object]) -> list[str]:
        """Do it again and again until it is heard: nobody tells when a watch has begun."""
        self.told.clear()
        self._heard.clear()
        for _turn in range(60):
            change()
            if self._heard.wait(1):
                break
        return self.told

    def end(self) -> None:
        self.stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("can_watch", [True, False])
def test_edits_are_told_and_what_is_no_answer_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_watch: bool
) -> None:
    if not can_watch:

        def refuse(*_: object, **__: object) -> None:
            raise OSError("no space left on device: the limit of inotify watches was reached")

        monkeypatch.setattr(module, "watch_folder", refuse)
        monkeypatch.setattr(module, "_LOOK_MS", 50)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("a")
    watching = Watching(tmp_path)
    try:
        count = 0

        def edit() -> None:
            nonlocal count
            count += 1
            (tmp_path / "src/train.py").write_text("x" * count)
            (tmp_path / "__pycache__").mkdir(exist_ok=True)
            (tmp_path / "__pycache__/train.pyc").write_text("x" * count)

        assert set(watching.until_heard(edit)) == {"src/train.py"}
    finally:
        watching.end()


def test_names_that_are_no_unicode_do_not_end_it(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")
    Path(name).write_text("a")
    watching = Watching(tmp_path)
    count = 0

    def edit() -> None:
        nonlocal count
        count += 1
        Path(name).write_text("x" * count)

    try:
        assert "caf\\xe9.py" in watching.until_heard(edit)
    finally:
        watching.end()


@pytest.mark.parametrize("name", [b"plain.py", b"caf\xe9.py"])
def test_a_folder_that_vanishes_is_said(tmp_path: Path, name: bytes) -> None:
    root = tmp_path / "project"
    root.mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text("a")
    watching = Watching(root)
    watching.until_heard(lambda: root.exists() and root.rename(tmp_path / "gone"))
    watching.end()
    assert watching.error is not None
    assert "not there any more" in str(watching.error)
