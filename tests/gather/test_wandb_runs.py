"""Runs that the real wandb recorded without a server: finished, stopped, resumed, long, empty; in the table and side by side."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from repro_gui.audit.report import CheckResult
from repro_gui.facts.runs import Lack
from repro_gui.facts.settings import Settings
from repro_gui.facts.tracking import RecordedRun
from repro_gui.gather.wandb_runs import run_folders
from repro_gui.progress import NoProgress
from repro_gui.worker.open_project import OpenProject
from repro_gui.worker.project_runs import compare, read_runs
from tests.gather.test_run_details import rows_of
from tests.gather.test_tracking import gather, run_foreign, untouched
from tests.git_repositories import run_git

SCRIPT = """
import os, signal, sys, time
import wandb

def start(**values):
    return wandb.init(mode="offline", project="p", **values)

config = {"lr": 0.1, "api_token": "hunter2", "model": {"depth": 3, "act": "relu"}, "layers": [1, 2]}
with start(id="finished", name="first", config=config) as run:
    run.config.update({"seed": 7})
    run.config["note"] = None
    for step in range(3):
        run.log({"loss": 1 / (step + 1), "val": {"acc": step}, "odd": float("nan")})
    run.summary["best"] = 0.25
with start(id="other", name="second", config={"lr": 0.2, "data_version": "dvc:1"}) as run:
    run.log({"loss": 0.5})
for part in range(2):
    with start(id="my-run-1", resume="allow", config={"lr": 0.1, f"part{part}": part}) as run:
        run.log({f"loss{part}": part})
    time.sleep(1.1)  # its folder is named by the second
with start(id="empty"):
    pass
with start(id="long", config={"lr": 1, "text": "x" * 70_000}) as run:
    for step in range(4000):
        run.log({"loss": step})
    run.config["late"] = 1
if os.fork() == 0:
    run = start(id="killed", config={"lr": 0.1})
    file = os.path.join(os.path.dirname(run.dir), "run-killed.wandb")
    while os.path.getsize(file) < 70_000:
        for step in range(200):
            run.log({"loss": 1})
    os.kill(os.getpid(), signal.SIGKILL)
os.wait()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wandb") / "project"
    root.mkdir()
    (root / "train.py").write_text("import wandb\n")
    (root / ".gitignore").write_text("wandb/\n")
    for arguments in (
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", "https://git.example.org/p.git"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "First"],
    ):
        run_git(root, *arguments)
    run_foreign("wandb", SCRIPT, root)
    return root


@pytest.fixture(scope="module")
def runs(project: Path) -> dict[str, RecordedRun]:
    before = untouched(project)
    (store,) = gather(project)
    assert untouched(project) == before
    assert store.run_count == len(store.runs) == 6
    assert "hunter2" not in repr(store)
    return {run.run_id: run for run in store.runs}


def test_a_finished_run(runs: dict[str, RecordedRun], project: Path) -> None:
    run = runs["finished"]
    assert run.name == "first"
    assert run.parameters == ("api_token", "layers", "lr", "model", "note", "seed")
    assert run.metrics == ("best", "loss", "odd", "val")
    assert run.commit == run_git(project, "rev-parse", "HEAD").strip()
    assert run.started > 1_700_000_000
    assert (run.has_data_version, run.has_environment) == (False, True)
    assert runs["other"].has_data_version is True


def test_other_ways_of_runs(runs: dict[str, RecordedRun]) -> None:
    resumed = runs["my-run-1"]
    assert (resumed.parameters, resumed.metrics) == (("lr", "part0", "part1"), ("loss0", "loss1"))
    assert (runs["empty"].parameters, runs["empty"].metrics) == ((), ())
    # Only the ends of a long file are read: what is missing there may stand between.
    long = runs["long"]
    assert (long.parameters, long.metrics, long.has_data_version) == (("late", "lr", "text"), ("loss",), None)
    killed = runs["killed"]
    # The service of wandb may still have ended it, or not.
    assert (killed.parameters, killed.metrics) == (("lr",), ("loss",))


