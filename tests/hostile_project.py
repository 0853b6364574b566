"""A project that does something to whoever is careless with it: every payload leaves a mark where it ran."""

from __future__ import annotations

import contextlib
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.git_repositories import commit_all, make_repository, run_git, write_files

MARKED_BY_GIT = frozenset({
    "fsmonitor",
    "filter-clean",
    "filter-process",
    "textconv",
    "external-diff",
    "include-path",
    "gpg-program",
    "ssh-command",
    "hook-pre-commit",
    "hook-post-index-change",
    "submodule-fsmonitor",
    "submodule-filter",
    "pager",
})  # fmt: skip
MARKED_BY_PYTHON = frozenset({
    "environment-python",
    "conftest",
    "sitecustomize",
    "root-module-yaml",
    "root-module-multiprocessing",
    "setup",
    "pickle",
    "notebook-import",
})  # fmt: skip


class _Marks:
    """Unpickled by somebody, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch '{self.mark}'",))


def make_hostile_project(folder: Path, marks: Path) -> Path:
    """Build it in `folder`; what runs of it leaves a file in `marks`."""
    marks.mkdir()
    write_files(
        folder,
        {
            "train.py": "import yaml\nimport torch\n",
            "conftest.py": _python(marks / "conftest"),
            "sitecustomize.py": _python(marks / "sitecustomize"),
            "yaml.py": _python(marks / "root-module-yaml"),
            "multiprocessing.py": _python(marks / "root-module-multiprocessing"),
            "setup.py": _python(marks / "setup") + "from setuptools import setup\nsetup()\n",
            "helper.py": _python(marks / "notebook-import"),
            "run.ipynb": '{"cells": [{"cell_type": "code", "source": ["import helper"], "outputs": [], "metadata": {},'
            ' "execution_count": 1}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
            "model.pkl": pickle.dumps(_Marks(marks / "pickle")),
            "requirements.txt": "torch==2.3.1\n",
            "bomb.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n!!python/object/apply:os.system ['true']\n",
            "notes.md": "one\n",
            "data.csv": "1\n",
            "kept.txt": "kept\n",
            "proc.bin": "kept\n",
            "\x1b[31mred\u202e<b>.py": "x = 1\n",
        },
    )
    make_repository(folder)
    _make_submodule(folder)
    commit_all(folder)
    _arm_repository(folder, marks)
    _arm_submodule(folder, marks)
    _arm_environment(folder, marks)
    _write_databases(folder)
    os.mkfifo(folder / "pipe.py")
    (folder / "loop").symlink_to(".")
    (folder / "out").symlink_to("/etc")
    return folder


def provoke(folder: Path, marks: Path) -> frozenset[str]:
    """Do what careless tools do, in order; gives the marks that are there now."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(marks), "TERM": "xterm"}

    # Pagers are started on terminals only. What is written to this one is never read: it must stay short.
    terminal_end, program_end = os.openpty()

    def run(*command: str | Path, **more: str) -> None:
        is_paged = command[:2] == ("git", "status") or command[:2] == ("git", "log")
        subprocess.run(
            command,
            cwd=folder,
            env={**environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=program_end if is_paged else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )

    run("git", "status")
    # A long-running filter that answers nothing ends git: without it the rest gets its turn.
    run("git", "config", "--unset", "filter.other.process")
    run("git", "status")
    run("git", "diff")
    run("git", "log", "-1")
    run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "x")
    # What git diff has to fetch because it is not there.
    run("git", "cat-file", "-p", (folder / ".git/missing-blob").read_text())
    run(folder / ".venv/bin/python", "-c", "pass")
    run(sys.executable, "-c", "import yaml")
    run(sys.executable, "-c", "import multiprocessing")
    run(sys.executable, "setup.py", "--version")
    run(sys.executable, "-c", "import conftest")
    run(sys.executable, "-c", "import helper")
    run(sys.executable, "-c", "pass", PYTHONPATH=str(folder))
    with contextlib.suppress(Exception), (folder / "model.pkl").open("rb") as file:
        pickle.load(file)
    os.close(program_end)
    os.close(terminal_end)
    return frozenset(path.name for path in marks.iterdir())


def _python(mark: Path) -> str:
    return f"open({str(mark)!r}, 'w').close()\n"


def _script(path: Path, mark: Path, then: str = "") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch '{mark}'\n{then}\n")
    path.chmod(0o755)
    return str(path)


def _make_submodule(folder: Path) -> None:
    library = make_repository(
        folder.parent / f"{folder.name}-library", {"lib.py": "x = 1\n", ".gitattributes": "*.py filter=sub\n"}
    )
    allow = ("-c", "protocol.file.allow=always")
    run_git(folder, *allow, "submodule", "--quiet", "add", str(library), "vendor")


