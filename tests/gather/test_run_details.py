"""Values of runs from stores that MLflow and Weights & Biases wrote, through the command line as well."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui.errors import ReproGuiError
from repro_gui.gather.mlflow_server import read_mlflow_server
from repro_gui.progress import NoProgress
from repro_gui.worker.project_runs import compare, read_runs
from tests.foreign_environments import foreign_python
from tests.gather.test_tracking import run_foreign

SCRIPT = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("e")
for index in range(2):
    with mlflow.start_run(run_name=f"run {index}", tags={"mlflow.source.git.commit": str(index) * 40}):
        mlflow.log_params({"lr": 0.1 + index, "group/deep": 2, "api_token": f"hunter{index}"})
        for step in range(3):
            mlflow.log_metric("loss", 1 / (1 + step + index), step=step)
        mlflow.set_tag("data_version", f"dvc:{index}")
        if len(sys.argv) > 2:
            mlflow.log_text(f"torch==2.{index}.0\\nsix==1.16.0\\n# note\\n", "requirements.txt")
"""


def rows_of(section: object) -> list[tuple[str, str | None, str | None, bool]]:
    return [(row.name, row.left, row.right, row.differs) for row in section.rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["files", "sqlite"])
def test_two_runs_of_mlflow(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "p"
    root.mkdir()
    uri = f"file:{root}/mlruns" if kind == "files" else f"sqlite:///{root}/mlflow.db"
    run_foreign("mlflow", SCRIPT, root, uri, *(["with files"] if kind == "files" else []))
    found = read_runs(root, NoProgress())
    assert {row.name for row in found.table.rows} == {"run 0", "run 1"}
    sections = {section.id: section for section in compare(root, found, "run 0", "run 1").sections}
    assert rows_of(sections["parameters"]) == [
        ("lr", "0.1", "1.1", True),
        ("api_token", "•••", "•••", False),
        ("group/deep", "2", "2", False),
    ]
    ((name, left, right, differs),) = rows_of(sections["metrics"])
    # The last value, not the first.
    assert (name, round(float(left or 0), 3), round(float(right or 0), 3), differs) == ("loss", 0.333, 0.25, True)
    assert rows_of(sections["commit"]) == [("commit", "0" * 40, "1" * 40, True)]
    assert rows_of(sections["data"]) == [("data_version", "dvc:0", "dvc:1", True)]
    if kind == "files":
        assert rows_of(sections["environment"]) == [
            ("torch", "2.0.0", "2.1.0", True),
            ("six", "1.16.0", "1.16.0", False),
        ]
    else:
        assert sections["environment"].why_not is not None


def test_runs_of_wandb(tmp_path: Path) -> None:
    for number, rate in (("1", "0.1"), ("2", "0.2")):
        files = tmp_path / "wandb" / f"run-20240101_000000-id{number}" / "files"
        files.mkdir(parents=True)
        (files / "config.yaml").write_text(
            f"wandb_version: 1\nlr:\n  desc: null\n  value: {rate}\nlayers:\n  value:\n  - 1\n  - 2\npassword:\n  value: hunter\n"
        )
        (files / "wandb-summary.json").write_text(json.dumps({"loss": 1.5, "_runtime": 3}))
        (files / "requirements.txt").write_text("numpy==2.0.0\n")
    found = read_runs(tmp_path, NoProgress())
    sections = {section.id: section for section in compare(tmp_path, found, "id1", "id2").sections}
    assert ("lr", "0.1", "0.2", True) in rows_of(sections["parameters"])
    assert ("layers", "[1, 2]", "[1, 2]", False) in rows_of(sections["parameters"])
    assert ("password", "•••", "•••", False) in rows_of(sections["parameters"])
    assert rows_of(sections["metrics"]) == [("loss", "1.5", "1.5", False)]
    assert rows_of(sections["environment"]) == [("numpy", "2.0.0", "2.0.0", False)]


def test_a_damaged_run_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    run = tmp_path / "mlruns" / "0" / "abc"
    (run / "metrics").mkdir(parents=True)
    (run / "meta.yaml").write_text("run_name: a\n")
    (run / "metrics" / "loss").write_bytes(b"\xff\xfe 1")
    (run / "params").symlink_to("/etc")
    other = tmp_path / "mlruns" / "0" / "def"
    shutil.copytree(run, other, symlinks=True)
    (other / "meta.yaml").write_text("[")
    found = read_runs(tmp_path, NoProgress())
    sections = {section.id: section for section in compare(tmp_path, found, "abc", "def").sections}
    assert sections["parameters"].rows == ()


# ------------------------------------------------------------------------------------------------------ the command line


def cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "repro_gui", "runs", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
    )