def test_the_table_and_two_of_them_side_by_side(project: Path) -> None:
    found = read_runs(project, NoProgress())
    rows = {row.run_id: row for row in found.table.rows}
    assert rows["finished"].lacks == (Lack.DATA_VERSION,)
    assert rows["finished"].unknown == ()
    assert (rows["finished"].parameters, rows["finished"].metrics) == (6, 4)
    assert rows["empty"].lacks == (Lack.PARAMETERS, Lack.METRICS, Lack.DATA_VERSION)
    assert Lack.METRICS not in (*rows["killed"].lacks, *rows["killed"].unknown)
    sections = {section.id: section for section in compare(project, found, "first", "second").sections}
    parameters = rows_of(sections["parameters"])
    assert ("lr", "0.1", "0.2", True) in parameters
    assert ("model", "{depth: 3, act: relu}", None, True) in parameters
    assert ("layers", "[1, 2]", None, True) in parameters
    assert ("note", "null", None, True) in parameters
    assert ("api_token", "•••", None, True) in parameters
    metrics = {name: (left, right) for name, left, right, _ in rows_of(sections["metrics"])}
    assert metrics["loss"] == ("0.3333333333333333", "0.5")
    assert metrics["val"] == ("{acc: 2}", None)
    assert metrics["odd"] == ("NaN", None)
    assert rows_of(sections["data"]) == [("data_version", None, "dvc:1", True)]
    assert [one.differs for one in sections["commit"].rows] == [False]
    assert sections["environment"].rows
    # A value of the middle of a long run is found when that run alone is read.
    sections = {section.id: section for section in compare(project, found, "long", "my-run-1").sections}
    assert ("late", "1", None, True) in rows_of(sections["parameters"])
    assert ("lr", "1", "0.1", True) in rows_of(sections["parameters"])


def test_a_synchronised_run_shows_the_same_values(project: Path, tmp_path: Path) -> None:
    folder = next((project / "wandb").glob("*-finished"))
    files = tmp_path / "wandb" / "run-20260101_000000-synced" / "files"
    files.mkdir(parents=True)
    shutil.copytree(folder, tmp_path / "wandb" / folder.name, symlinks=True)
    # As the server's files say it.
    (files / "config.yaml").write_text(
        "lr:\n  value: 0.1\nmodel:\n  value:\n    depth: 3\n    act: relu\nlayers:\n  value:\n  - 1\n  - 2\n"
        "seed:\n  value: 7\nnote:\n  value: null\napi_token:\n  value: hunter2\n"
    )
    (files / "wandb-summary.json").write_text(
        '{"_step":2,"loss":0.3333333333333333,"val":{"acc":2},"odd":"NaN","best":0.25}'
    )
    found = read_runs(tmp_path, NoProgress())
    sections = {section.id: section for section in compare(tmp_path, found, "first", "synced").sections}
    assert [row.name for name in ("parameters", "metrics") for row in sections[name].rows if row.differs] == []


def test_checks_use_what_was_recorded(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "p"
    shutil.copytree(project, root, symlinks=True)
    results = results_of(root)
    (finding,) = results["run-without-data-version"].findings
    assert "first" in finding.message
    assert "second" not in finding.message
    assert results["run-without-commit"].findings == ()
    assert results["run-without-environment"].findings == ()
    run_git(root, "commit", "--quiet", "--amend", "--message", "Another")
    subprocess.run(["git", "reflog", "expire", "--expire=now", "--all"], cwd=root, check=True)
    subprocess.run(["git", "gc", "--quiet", "--prune=now"], cwd=root, check=True)
    assert len(results_of(root)["run-without-commit"].findings) == 1


def results_of(root: Path) -> dict[str, CheckResult]:
    with OpenProject(root) as opened:
        return {result.check_id: result for result in opened.audit(Settings(), NoProgress()).results}


def test_folders_of_a_run() -> None:
    names = [
        "wandb/run-20260101_000002-a-b",
        "wandb/offline-run-20260101_000001-a-b",
        "wandb/run-x",
        "wandb/latest-run",
        "wandb/run-20260101_000000-",
    ]
    assert run_folders(names) == {"a-b": ["wandb/offline-run-20260101_000001-a-b", "wandb/run-20260101_000002-a-b"]}
