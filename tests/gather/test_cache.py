"""The cache is only ever a shortcut: right or silent."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from repro_gui.facts.settings import Limits
from repro_gui.facts.tree import FileTree, TreeEntry
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from tests.git_repositories import write_files


def entry_of(project: Path, path: str) -> TreeEntry:
    with ProjectFiles(project) as opened:
        return walk_tree(opened, Limits(), NoProgress()).by_path[path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_files(tmp_path, {"project/a.py": "1", "project/b.py": "1"})
    time.sleep(0.06)  # past the tick in which a file may change unseen
    return tmp_path / "project"


def test_a_file_is_known_by_its_identity_then_by_its_content(project: Path, tmp_path: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", entry) is None
        cache.keep("k/1", entry, b"1", b"made")
        assert cache.find("k/1", entry) == b"made"
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", entry) == b"made"
        assert cache.find("k/2", entry) is None
        copy = entry_of(project, "b.py")
        assert cache.find("k/1", copy) is None
        assert cache.find_content("k/1", copy, b"1") == b"made"
        assert cache.find("k/1", copy) == b"made"
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", copy) == b"made"


def test_a_changed_file_is_not_known(project: Path, tmp_path: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.keep("k/1", entry, b"1", b"made")
    (project / "a.py").write_text("2")
    os.utime(project / "a.py", ns=(entry.mtime_ns, entry.mtime_ns))
    with Cache(tmp_path / "cache", str(project)) as cache:
        # Same size, same mtime: the inode's own time tells.
        assert cache.find("k/1", entry_of(project, "a.py")) is None


def test_a_file_written_just_now_is_not_trusted(project: Path, tmp_path: Path) -> None:
    (project / "a.py").write_text("3")
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.keep("k/1", entry, b"3", b"made")
        assert cache.find("k/1", entry) is None
        assert cache.find_content("k/1", entry, b"3") == b"made"


def test_projects_do_not_see_each_others_identities(project: Path, tmp_path: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.keep("k/1", entry, b"1", b"made")
    with Cache(tmp_path / "cache", str(tmp_path)) as cache:
        assert cache.find("k/1", entry) is None
        assert cache.find_content("k/1", entry, b"1") == b"made"


@pytest.mark.parametrize("damage", ["garbage", "empty", "foreign", "cut", "older", "folder"])
def test_a_damaged_cache_is_replaced_without_a_word(project: Path, tmp_path: Path, damage: str) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        for number in range(200):
            cache.keep("k/1", TreeEntry(f"{number}", 1, mtime_ns=number + 1), bytes([number]), b"x" * 1000)
    path = tmp_path / "cache/files.sqlite"
    if damage == "garbage":
        path.write_bytes(b"not a database" * 1000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "foreign":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("create table seen (x)")
        other.close()
    elif damage == "cut":
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    elif damage == "older":
        with sqlite3.connect(path) as other:
            other.execute("pragma user_version = 77")
        other.close()
    else:
        path.unlink()
        path.mkdir()
    for _ in range(2):
        with Cache(tmp_path / "cache", str(project)) as cache:
            cache.find("k/1", entry)
            cache.keep("k/1", entry, b"1", b"made")
            assert cache.find("k/1", entry) == b"made"
    if damage != "folder":
        with Cache(tmp_path / "cache", str(project)) as cache:
            assert cache.find("k/1", entry) == b"made"


def test_a_locked_cache_is_left_alone(project: Path, tmp_path: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.keep("k/1", entry, b"1", b"made")
    other = sqlite3.connect(tmp_path / "cache/files.sqlite", isolation_level=None)
    other.execute("begin exclusive")
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", entry) is None
        cache.keep("k/1", entry, b"1", b"again")
    other.execute("rollback")
    other.close()
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", entry) == b"made"


def test_missing_files_are_forgotten(project: Path, tmp_path: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.keep("k/1", entry, b"1", b"made")
    with Cache(tmp_path / "cache", str(project)) as cache:
        cache.forget_missing(FileTree())
    with Cache(tmp_path / "cache", str(project)) as cache:
        assert cache.find("k/1", entry) is None


def test_without_a_folder_nothing_is_kept(project: Path) -> None:
    entry = entry_of(project, "a.py")
    with Cache(None, str(project)) as cache:
        cache.keep("k/1", entry, b"1", b"made")
        assert cache.find("k/1", entry) == b"made"
    with Cache(None, str(project)) as cache:
        assert cache.find("k/1", entry) is None
