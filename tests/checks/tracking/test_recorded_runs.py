"""What recorded runs name: commit, data, environment; and whether there are any."""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Check
from repro_gui.checks.tracking import (
    no_recorded_run,
    run_without_commit,
    run_without_data_version,
    run_without_environment,
)
from repro_gui.facts.git import NoRepository
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.tracking import (
    RecordedRun,
    RunStore,
    StoreKind,
    Tracking,
    names_data_version,
    names_environment,
)
from repro_gui.knowledge import load_knowledge
from repro_gui.text import text

COMMIT = run_without_commit.CHECK
DATA, ENVIRONMENT = run_without_data_version.CHECK, run_without_environment.CHECK


def judge(
    check: Check, *runs: RecordedRun, kind: StoreKind = StoreKind.MLFLOW_FILES, repository: bool = True
) -> CheckResult:
    snapshot = snapshot_of_files("p", {})
    if not repository:
        snapshot = msgspec.structs.replace(snapshot, git=NoRepository())
    store = RunStore("mlruns", kind, "T", len(runs), tuple(runs))
    return run_check(FactsFor(msgspec.structs.replace(snapshot, tracking=Tracking((store,))), load_knowledge()), check)


@pytest.mark.parametrize(
    ("run", "kind", "outcome"),
    [
        (RecordedRun("a", commit=""), "none", Outcome.FAILED),
        (RecordedRun("a", commit="a" * 40, is_commit_here=False), "gone", Outcome.FAILED),
        (RecordedRun("a", commit="a" * 40, is_commit_here=True, is_dirty=True), "dirty", Outcome.FAILED),
        (RecordedRun("a", commit="a" * 40, is_commit_here=True), "", Outcome.PASSED),
        (RecordedRun("a", commit="a" * 40, is_commit_here=True, is_dirty=False), "", Outcome.PASSED),
        (RecordedRun("a", commit="a" * 40), "", Outcome.COULD_NOT_RUN),
        (RecordedRun("a"), "", Outcome.COULD_NOT_RUN),
    ],
)
def test_commits(run: RecordedRun, kind: str, outcome: Outcome) -> None:
    result = judge(COMMIT, run)
    assert [note.values["kind"] for note in result.findings] == ([kind] if kind else [])
    assert result.outcome is outcome
    # A good run beside it changes nothing, and is shown.
    both = judge(COMMIT, run, RecordedRun("b", commit="b" * 40, is_commit_here=True))
    assert both.outcome is outcome
    assert both.evidence


def test_without_a_repository_commits_cannot_be_looked_up() -> None:
    result = judge(COMMIT, RecordedRun("a", commit="a" * 40), repository=False)
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "no repository" in str(result.why_not)


@pytest.mark.parametrize(("check", "field"), [(DATA, "has_data_version"), (ENVIRONMENT, "has_environment")])
def test_data_and_environment(check: Check, field: str) -> None:
    for value, outcome in ((True, Outcome.PASSED), (False, Outcome.FAILED), (None, Outcome.COULD_NOT_RUN)):
        result = judge(check, msgspec.structs.replace(RecordedRun("a", "first"), **{field: value}))
        assert result.outcome is outcome
    assert (
        "first"
        in judge(check, msgspec.structs.replace(RecordedRun("a", "first"), **{field: False})).findings[0].message
    )


@pytest.mark.parametrize("check", [COMMIT, DATA, ENVIRONMENT])
def test_stores_that_hold_measurements_only_are_not_judged(check: Check) -> None:
    assert judge(check, RecordedRun("runs/a"), kind=StoreKind.TENSORBOARD).outcome is Outcome.NOT_APPLICABLE
    snapshot = snapshot_of_files("p", {})
    store = RunStore("mlflow.db", StoreKind.MLFLOW_SQLITE, "MLflow", reason=text("It is locked."))
    facts = FactsFor(msgspec.structs.replace(snapshot, tracking=Tracking((store,))), load_knowledge())
    assert run_check(facts, check).outcome is Outcome.COULD_NOT_RUN


def test_many_runs_are_one_finding_with_a_few_names() -> None:
    result = judge(COMMIT, *[RecordedRun(f"r{number}", commit="") for number in range(9)])
    (finding,) = result.findings
    assert finding.message == "9 of 9 runs in mlruns name no commit: r0, r1, r2, r3, r4 …"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("data_version", True),
        ("dataset.digest", True),
        ("dvc_rev", True),
        ("lakefs_commit", True),
        ("hash_of_the_data", True),
        ("md5_data", True),
        ("data_path", False),
        ("dataset", False),
        ("version", False),
        ("commit", False),
        ("data_augmentation", False),
    ],
)
def test_names_of_data_versions(name: str, is_one: bool) -> None:
    assert names_data_version([name]) is is_one


def test_names_of_environments() -> None:
    assert names_environment(["mlflow.log-model.history"])
    assert names_environment([], ["model/conda.yaml"])
    assert not names_environment(["mlflow.user"], ["model/weights.pt", "my_requirements.txt.bak"])


FIT = "from sklearn.linear_model import SGDClassifier\nSGDClassifier(random_state=1).fit([[0.0], [1.0]], [0, 1])\n"


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        ("", Outcome.NOT_APPLICABLE),
        ("import mlflow\nmlflow.start_run()\n", Outcome.FAILED),
        ("import mlflow\nmlflow.set_tracking_uri('file:mlruns')\nmlflow.start_run()\n", Outcome.FAILED),
        ("import mlflow\nmlflow.set_tracking_uri('http://tracking:5000')\nmlflow.start_run()\n", Outcome.COULD_NOT_RUN),
        ("import mlflow, os\nmlflow.set_tracking_uri(os.environ['A'])\nmlflow.start_run()\n", Outcome.COULD_NOT_RUN),
        ("import comet_ml\ncomet_ml.Experiment()\n", Outcome.COULD_NOT_RUN),
        ("import wandb, sys\nif len(sys.argv) > 3:\n    wandb.init(config={'a': 1})\n", Outcome.COULD_NOT_RUN),
        ("from dvclive import Live\nLive()\n", Outcome.COULD_NOT_RUN),
        ("import wandb\nTRACK = False\nif TRACK:\n    wandb.init(config={'a': 1})\n", Outcome.NOT_APPLICABLE),
        ("import wandb\nwandb.init(config={'a': 1})\n", Outcome.FAILED),
    ],
)
def test_a_tracker_without_runs(head: str, outcome: Outcome) -> None:
    facts = FactsFor(snapshot_of_files("p", {"train.py": (head + FIT).encode()}), load_knowledge())
    result = run_check(facts, no_recorded_run.CHECK)
    assert result.outcome is outcome, (result.why_not, [note.message for note in result.findings])


def test_runs_that_are_there_are_counted_whoever_made_them() -> None:
    result = judge(no_recorded_run.CHECK, RecordedRun("runs/a"), kind=StoreKind.TENSORBOARD)
    assert result.outcome is Outcome.PASSED
    assert result.evidence[0].message == "mlruns holds 1 runs of T."
