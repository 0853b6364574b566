"""Modules that ignore rules keep out of Git, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.audit.report import Outcome
from repro_gui.errors import CannotPlan
from tests.checks.code.test_git_checks import carry_out, messages, plan, result_of
from tests.git_repositories import make_repository, run_git, write_files

_TRAIN = "from sklearn.svm import SVC\nimport lib.model\nSVC().fit([[1]], [1])\n"


def project_with(tmp_path: Path, **ignores: str) -> Path:
    files: dict[str, str | bytes] = {"train.py": _TRAIN, ".gitignore": ignores.pop("rules")}
    write_files(tmp_path / "p", {"lib/model.py": "a = 1\n", "lib/weights.bin": "x", "lib/other.py": "1\n", **ignores})
    return make_repository(tmp_path / "p", files)


def ignored_of(project: Path) -> set[str]:
    listed = run_git(project, "ls-files", "--others", "--ignored", "--exclude-standard")
    return set(listed.split())


@pytest.mark.parametrize(
    "rules", ["lib/\n", "lib\n", "lib/*\n", "/lib/**\n", "*.bin\nlib/\r\n", "model.py\n", "*\n!train.py\n!.gitignore"]
)
def test_the_module_is_let_through_and_the_rest_stays_ignored(tmp_path: Path, rules: str) -> None:
    project = project_with(tmp_path, rules=rules)
    before = ignored_of(project)
    result = result_of(project, "ignored-import")
    assert messages(result) == ["must lib/model.py is imported, but ignore rules keep it out of Git."]
    assert [(place.path, place.line) for place in result.findings[0].places] == [("train.py", 2)]
    assert not any("lib/model.py" in said for said in messages(result_of(project, "untracked-source")))
    carry_out(project, plan(project, "ignored-import"))
    assert before - ignored_of(project) == {"lib/model.py"}
    assert result_of(project, "ignored-import").outcome is Outcome.PASSED
    assert [note.path for note in result_of(project, "untracked-source").findings if "lib" in note.path] == [
        "lib/model.py"
    ]


def test_a_rule_of_this_machine_alone_is_not_ours_to_change(tmp_path: Path) -> None:
    project = project_with(tmp_path, rules="*.bin\n")
    (project / ".git/info/exclude").write_text("lib/\n")
    run_git(project, "rm", "--quiet", "--cached", "lib/model.py")
    assert result_of(project, "ignored-import").outcome is Outcome.FAILED
    with pytest.raises(CannotPlan, match="No"):
        plan(project, "ignored-import")


def test_an_ignored_script_is_part_of_the_program(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "p", {"README.md": "x\n", ".gitignore": "train.py\n"})
    write_files(project, {"train.py": "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n"})
    assert messages(result_of(project, "ignored-import")) == [
        "must train.py is part of the program, but ignore rules keep it out of Git."
    ]


def test_what_only_a_test_imports_weighs_less_and_version_files_are_evidence(tmp_path: Path) -> None:
    project = project_with(tmp_path, rules="helper.py\n_version.py\nlib/other.py\n")
    write_files(project, {"tests/test_x.py": "import helper\n", "helper.py": "1\n"})
    write_files(project, {"_version.py": "v = 1\n", "model_test.py": "import _version\n"})
    result = result_of(project, "ignored-import")
    assert messages(result) == ["should helper.py is imported, but ignore rules keep it out of Git."]
    assert any(note.path == "_version.py" for note in result.evidence)


def test_rules_in_two_files_are_shown_not_changed(tmp_path: Path) -> None:
    project = project_with(tmp_path, rules="lib/\n", **{"lib/.gitignore": "*\n"})
    with pytest.raises(CannotPlan, match="several"):
        plan(project, "ignored-import")