def _arm_submodule(folder: Path, marks: Path) -> None:
    scripts = folder / ".git/scripts"
    module = folder / "vendor"
    run_git(module, "config", "core.fsmonitor", _script(scripts / "sub-fsmonitor", marks / "submodule-fsmonitor"))
    run_git(module, "config", "filter.sub.clean", _script(scripts / "sub-filter", marks / "submodule-filter", "cat"))
    os.utime(module / "lib.py", (1, 1))


def _arm_repository(folder: Path, marks: Path) -> None:
    scripts = folder / ".git/scripts"
    write_files(
        folder,
        {
            ".gitattributes": "kept.txt filter=anything\nproc.bin filter=other\nnotes.md diff=md\ndata.csv diff=csv\n",
            ".gitmodules": (folder / ".gitmodules").read_text(),
        },
    )
    commit_all(folder)
    _sign_head(folder)
    included = folder / ".git/included"
    included.write_text(f"[core]\n\tpager = {_script(scripts / 'included-pager', marks / 'include-path', 'cat')}\n")
    settings = {
        "core.hooksPath": str(folder / ".git/armed-hooks"),
        "core.fsmonitor": _script(scripts / "fsmonitor", marks / "fsmonitor"),
        "core.sshCommand": _script(scripts / "ssh", marks / "ssh-command"),
        "core.editor": _script(scripts / "editor", marks / "editor"),
        "filter.anything.clean": _script(scripts / "clean", marks / "filter-clean", "cat"),
        "filter.other.process": _script(scripts / "process", marks / "filter-process"),
        "diff.md.textconv": _script(scripts / "textconv", marks / "textconv", 'cat "$1"'),
        "diff.csv.command": _script(scripts / "external", marks / "external-diff"),
        "gpg.program": _script(scripts / "gpg", marks / "gpg-program"),
        "log.showSignature": "true",
        "pager.status": _script(scripts / "pager", marks / "pager", "cat"),
        "alias.st": f"!touch '{marks}/alias'",
        "credential.helper": f"!touch '{marks}/credential'",
        "extensions.partialClone": "origin",
        "core.repositoryformatversion": "1",
        "remote.origin.url": "ssh://localhost/nothing",
        "remote.origin.promisor": "true",
        "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
        "include.path": str(included),
    }
    for key, value in settings.items():
        run_git(folder, "config", key, value)
    for hook in ("pre-commit", "post-index-change"):
        _script(folder / f".git/armed-hooks/{hook}", marks / f"hook-{hook}")
    missing = run_git(folder, "rev-parse", "HEAD:requirements.txt").strip()
    (folder / ".git/objects" / missing[:2] / missing[2:]).unlink()
    (folder / ".git/missing-blob").write_text(missing)
    write_files(folder, {"notes.md": "two\n", "data.csv": "2\n"})
    for name in ("kept.txt", "proc.bin"):
        # Only a touched file makes git run its filter.
        os.utime(folder / name, (1, 1))


def _sign_head(folder: Path) -> None:
    """A commit that claims a signature, so that somebody wants to check it."""
    body = run_git(folder, "cat-file", "commit", "HEAD")
    head, _, message = body.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"
    (folder / ".git/signed").write_text(f"{head}\n{signature}\n\n{message}")
    commit = run_git(folder, "hash-object", "-t", "commit", "-w", ".git/signed").strip()
    run_git(folder, "update-ref", "refs/heads/main", commit)


def _arm_environment(folder: Path, marks: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / ".venv/lib" / version / "site-packages"
    write_files(folder, {".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.7\n"})
    _script(folder / ".venv/bin/python", marks / "environment-python")
    write_files(
        packages,
        {
            "evil.pth": f"import os; os.system(\"touch '{marks}/pth'\")\n",
            "torch-2.3.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 2.3.1\n",
            "torch-2.3.1.dist-info/RECORD": "",
        },
    )


def _write_databases(folder: Path) -> None:
    """A store of MLflow in write-ahead mode, as a killed program leaves it: opening it plainly would tidy up."""
    whole = folder.parent / f"{folder.name}-whole.db"
    connection = sqlite3.connect(whole)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table runs (run_uuid text)")
    connection.execute("insert into runs values ('a')")
    connection.commit()
    for ending in ("", "-wal", "-shm"):
        (folder / f"mlflow.db{ending}").write_bytes(Path(f"{whole}{ending}").read_bytes())
    connection.close()
