"""Projects with something bad in them, each with the words that a window must show about it.

`says` is a regular expression over everything that is shown of the audit: notices, reasons, what was left out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.git_repositories import make_repository, run_git, write_files

PROGRAM = "import random\nprint(random.random())\n"
NOTEBOOK = '{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["x = 1'
GIB = 1024**3


@dataclass(frozen=True)
class BadProject:
    """How it is made in an empty folder, and what must be said; `opens` is false where no audit is possible."""

    name: str
    make: Callable[[Path], object]
    says: str
    opens: bool = True


def _plain(**files: str | bytes) -> Callable[[Path], object]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    return lambda folder: write_files(folder, {"train.py": PROGRAM, **named})


def _sparse(*names: str) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        write_files(folder, {"train.py": PROGRAM})
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("wb") as file:
                file.truncate(2 * GIB)

    return make


def _pipes(folder: Path) -> None:
    write_files(folder, {"train.py": PROGRAM})
    for name in ("pipe.py", "requirements.txt", "Dockerfile", "data.csv", "config.yaml", "explore.ipynb"):
        os.mkfifo(folder / name)


def _loops(folder: Path) -> None:
    write_files(folder, {"train.py": PROGRAM, "deep/model.py": PROGRAM})
    (folder / "deep" / "up").symlink_to("..")
    (folder / "itself.py").symlink_to("itself.py")
    (folder / "nowhere.py").symlink_to("/nowhere/at/all.py")


def _bare(folder: Path) -> None:
    source = make_repository(folder.with_name("source"), {"train.py": PROGRAM})
    run_git(folder.parent, "clone", "--quiet", "--bare", str(source), str(folder / "inside"))
    for item in (folder / "inside").iterdir():
        shutil.move(str(item), folder)
    (folder / "inside").rmdir()


def _corrupt(part: str) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        make_repository(folder, {"train.py": PROGRAM})
        target = folder / ".git" / part
        if target.is_dir():
            for item in sorted(target.rglob("*")):
                if item.is_file():
                    item.chmod(0o644)
                    item.write_bytes(b"junk")
        else:
            target.write_bytes(b"\0junk\xff" * 5)

    return make


def _shallow(folder: Path) -> None:
    source = make_repository(folder.with_name("source"), {"train.py": PROGRAM})
    write_files(source, {"more.py": PROGRAM})
    run_git(source, "add", ".")
    run_git(source, "commit", "--quiet", "--message", "More")
    run_git(folder.parent, "clone", "--quiet", "--depth=1", f"file://{source}", str(folder))


def _partial(folder: Path) -> None:
    source = make_repository(folder.with_name("source"), {"train.py": PROGRAM, "data/big.bin": b"x" * 300_000})
    run_git(source, "config", "uploadpack.allowFilter", "true")
    run_git(folder.parent, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{source}", str(folder))
    shutil.rmtree(source)


def _worktree(folder: Path) -> None:
    source = make_repository(folder.with_name("source"), {"train.py": PROGRAM})
    folder.rmdir()
    run_git(source, "worktree", "add", "--quiet", "-b", "side", str(folder))


def _names(folder: Path) -> None:
    write_files(folder, {"train.py": PROGRAM})
    for name in (
        b"new\nline.py",
        b"caf\xe9.py",
        b"\x1b[31mred\x1b[0m.py",
        b"<img src=x onerror=alert(1)>.py",
        "\u202eyp.evil.py".encode(),
        b"quote'\"`$(touch mark).py",
        b"-rf.py",
    ):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_text(PROGRAM)


_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, letter in zip("abcdefghijk", "bcdefghijkl", strict=True)
)

BAD_PROJECTS = (
    BadProject("empty", lambda _folder: None, r"There is no Python source in the project"),
    BadProject("junk-named-py", _plain(model__py=bytes(range(256)) * 40), r"model\.py"),
    BadProject("python-2", _plain(old__py='print "hello"\nraise ValueError, "x"\n'), r"old\.py"),
    BadProject("latin-1", _plain(accents__py="# caf\xe9\nx = 'd\xe9j\xe0'\n".encode("latin-1")), r"accents\.py"),
    BadProject("zero-bytes", _plain(nothing__py="", nothing__ipynb="", requirements__txt=""), r"nothing\.ipynb"),
    BadProject("cut-notebook", _plain(explore__ipynb=NOTEBOOK), r"explore\.ipynb"),
    BadProject(
        "yaml-bomb",
        _plain(environment__yml=_BOMB + "dependencies: *l\n", dvc__yaml=_BOMB + "stages: *l\n"),
        r"No file lists the packages",
    ),
    BadProject(
        "utf-16-requirements", _plain(requirements__txt="numpy\nscipy==1.11.4\n".encode("utf-16")), r"1 of 2 entries"
    ),
    BadProject("two-gigabytes", _sparse("huge.py", "huge.ipynb", "requirements.txt", "huge.csv"), r"huge\.py"),
    BadProject("pipes", _pipes, r"requirements\.txt:? It is a named pipe"),
    BadProject("symlink-loops", _loops, r"2 programs found"),
    BadProject("bare-repository", _bare, r"bare"),
    BadProject("corrupt-head", _corrupt("HEAD"), r"damaged: HEAD"),
    BadProject("corrupt-index", _corrupt("index"), r"index"),
    BadProject("corrupt-objects", _corrupt("objects"), r"Git could not read the repository"),
    BadProject("shallow-clone", _shallow, r"2 tracked files"),
    BadProject("partial-clone", _partial, r"train\.py is deleted"),
    BadProject("worktree", _worktree, r"commit"),
    BadProject("no-commit-yet", make_repository, r"no commit"),
    BadProject("hostile-names", _names, r"8 programs found"),
)
