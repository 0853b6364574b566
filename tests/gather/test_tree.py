"""The walk lists what is the project's own, says what it left out, and ends."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from repro_gui.errors import Cancelled, ProjectUnreadable
from repro_gui.facts.settings import Limits
from repro_gui.facts.tree import FileTree
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from repro_gui.text import Text
from tests.git_repositories import write_files


def walk(project: Path, limits: Limits | None = None) -> FileTree:
    with ProjectFiles(project) as opened:
        return walk_tree(opened, limits or Limits(), NoProgress())


def paths(tree: FileTree) -> list[str]:
    return [entry.path for entry in tree.entries]


def test_files_in_path_order(tmp_path: Path) -> None:
    write_files(tmp_path, {"b.py": "22", "a/z.py": "1", "a.py": "", "a/b/c/d.txt": "x"})
    (tmp_path / "b.py").chmod(0o755)
    tree = walk(tmp_path)
    assert paths(tree) == ["a.py", "a/b/c/d.txt", "a/z.py", "b.py"]
    entry = tree.by_path["b.py"]
    status = (tmp_path / "b.py").stat()
    assert (entry.size, entry.executable, entry.mtime_ns, entry.inode) == (2, True, status.st_mtime_ns, status.st_ino)


def test_environments_caches_and_records_are_listed_not_walked(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "train.py": "",
            "myenv/pyvenv.cfg": "",
            "myenv/lib/x.py": "",
            "conda/conda-meta/history": "",
            "conda/lib/y.py": "",
            ".git/config": "",
            "__pycache__/a.pyc": "",
            "js/node_modules/x.js": "",
            ".dvc/config": "",
            ".dvc/cache/aa/b": "",
            "cache/kept.py": "",
            "mlruns/0/meta.yaml": "",
            "src/wandb/__init__.py": "",
            "sub/.git": "gitdir: x",
            "sub/a.py": "",
        },
    )
    tree = walk(tmp_path)
    assert paths(tree) == [".dvc/config", "cache/kept.py", "src/wandb/__init__.py", "sub/a.py", "train.py"]
    assert tree.environment_folders == ("conda", "myenv")
    assert tree.excluded_folders == (".dvc/cache", ".git", "__pycache__", "js/node_modules")
    assert tree.record_folders == ("mlruns",)


def test_an_environment_made_in_the_project_itself(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyvenv.cfg": "", "lib/python3/x.py": "", "bin/python": "", "train.py": "", "src/a.py": ""})
    tree = walk(tmp_path)
    assert paths(tree) == ["pyvenv.cfg", "src/a.py", "train.py"]
    assert tree.environment_folders == ("",)
    assert tree.excluded_folders == ("bin", "lib")


def test_links_are_recorded_and_not_followed(tmp_path: Path) -> None:
    write_files(tmp_path, {"project/a/x.py": "", "outside/y.py": ""})
    for name, target in {"a/loop": "..", "out": "../outside", "file": "a/x.py", "broken": "none"}.items():
        (tmp_path / "project" / name).symlink_to(target)
    tree = walk(tmp_path / "project")
    assert [(entry.path, entry.link_target) for entry in tree.entries] == [
        ("a/loop", ".."),
        ("a/x.py", ""),
        ("broken", "none"),
        ("file", "a/x.py"),
        ("out", "../outside"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_pipes_are_named_as_such(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    tree = walk(tmp_path)
    assert [str(entry.kind) for entry in tree.entries] == ["other"]
    (item,) = tree.left_out
    assert (item.path, "named pipe" in str(item.reason)) == ("pipe.py", True)


def test_limits_leave_out_the_far_and_say_so(tmp_path: Path) -> None:
    write_files(tmp_path, {f"a_data/{number:03}.bin": "" for number in range(50)})
    write_files(tmp_path, {"train.py": "", "z/model.py": "", "d1/d2/d3/d4.py": ""})
    tree = walk(tmp_path, Limits(folder_files=10))
    assert paths(tree) == [*(f"a_data/{n:03}.bin" for n in range(10)), "d1/d2/d3/d4.py", "train.py", "z/model.py"]
    (item,) = tree.left_out
    assert (item.path, str(item.reason)) == (
        "a_data",
        "The limit is reached: 40 files of this folder were not listed.",
    )
    tree = walk(tmp_path, Limits(depth=2))
    assert [item.path for item in tree.left_out] == ["d1/d2/d3"]
    tree = walk(tmp_path, Limits(files=5))
    assert paths(tree) == [*(f"a_data/{n:03}.bin" for n in range(4)), "train.py"]
    assert [item.path for item in tree.left_out] == [".", "a_data"]


def test_a_folder_that_vanishes(tmp_path: Path) -> None:
    write_files(tmp_path, {"project/a.py": "", "project/sub/b.py": ""})

    class Remover:
        def step(self, _what: Text, _done: int, _total: int) -> None:
            shutil.rmtree(tmp_path / "project/sub", ignore_errors=True)

    with ProjectFiles(tmp_path / "project") as opened:
        tree = walk_tree(opened, Limits(), Remover())
        assert paths(tree) == ["a.py"]
        assert [str(item.reason) for item in tree.left_out] == ["sub is not there."]
    with ProjectFiles(tmp_path / "project") as opened:
        opened.close()
        with pytest.raises(ProjectUnreadable):
            walk_tree(opened, Limits(), NoProgress())


def test_a_walk_is_cancelled_between_folders(tmp_path: Path) -> None:
    class Stop:
        def step(self, _what: Text, _done: int, _total: int) -> None:
            raise Cancelled

    with ProjectFiles(tmp_path) as opened, pytest.raises(Cancelled):
        walk_tree(opened, Limits(), Stop())
