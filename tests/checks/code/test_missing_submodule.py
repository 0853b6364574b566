"""Submodules of real repositories: absent, changed, at another commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.audit.report import Outcome
from tests.checks.code.test_git_checks import FILES, messages, result_of
from tests.git_repositories import commit_all, make_repository, run_git, write_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    library = make_repository(tmp_path / "library", {"a.py": "1\n"})
    project = make_repository(tmp_path / "project", FILES)
    run_git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    commit_all(project)
    return project


def test_as_recorded_changed_and_at_another_commit(project: Path) -> None:
    assert result_of(project, "missing-submodule").outcome is Outcome.PASSED
    write_files(project, {"lib/a.py": "2\n"})
    result = result_of(project, "missing-submodule")
    assert messages(result) == ["must Files in the submodule lib differ from its commit: a.py."]
    assert [place.path for place in result.findings[0].places] == ["lib/a.py"]
    assert result_of(project, "uncommitted-change").outcome is Outcome.PASSED, "told once"
    commit_all(project / "lib")
    (said,) = messages(result_of(project, "missing-submodule"))
    assert said.startswith("must The submodule lib is at commit")
    run_git(project, "commit", "--quiet", "--message", "Record it", "--", "lib")
    assert result_of(project, "missing-submodule").outcome is Outcome.PASSED


def test_a_clone_without_its_submodules(project: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(project), "clone")
    (said,) = messages(result_of(tmp_path / "clone", "missing-submodule"))
    assert said.startswith("must The submodule lib is not checked out; ")
    run_git(tmp_path / "clone", "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    assert result_of(tmp_path / "clone", "missing-submodule").outcome is Outcome.PASSED


def test_without_submodules_nothing_is_asked(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "p", FILES)
    assert result_of(project, "missing-submodule").outcome is Outcome.NOT_APPLICABLE