def test_the_verb(tmp_path: Path) -> None:
    root = tmp_path / "p"
    root.mkdir()
    assert cli(str(root)).returncode == 2
    run_foreign("mlflow", SCRIPT, root, f"file:{root}/mlruns", "with files")
    listed = cli(str(root))
    assert (listed.returncode, "run 1" in listed.stdout) == (0, True)
    table = json.loads(cli(str(root), "--format", "json").stdout)
    assert {row["name"] for row in table["rows"]} == {"run 0", "run 1"}
    compared = cli(str(root), "--compare", "run 0", "run 1")
    assert compared.returncode == 1
    assert "  lr  0.1  →  1.1" in compared.stdout
    assert "hunter" not in compared.stdout
    same = cli(str(root), "--compare", "run 0", "run 0", "--format", "json")
    assert (same.returncode, json.loads(same.stdout)["sections"][0]["id"]) == (0, "parameters")
    wrong = cli(str(root), "--compare", "run 0", "run 7")
    assert (wrong.returncode, "No recorded run is called run 7" in wrong.stderr) == (2, True)


# ------------------------------------------------------------------------------------------------------ a server of MLflow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real `mlflow server` with two runs in it."""
    folder = tmp_path_factory.mktemp("server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    python = foreign_python("mlflow-server")
    environment = {
        "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
        "HOME": str(folder),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }
    command = [str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--backend-store-uri", f"sqlite:///{folder}/server.db"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                with socket.socket() as asking:
                    if not asking.connect_ex(("127.0.0.1", port)):
                        break
                assert running.poll() is None, (folder / "log").read_text()
                time.sleep(0.2)
            run_foreign("mlflow-server", SCRIPT, folder, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(running.pid, 15)
            running.wait(30)


_ASK = """
import sys
sys.path.append(sys.argv[1])
sys.argv[0:2] = ["repro-gui"]
from repro_gui.cli import run
sys.exit(run(sys.argv[1:], lambda paths: 9))
"""


def with_client(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Our command line in a process that has MLflow's client."""
    packages = next((foreign_python("mlflow-server").parent.parent / "lib").glob("python*/site-packages"))
    return subprocess.run(
        [sys.executable, "-c", _ASK, str(packages), "runs", *arguments],
        env={**os.environ, "HOME": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_runs_of_a_server(server: str, tmp_path: Path) -> None:
    listed = with_client(tmp_path, str(tmp_path), "--server", server, "--format", "json")
    assert listed.returncode == 0, listed.stderr
    table = json.loads(listed.stdout)
    assert {row["name"] for row in table["rows"]} == {"run 0", "run 1"}
    assert {tuple(row["unknown"]) for row in table["rows"]} == {("commit-gone", "environment")}
    compared = with_client(
        tmp_path, str(tmp_path), "--server", server, "--experiment", "e", "--compare", "run 0", "run 1"
    )
    assert compared.returncode == 1, compared.stderr
    assert "  lr  0.1  →  1.1" in compared.stdout
    assert "hunter" not in compared.stdout
    missing = with_client(tmp_path, str(tmp_path), "--server", server, "--experiment", "nowhere")
    assert (missing.returncode, "has no experiment nowhere" in missing.stderr) == (2, True)


def test_a_server_that_is_none_or_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://person:hunter2@127.0.0.1:{listening.getsockname()[1]}"
        silent = (
            "import sys; sys.path.append(sys.argv[1])\n"
            "from repro_gui.errors import ReproGuiError\nfrom repro_gui.gather.mlflow_server import read_mlflow_server\n"
            "from repro_gui.progress import NoProgress\n"
            "try: read_mlflow_server(sys.argv[2], '', NoProgress(), 20, 1)\n"
            "except ReproGuiError as error: print(error.what)\n"
        )
        packages = next((foreign_python("mlflow-server").parent.parent / "lib").glob("python*/site-packages"))
        done = subprocess.run(
            [sys.executable, "-c", silent, str(packages), address],
            env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.stdout.startswith("127.0.0.1"), done.stderr
    assert "hunter2" not in done.stdout
    refused = with_client(tmp_path, str(tmp_path), "--server", "http://127.0.0.1:1")
    assert (refused.returncode, "could not be asked" in refused.stderr) == (2, True)


@pytest.mark.parametrize("address", ["file:///tmp/x", "sqlite:///a.db", "databricks", "http://", ""])
def test_only_servers_are_asked(address: str) -> None:
    with pytest.raises(ReproGuiError, match="no address of an MLflow server"):
        read_mlflow_server(address, "", NoProgress())


def test_without_the_client_the_person_is_told() -> None:
    # Our own environment has no such client.
    with pytest.raises(ReproGuiError, match="mlflow-skinny"):
        read_mlflow_server("http://127.0.0.1:1", "", NoProgress())
