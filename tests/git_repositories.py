"""Real Git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2024-05-01T12:00:00+0000",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000",
    "GIT_ALLOW_PROTOCOL": "file",
}
COMMIT_DATE = 1714564800


def run_git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run git in a folder with no configuration but the repository's; gives its output."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**inherited, **_ENVIRONMENT, **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, os.fsdecode(done.stderr)
    return os.fsdecode(done.stdout)


def write_files(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write files by their path in the folder, missing folders too."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def make_repository(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """A repository on branch `main` with the files in one commit (none: no commit)."""
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    if files:
        write_files(folder, files)
        commit_all(folder)
    return folder


def commit_all(folder: Path, message: str = "Change") -> str:
    """Commit everything; gives the commit."""
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return run_git(folder, "rev-parse", "HEAD").strip()


def add_remote(folder: Path, name: str = "origin") -> Path:
    """A bare remote beside the repository, with its HEAD pushed to it."""
    remote = folder.parent / f"{folder.name}-{name}.git"
    run_git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    run_git(folder, "remote", "add", name, str(remote))
    run_git(folder, "push", "--quiet", name, "HEAD:main")
    return remote
