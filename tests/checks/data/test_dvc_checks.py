"""The checks on what DVC records, over contents as values and over a repository that dvc made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import Check, Finding, Safety
from repro_gui.checks.data import changed_data, no_data_remote, unversioned_data
from repro_gui.errors import CannotPlan
from repro_gui.facts.git import GitState
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge

RECORD = b"outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  hash: md5\n  path: a.csv\n"
LOCK = (
    b"schema: '2.0'\nstages:\n  make:\n    cmd: python make.py\n    deps:\n    - path: data/a.csv\n      hash: md5\n"
    b"      md5: 0cc175b9c0f1b6a831c399e269772661\n    - path: make.py\n      hash: md5\n      md5: 00000000000000000000000000000000\n"
    b"    outs:\n    - path: made.csv\n      hash: md5\n      md5: 92eb5ffee6ae2fec3ad71c777531578f\n"
)
PIPELINE = b"stages:\n  make:\n    cmd: python make.py\n    deps: [data/a.csv, make.py]\n    outs: [made.csv]\n"


def judge(check: Check, files: Mapping[str, bytes]) -> CheckResult:
    return run_check(FactsFor(snapshot_of_files("p", files), load_knowledge()), check)


def test_one_cause_for_a_record_and_the_lock_that_names_it_too() -> None:
    files = {
        "data/a.csv": b"changed",
        "data/a.csv.dvc": RECORD,
        "dvc.lock": LOCK,
        "dvc.yaml": PIPELINE,
        "made.csv": b"b",
    }
    result = judge(changed_data.CHECK, files)
    assert [(note.path, note.line, note.cause) for note in result.findings] == [
        ("data/a.csv.dvc", 2, "data/a.csv"),
        ("dvc.lock", 8, "data/a.csv"),
    ]
    assert "92eb5ffee6ae2fec3ad71c777531578f" in str(result.evidence[0].message)


def test_changed_output_of_a_pipeline() -> None:
    result = judge(changed_data.CHECK, {"dvc.lock": LOCK, "dvc.yaml": PIPELINE, "made.csv": b"c", "make.py": b"x"})
    assert [(note.path, note.line) for note in result.findings] == [("dvc.lock", 15)]
    assert result.findings[0].values["stage"] == "make"


def test_changed_code_of_a_pipeline_is_not_changed_data() -> None:
    result = judge(changed_data.CHECK, {"dvc.lock": LOCK, "dvc.yaml": PIPELINE, "made.csv": b"b", "make.py": b"new"})
    assert result.outcome is Outcome.PASSED


def test_absent_data_is_pinned_and_broken_records_are_not_judged() -> None:
    assert judge(changed_data.CHECK, {"data/a.csv.dvc": RECORD}).outcome is Outcome.PASSED
    result = judge(changed_data.CHECK, {"data/a.csv.dvc": RECORD[:40] + b"\n : ["})
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "data/a.csv.dvc cannot be read" in str(result.why_not)
    assert judge(changed_data.CHECK, {"train.py": b""}).outcome is Outcome.NOT_APPLICABLE


def plan(files: Mapping[str, bytes], index: int = 0, git: GitState | None = None) -> ChangeSet:
    shot = snapshot_of_files("p", files, git)
    arguments = FactsFor(shot, load_knowledge()).arguments(changed_data.find)
    assert isinstance(arguments, dict)
    findings = [one for one in changed_data.find(**arguments) if isinstance(one, Finding)]
    return changed_data.plan_fix(findings[index], shot.git)


def test_fix_records_the_new_bytes_the_way_each_was_recorded() -> None:
    (command,) = plan({"data/a.csv": b"new", "data/a.csv.dvc": RECORD}).commands
    assert command.shown == "dvc add --quiet -- data/a.csv"
    (command,) = plan({"sub/dvc.lock": LOCK, "sub/dvc.yaml": PIPELINE, "sub/made.csv": b"c"}).commands
    assert command.shown == "dvc commit --quiet --force -- sub/dvc.yaml:make"
    imported = b"deps:\n- path: a.csv\n  repo:\n    url: https://u:p@example.org/r\n    rev_lock: abc\n" + RECORD
    with pytest.raises(CannotPlan, match="was imported"):
        plan({"data/a.csv": b"new", "data/a.csv.dvc": imported})
    assert changed_data.CHECK.fix is not None
    assert changed_data.CHECK.fix.safety is not Safety.SAFE


CONFIG = b"[core]\n    remote = far\n['remote \"far\"']\n    url = https://user:hunter2@example.org/d?sig=hunter2\n"


def test_remote_is_evidence_without_its_credentials() -> None:
    result = judge(no_data_remote.CHECK, {"data/a.csv.dvc": RECORD, ".dvc/config": CONFIG})
    assert result.outcome is Outcome.PASSED
    assert [(note.path, note.line, note.message) for note in result.evidence] == [
        (".dvc/config", 4, "The remote far is at https://example.org/d.")
    ]


def test_no_remote() -> None:
    result = judge(no_data_remote.CHECK, {"data/a.csv.dvc": RECORD, ".dvc/config": b""})
    assert [(note.path, note.message) for note in result.findings] == [
        (".dvc/config", "1 piece of data is kept by DVC, and .dvc/config names no remote.")
    ]


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({"train.py": b""}, Outcome.NOT_APPLICABLE),
        ({".dvc/config": b""}, Outcome.NOT_APPLICABLE),
        ({"data/a.csv.dvc": b"deps:\n- path: https://example.org/a.csv\n  etag: x\n" + RECORD}, Outcome.NOT_APPLICABLE),
        ({"data/a.csv.dvc": RECORD}, Outcome.COULD_NOT_RUN),
        ({"data/a.csv.dvc": RECORD, ".dvc/config": b"\xff\xfe\x00"}, Outcome.COULD_NOT_RUN),
        ({"sub/a.csv.dvc": RECORD, "sub/.dvc/config": CONFIG, ".dvc/config": b""}, Outcome.PASSED),
    ],
)
def test_when_a_remote_matters(files: dict[str, bytes], outcome: Outcome) -> None:
    assert judge(no_data_remote.CHECK, files).outcome is outcome


@pytest.mark.parametrize(
    "check", [unversioned_data.CHECK, changed_data.CHECK, no_data_remote.CHECK], ids=lambda c: c.id
)
def test_bad_examples_fail_and_good_ones_pass(check: Check) -> None:
    from repro_gui.checks.check import Sketch

    for example in check.examples:
        for side, outcome in ((example.bad, Outcome.FAILED), (example.good, Outcome.PASSED)):
            sketch = side if isinstance(side, Sketch) else Sketch({"train.py": side})
            files = {path: content.encode() for path, content in sketch.files.items()}
            facts = FactsFor(snapshot_of_files("p", files, sketch.git), load_knowledge())
            assert run_check(facts, check).outcome is outcome, sketch


def test_repository_made_by_dvc(tmp_path: Path) -> None:
    from tests.dvc_repositories import run_dvc

    (tmp_path / "p/data").mkdir(parents=True)
    (tmp_path / "p/data/a.csv").write_bytes(b"1,2\r\n" * 9)
    run_dvc(tmp_path / "p", ["init", "--no-scm", "-q"], ["add", "-q", "data/a.csv"])
    shutil.rmtree(tmp_path / "p/.dvc/cache")
    files = {
        str(path.relative_to(tmp_path / "p")): path.read_bytes()
        for path in (tmp_path / "p").rglob("*")
        if path.is_file()
    }
    assert judge(changed_data.CHECK, files).outcome is Outcome.PASSED
    assert judge(no_data_remote.CHECK, files).outcome is Outcome.FAILED
    files["data/a.csv"] += b"3,4\r\n"
    assert judge(changed_data.CHECK, files).outcome is Outcome.FAILED
