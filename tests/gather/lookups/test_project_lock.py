"""Locking again by the real uv, from an index on this machine."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

from repro_gui.facts.environment_files import parse_environment_file
from repro_gui.facts.lookup import ProjectLock, ResolvedLock
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.lookups.project_lock import lock_project
from repro_gui.gather.lookups.resolved_lock import resolve_lock
from repro_gui.progress import NoProgress
from tests.gather.test_environment import make_wheel
from tests.package_index import package_index

LIST = '[project]\nname = "mine"\nversion = "0"\nrequires-python = ">=3.9"\ndependencies = [{}]\n'
INDEX = '[[tool.uv.index]]\nurl = "{}"\ndefault = true\n'


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for version in ("1.0", "1.1", "2.0"):
        make_wheel(wheels, "zz-leaf", version, package="zz_leaf")
        make_wheel(wheels, "zz-other", version, package="zz_other")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with package_index(wheels) as address:
        yield address


@pytest.fixture
def project(tmp_path: Path, index: str) -> Path:
    """A project of uv, locked at `zz-leaf` 1.0 and `zz-other` 1.0."""
    folder = tmp_path / "project"
    folder.mkdir()
    write_list(folder, '"zz-leaf==1.0", "zz-other==1.0"', index)
    subprocess.run([find_uv_bin(), "lock", "-q"], cwd=folder, check=True, env={**os.environ, "UV_NO_CONFIG": "0"})
    return folder


def write_list(folder: Path, dependencies: str, index: str, more: str = "") -> None:
    (folder / "pyproject.toml").write_text(LIST.format(dependencies) + (INDEX.format(index) if index else "") + more)


def lock(folder: Path) -> bytes | Unavailable:
    with ProjectFiles(folder) as opened:
        return lock_project(ProjectLock(""), opened, NoProgress())


def versions(content: bytes, path: str = "uv.lock") -> dict[str, str]:
    return {package.name: package.version for package in parse_environment_file(path, content).locked}


def test_what_still_fits_stays(project: Path, index: str) -> None:
    before = (project / "uv.lock").read_bytes()
    write_list(project, '"zz-leaf>=1.1", "zz-other>=1"', index)
    after = lock(project)
    assert isinstance(after, bytes)
    assert versions(after) == {"zz-leaf": "2.0", "zz-other": "1.0"}
    assert (project / "uv.lock").read_bytes() == before, "the project itself is not written to"
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml", "uv.lock"]


def test_an_index_that_stands_in_no_file_of_the_project_is_never_written(
    project: Path, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    write_list(project, '"zz-leaf>=1.1"', "")
    (project / "uv.lock").write_text('version = 1\nrequires-python = ">=3.9"\n')
    answer = lock(project)
    assert isinstance(answer, Unavailable)
    assert str(answer.reason) == "The lock would name 127.0.0.1, which stands in no file of the project."


def test_a_folder_of_wheels_is_never_written(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    write_list(project, '"zz-leaf>=1.1"', "")
    (project / "uv.lock").write_text('version = 1\nrequires-python = ">=3.9"\n')
    answer = lock(project)
    assert isinstance(answer, Unavailable)
    assert "which stands in no file" in str(answer.reason), answer.reason


@pytest.mark.parametrize(
    "more",
    [
        '[tool.uv.workspace]\nmembers = ["a"]\n',
        '[tool.uv.sources]\nzz-leaf = { path = "../elsewhere" }\n',
        "[tool.uv.sources]\nzz-leaf = [{ workspace = true, marker = \"os_name == 'nt'\" }]\n",
    ],
)
def test_other_folders_of_the_project_are_a_sentence(project: Path, index: str, more: str) -> None:
    write_list(project, '"zz-leaf"', index, more)
    answer = lock(project)
    assert isinstance(answer, Unavailable)
    assert str(answer.mend) == "Lock it where the project lies: `uv lock`."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", b"[project"),
        ("pyproject.toml", b"\xff\xfe\x00"),
        ("uv.lock", b"version = 'x'"),
        ("uv.lock", None),
    ],
)
def test_bad_files_are_sentences(project: Path, name: str, content: bytes | None) -> None:
    (project / name).unlink()
    if content is not None:
        (project / name).write_bytes(content)
    answer = lock(project)
    assert isinstance(answer, Unavailable)
    assert str(project) not in str(answer.reason)
    assert "repro-gui-lock" not in str(answer.reason)


def test_a_compiled_list_keeps_what_still_fits(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    request = ResolvedLock(("zz-leaf>=1.1", "zz-other"), "3.11", previous=b"zz-leaf==1.0\nzz-other==1.1\n")
    content = resolve_lock(request, NoProgress())
    assert isinstance(content, bytes)
    assert content.count(b"--hash=sha256:") == 2
    found = parse_environment_file("requirements.txt", content).requirements
    assert {entry.name: entry.version for entry in found} == {"zz-leaf": "2.0", "zz-other": "1.1"}
    assert b"127.0.0.1" not in content


def test_a_pylock_is_not_written_where_it_would_name_a_private_index(
    index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    answer = resolve_lock(ResolvedLock(("zz-leaf==1.0",), "3.11", name="pylock.toml"), NoProgress())
    assert isinstance(answer, Unavailable)
    assert str(answer.reason) == "A pylock.toml would name 127.0.0.1, where this machine gets its packages."


def test_a_pylock_of_nothing_is_valid(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    marker = "zz-leaf==1.0 ; python_version < '3'"
    content = resolve_lock(ResolvedLock((marker,), "3.11", name="pylock.toml"), NoProgress())
    assert isinstance(content, bytes)
    assert tomllib.loads(content.decode())["lock-version"] == "1.0"
