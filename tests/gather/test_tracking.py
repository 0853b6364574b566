from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.tracking import RunStore, StoreKind, Tracking
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.tracking import gather_tracking
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from tests.foreign_environments import foreign_python

MLFLOW = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("e")
for index in range(2):
    with mlflow.start_run(run_name=f"run {index}", tags={"mlflow.source.git.commit": "a" * 40} if index else {}):
        mlflow.log_params({"lr": 0.1, "group/deep": 2} if index else {"lr": 1})
        mlflow.log_metric("loss", 0.5)
        if index:
            mlflow.set_tag("data_version", "dvc:1234")
        elif sys.argv[1].startswith("file:"):
            mlflow.log_text("six==1.16.0", "requirements.txt")
"""
WANDB = """
import wandb
with wandb.init(mode="offline", project="p", config={"lr": 0.1, "password": "hunter2"}) as run:
    run.log({"loss": 1})
"""


def run_foreign(name: str, script: str, folder: Path, *arguments: str) -> None:
    python = foreign_python(name)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "WANDB_SILENT": "true",
        "WANDB_ERROR_REPORTING": "false",
    }
    done = subprocess.run(
        [str(python), "-c", script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def gather(root: Path) -> list[RunStore]:
    with ProjectFiles(root) as opened, Cache(None, str(root)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        return list(gather_tracking(opened, tree, Settings(), NoProgress(), cache).stores)


def untouched(root: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.stat().st_size, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", [StoreKind.MLFLOW_FILES, StoreKind.MLFLOW_SQLITE])
def test_store_written_by_mlflow(tmp_path: Path, kind: StoreKind) -> None:
    root = tmp_path / "project"
    root.mkdir()
    uri = f"file:{root}/mlruns" if kind is StoreKind.MLFLOW_FILES else f"sqlite:///{root}/mlflow.db"
    run_foreign("mlflow", MLFLOW, root, uri)
    before = untouched(root)
    stores = [store for store in gather(root) if store.kind is kind]
    assert [(store.path, store.run_count) for store in stores] == [(uri.rpartition("/")[2], 2)]
    runs = {run.name: run for run in stores[0].runs}
    assert runs["run 0"].parameters == ("lr",)
    assert runs["run 1"].parameters == ("group/deep", "lr")
    assert runs["run 1"].metrics == ("loss",)
    assert runs["run 1"].commit == "a" * 40
    assert runs["run 1"].started > 1_700_000_000
    # Only the database leaves open what lies beside it as artifacts.
    assert runs["run 1"].has_environment is (False if kind is StoreKind.MLFLOW_FILES else None)
    assert [runs[name].has_data_version for name in ("run 0", "run 1")] == [False, True]
    if kind is StoreKind.MLFLOW_FILES:
        assert runs["run 0"].has_environment is True
    assert untouched(root) == before


def test_offline_run_written_by_wandb(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    run_foreign("wandb", WANDB, root)
    before = untouched(root)
    (store,) = gather(root)
    assert (store.path, store.kind, store.run_count) == ("wandb", StoreKind.WANDB, 1)
    assert "hunter2" not in repr(store)
    assert untouched(root) == before


def test_synchronised_wandb_run(tmp_path: Path) -> None:
    files = tmp_path / "wandb/run-20260101_000000-abc123/files"
    files.mkdir(parents=True)
    (files / "config.yaml").write_text("wandb_version: 1\n_wandb:\n  value: {}\nlr:\n  value: 0.1\nseed:\n  value: 1\n")
    (files / "wandb-metadata.json").write_text('{"git": {"remote": "r", "commit": "' + "b" * 40 + '"}, "host": "h"}')
    (files / "wandb-summary.json").write_text('{"_step": 3, "loss": 0.1}')
    (store,) = gather(tmp_path)
    assert store.runs[0].run_id == "abc123"
    assert store.runs[0].parameters == ("lr", "seed")
    assert store.runs[0].commit == "b" * 40
    assert store.runs[0].metrics == ("loss",)
    assert (store.runs[0].is_dirty, store.runs[0].has_environment) == (None, False)
    (files / "diff.patch").write_text("+x\n")
    (files / "requirements.txt").write_text("six==1.16.0\n")
    (store,) = gather(tmp_path)
    assert (store.runs[0].is_dirty, store.runs[0].has_environment) == (True, True)


def make_database(path: Path, *, journal: str = "delete") -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"pragma journal_mode = {journal}")
    connection.executescript(
        "create table experiments (experiment_id int, name text);"
        "create table runs (run_uuid text primary key, name text, start_time int);"
        "create table params (key text, value text, run_uuid text);"
        "create table metrics (key text, value real, run_uuid text);"
        "create table tags (key text, value text, run_uuid text);"
        "insert into runs values ('r1', 'first', 1700000000000);"
        "insert into params values ('lr', '1', 'r1');"
    )
    connection.commit()
    return connection


def test_open_store_is_read_with_what_is_in_its_log_and_stays_as_it_is(tmp_path: Path) -> None:
    connection = make_database(tmp_path / "mlflow.db", journal="wal")
    try:
        assert (tmp_path / "mlflow.db-wal").stat().st_size > 0
        before = untouched(tmp_path)
        (store,) = gather(tmp_path)
        assert (store.run_count, store.runs[0].parameters) == (1, ("lr",))
        assert untouched(tmp_path) == before
    finally:
        connection.close()


def test_a_store_that_somebody_locked_is_read_as_it_was_committed(tmp_path: Path) -> None:
    make_database(tmp_path / "mlflow.db").close()
    # Another process is in the middle of a change: it holds the lock, and its journal lies beside the file.
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect('mlflow.db', isolation_level=None)\n"
        "connection.execute('pragma cache_size = 1')\n"
        "connection.execute('begin exclusive')\n"
        "connection.executemany('insert into params values (?, ?, ?)', [(str(n) * 500, 'x', 'r1') for n in range(500)])\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as locking:
        assert locking.stdout is not None
        assert locking.stdout.readline() == "locked\n"
        try:
            assert (tmp_path / "mlflow.db-journal").exists()
            before = untouched(tmp_path)
            (store,) = gather(tmp_path)
            assert (store.run_count, store.runs[0].parameters) == (1, ("lr",))
            assert untouched(tmp_path) == before
        finally:
            locking.kill()


def test_name_that_looks_like_an_address_is_only_a_name(tmp_path: Path) -> None:
    make_database(tmp_path / "mlflow.db").close()
    hostile = tmp_path / "mlflow.db?mode=rwc&cache=shared#.db"
    shutil.move(tmp_path / "mlflow.db", hostile)
    (store,) = gather(tmp_path)
    assert store.run_count == 1
    assert [path.name for path in tmp_path.iterdir()] == [hostile.name]


@pytest.mark.parametrize("cut", [100, 4096, 9000])
def test_half_written_store_is_a_sentence(tmp_path: Path, cut: int) -> None:
    make_database(tmp_path / "whole.db").close()
    content = (tmp_path / "whole.db").read_bytes()
    (tmp_path / "whole.db").unlink()
    (tmp_path / "mlflow.db").write_bytes(content[:cut])
    (store,) = gather(tmp_path)
    assert store.run_count is None
    assert "mlflow.db could not be read" in str(store.reason)


def test_view_in_the_place_of_a_table_is_not_asked(tmp_path: Path) -> None:
    connection = make_database(tmp_path / "mlflow.db")
    connection.executescript(
        "drop table runs;"
        "create view runs as with recursive n(run_uuid) as (select 1 union all select run_uuid + 1 from n) "
        "select run_uuid, 'x' as name, 0 as start_time from n;"
    )
    connection.close()
    assert gather(tmp_path) == []


def test_query_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro_gui.gather.mlflow_database._MOST_CALLS", 0)
    monkeypatch.setattr("repro_gui.gather.mlflow_database._STEPS", 50)
    connection = make_database(tmp_path / "mlflow.db")
    connection.executemany("insert into runs values (?, '', 0)", [(str(index),) for index in range(2000)])
    connection.commit()
    connection.close()
    (store,) = gather(tmp_path)
    assert "interrupted" in str(store.reason)


def test_other_databases_and_junk_are_no_stores(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("create table t (x int)")
    connection.close()
    (tmp_path / "mlflow.sqlite").write_bytes(b"junk")
    (tmp_path / "empty.db").touch()
    os.mkfifo(tmp_path / "pipe.db")
    assert gather(tmp_path) == []


def test_stores_that_are_not_read_yet_say_so(tmp_path: Path) -> None:
    (tmp_path / ".aim").mkdir()
    (tmp_path / ".aim/x").touch()
    (tmp_path / "runs/a").mkdir(parents=True)
    (tmp_path / "runs/a/events.out.tfevents.1.host.2").touch()
    aim, board = gather(tmp_path)
    assert (aim.tracker, aim.run_count, str(aim.reason)) == ("Aim", None, ".aim is not read yet.")
    assert (board.path, board.kind, board.run_count) == ("runs", StoreKind.TENSORBOARD, 1)


@pytest.mark.parametrize("content", [b"", b"[" * 50_000, b"\0\1", b"a: &a [*a]"])
def test_damaged_run_is_still_counted(tmp_path: Path, content: bytes) -> None:
    run = tmp_path / "mlruns/0/abc"
    run.mkdir(parents=True)
    (run / "meta.yaml").write_bytes(content)
    files = tmp_path / "wandb/run-20260101_000000-x/files"
    files.mkdir(parents=True)
    for name in ("config.yaml", "wandb-metadata.json", "wandb-summary.json"):
        (files / name).write_bytes(content)
    assert [store.run_count for store in gather(tmp_path)] == [1, 1]


def test_links_in_a_store_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "0/run").mkdir(parents=True)
    (outside / "0/run/meta.yaml").write_text("run_name: x\n")
    root = tmp_path / "project"
    (root / "mlruns").mkdir(parents=True)
    (root / "mlruns/0").symlink_to(outside / "0")
    assert gather(root) == []


def test_store_too_large_to_copy_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro_gui.gather.mlflow_database._LARGEST", 1000)
    make_database(tmp_path / "mlflow.db").close()
    make_database(tmp_path / "features.db").close()
    (store,) = gather(tmp_path)
    assert (store.path, store.run_count) == ("mlflow.db", None)
    assert "larger than 1000 bytes" in str(store.reason)


def test_commits_of_runs_are_looked_up_in_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a.py").write_text("a = 1\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    heads = []
    for number in range(2):
        (tmp_path / "a.py").write_text(f"a = {number}\n")
        subprocess.run(["git", "-C", tmp_path, "add", "a.py"], check=True)
        subprocess.run(["git", "-C", tmp_path, *author, "commit", "-q", "-m", "x"], check=True)
        said = subprocess.run(["git", "-C", tmp_path, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        heads.append(said.stdout.strip())
    for name, commit in {"r1": heads[0], "r2": heads[1], "r3": "f" * 40, "r4": "main"}.items():
        files = tmp_path / f"wandb/run-20260101_000000-{name}/files"
        files.mkdir(parents=True)
        (files / "wandb-metadata.json").write_text('{"git": {"commit": "' + commit + '"}}')
    snapshot = gather_snapshot(tmp_path)
    assert isinstance(snapshot.tracking, Tracking)
    (store,) = snapshot.tracking.stores
    assert {run.run_id: run.is_commit_here for run in store.runs} == {"r1": True, "r2": True, "r3": False, "r4": None}
