"""A clean project audits all green; each planted fault is found by exactly its check, mended by its fix, and brought back by undo.

The project is real (`clean_project.py`): Git with a remote, DVC with a store, a lock that uv made, an image with a digest, a run
that MLflow recorded. `planted_faults.py` has one fault for every check that there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui.apply.history import apply_change_set, redo, undo
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.checks.find_checks import all_checks, find_check
from repro_gui.facts.lookup import Consent
from repro_gui.facts.settings import Settings
from repro_gui.progress import NoProgress
from repro_gui.trust import remember_trust
from repro_gui.worker.open_project import OpenProject, checks_to_fix
from tests.checks.clean_project import (
    DIGEST,
    GIT_SERVER,
    IMAGE,
    TAG,
    build_clean_project,
    copy_project,
    make_git_server_folder,
)
from tests.checks.planted_faults import FAULTS, NOT_PLANTED, Fault
from tests.git_repositories import run_git
from tests.package_index import folder_over_http, image_registry, package_index

pytestmark = pytest.mark.filterwarnings("default")  # those of dvc and what it imports are not ours
GREEN = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
# One in so many rows, chosen by the name, runs each time; all of them in `make prove-all`.
ONE_IN = 4


def _rows() -> Iterator[object]:
    for fault in FAULTS:
        often = hashlib.sha256(fault.check.encode()).digest()[0] % ONE_IN == 0
        yield pytest.param(fault, id=fault.check, marks=() if often else pytest.mark.slow)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("clean")
    with (
        image_registry({f"{IMAGE}:{TAG}": DIGEST}) as registry,
        package_index(place / "wheels") as index,
        folder_over_http(make_git_server_folder(place)) as git_server,
    ):
        (place / "servers").write_text(f"{index}\n{git_server}")
        yield build_clean_project(place / "wheat", place / "wheels", index, registry)


@pytest.fixture
def project(clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # What fixes ask an index for is answered here.
    index, git_server = clean.with_name("servers").read_text().split("\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    monkeypatch.setenv(GIT_SERVER, git_server)
    root = copy_project(clean, tmp_path / "wheat")
    # Commands of Git and DVC run its hooks.
    remember_trust(root)
    return root


def audited(opened: OpenProject) -> dict[str, CheckResult]:
    """What is not green, by check."""
    report = opened.audit(Settings(), NoProgress())
    return {result.check_id: result for result in report.results if result.outcome not in GREEN}


def told(results: dict[str, CheckResult]) -> str:
    return "\n".join(
        f"{name}: {result.outcome.value} {result.why_not or ''} {[f'{one.location}: {one.message}' for one in result.findings[:3]]}"
        for name, result in results.items()
    )


def settle(root: Path) -> None:
    """Commit and push, as people do with what they changed."""
    if not run_git(root, "remote").strip():
        run_git(root, "remote", "add", "origin", str(root.with_name(f"{root.name}-origin.git")))
    run_git(root, "add", "--all")
    if run_git(root, "status", "--porcelain").strip():
        run_git(root, "commit", "--quiet", "--message", "Work")
    run_git(root, "push", "--quiet", "--force", "origin", "HEAD:main")


def contents(root: Path) -> dict[str, bytes]:
    """Every file of the work tree; what Git, DVC and MLflow keep for themselves is left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and {".git", "tmp", "cache", "mlruns", ".venv"}.isdisjoint(path.relative_to(root).parts)
    }


def fix(opened: OpenProject, check: str) -> None:
    opened.audit(Settings(), NoProgress())
    planned = opened.plan(checks_to_fix([check]), frozenset(Consent), NoProgress())
    assert not planned.refused, planned.refused
    apply_change_set(opened.root, planned.change_set, NoProgress())


def has_fix(fault: Fault) -> bool:
    check = find_check(fault.check)
    assert check is not None
    return check.fix is not None and check.fix.plan is not None and not fault.no_fix


def test_every_check_has_its_fault() -> None:
    planted = [fault.check for fault in FAULTS]
    assert len(set(planted)) == len(planted)
    missing = {check.id for check in all_checks()} - set(planted) - set(NOT_PLANTED)
    assert not missing, f"plant a fault for {sorted(missing)} in tests/checks/planted_faults.py, or say there why not"
    assert {*planted, *NOT_PLANTED} <= {check.id for check in all_checks()}
    assert all(NOT_PLANTED.values())


def test_the_clean_project_is_all_green(project: Path) -> None:
    with OpenProject(project) as opened:
        assert told(audited(opened)) == ""
        report = opened.audit(Settings(), NoProgress())
    assert [(answer.question, answer.answer.value) for answer in report.answers if answer.answer.value != "yes"] == []
    # All pillars have something to say: it is not green because nothing was looked at.
    assert sum(result.outcome is Outcome.PASSED for result in report.results) > 45


@pytest.mark.parametrize("fault", list(_rows()))
def test_a_planted_fault_is_found_mended_and_brought_back(fault: Fault, project: Path) -> None:
    with fault.within():
        _go_through(fault, project)


def _go_through(fault: Fault, project: Path) -> None:
    fault.plant(project)
    if fault.is_committed:
        settle(project)
    with OpenProject(project) as opened:
        found = audited(opened)
        assert set(found) == {fault.check, *fault.unclear}, told(found)
        assert found[fault.check].outcome is Outcome.FAILED, told(found)
        for name in fault.unclear:
            assert found[name].outcome is Outcome.COULD_NOT_RUN, told(found)
        keys = {name: {note.key for note in result.findings} for name, result in found.items()}
        if has_fix(fault):
            before = contents(project)
            fix(opened, fault.check)
            undo(project, "", NoProgress())
            assert contents(project) == before
            again = audited(opened)
            assert {name: {note.key for note in result.findings} for name, result in again.items()} == keys
            redo(project, NoProgress())
            if fault.then or fault.finish is not None:
                # Exactly what the row says is left for others.
                settle(project)
                left = audited(opened)
                assert set(left) == set(fault.remains), told(left)
            for name in fault.then:
                fix(opened, name)
            if fault.finish is not None:
                fault.finish(project)
        elif fault.is_committed:
            run_git(project, "revert", "--no-edit", "HEAD")
        else:
            assert fault.mend is not None
            fault.mend(project)
        settle(project)
        after = audited(opened)
        assert told(after) == ""
