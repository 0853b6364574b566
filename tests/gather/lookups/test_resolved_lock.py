"""Resolving by uv from a folder of wheels made here; nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.facts.lookup import ResolvedLock
from repro_gui.facts.requirements_files import parse_requirements
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.lookups.resolved_lock import resolve_lock
from repro_gui.progress import NoProgress
from tests.gather.test_environment import make_wheel


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "zz-leaf", "1.0", package="zz_leaf")
    make_wheel(folder, "zz-leaf", "2.0", package="zz_leaf")
    make_wheel(folder, "zz-top", "1.0", package="zz_top", requires=("zz-leaf<2", "zz-never ; python_version<'3'"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def test_the_closure_with_hashes_and_without_any_local_path(wheels: Path) -> None:
    content = resolve_lock(ResolvedLock(("zz-top",), "3.11"), NoProgress())
    assert isinstance(content, bytes)
    file = parse_requirements("requirements.lock", content)
    assert [(entry.name, entry.version) for entry in file.requirements] == [("zz-leaf", "1.0"), ("zz-top", "1.0")]
    assert all(entry.hashes for entry in file.requirements)
    assert str(wheels).encode() not in content
    assert b"find-links" not in content


def test_without_hashes(wheels: Path) -> None:
    assert wheels.is_dir()
    assert resolve_lock(ResolvedLock(("zz-leaf",), "", hashes=False), NoProgress()) == b"zz-leaf==2.0\n"


@pytest.mark.parametrize("line", ["zz-nowhere==1", "zz-leaf==9", "not a requirement !"])
def test_what_cannot_be_resolved_is_a_sentence(wheels: Path, line: str) -> None:
    answer = resolve_lock(ResolvedLock((line,), "3.11"), NoProgress())
    assert isinstance(answer, Unavailable)
    assert "repro-gui-resolve" not in str(answer.reason)
    assert str(wheels) not in str(answer.reason)
