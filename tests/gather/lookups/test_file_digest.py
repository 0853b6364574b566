"""Digests of files of the project, as a fix asks for them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from repro_gui.errors import Cancelled
from repro_gui.facts.lookup import FileDigest
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.lookups.file_digest import digest_of_file
from repro_gui.progress import NoProgress, Progress
from repro_gui.text import Text


def test_digests_and_what_has_none(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.csv").write_bytes(b"x" * 20_000_000)
    (tmp_path / "outside.csv").write_bytes(b"secret")
    (tmp_path / "p" / "link.csv").symlink_to(tmp_path / "outside.csv")
    os.mkfifo(tmp_path / "p" / "pipe.csv")
    with ProjectFiles(tmp_path / "p") as opened:
        for algorithm in ("sha256", "md5"):
            expected = hashlib.new(algorithm, b"x" * 20_000_000, usedforsecurity=False).hexdigest()
            assert digest_of_file(FileDigest("a.csv", algorithm), opened, NoProgress()) == expected
        for path in ("link.csv", "pipe.csv", "nowhere.csv", "../outside.csv"):
            assert isinstance(digest_of_file(FileDigest(path), opened, NoProgress()), Unavailable)


class _Cancelling(Progress):
    def __init__(self) -> None:
        self.steps = 0

    def step(self, what: Text, done: int = 0, total: int = 0) -> None:
        self.steps += 1
        if done:
            raise Cancelled


def test_a_cancel_is_heard_between_pieces(tmp_path: Path) -> None:
    with (tmp_path / "big.bin").open("wb") as file:
        file.truncate(50 * 1024**3)
    progress = _Cancelling()
    with ProjectFiles(tmp_path) as opened, pytest.raises(Cancelled):
        digest_of_file(FileDigest("big.bin"), opened, progress)
    assert progress.steps == 2
