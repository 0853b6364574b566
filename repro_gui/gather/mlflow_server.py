"""Reads runs from an MLflow server that the person named, through the official client (an optional extra).

Only HTTP and HTTPS are spoken, only runs are read. A request waits ten seconds and is not repeated; all of them together wait a minute.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.facts.addresses import host_of
from repro_gui.facts.runs import RunDetails
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, names_data_version, names_environment
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.progress import Progress

_REQUEST_SECONDS = 10
_SECONDS = 60.0
_MOST_RUNS = 300
_MOST_EXPERIMENTS = 100
_COMMIT_TAG = "mlflow.source.git.commit"


class ServerRuns(msgspec.Struct, frozen=True):
    """The runs of a server as a store, and their values by id."""

    store: RunStore
    details: dict[str, RunDetails]


def read_mlflow_server(
    address: str,
    experiment: str,
    progress: Progress,
    seconds: float = _SECONDS,
    request_seconds: int = _REQUEST_SECONDS,
) -> ServerRuns:
    """The newest runs of one experiment, or of all ("") ; raises `ReproGuiError` where the server or the client is missing."""
    host = host_of(address)
    if not address.startswith(("http://", "https://")) or not host:
        raise ReproGuiError(
            text("{address} is no address of an MLflow server.", address=address.rpartition("@")[2]),
            text("Give one that begins with http:// or https://."),
        )
    if importlib.util.find_spec("mlflow") is None:
        raise ReproGuiError(
            text("The client of MLflow is not installed beside Repro GUI (the package mlflow-skinny)."),
            text("Install Repro GUI with its extra mlflow, or read the runs of a local store."),
        )
    found: list[ServerRuns | ReproGuiError] = []

    def work() -> None:
        try:
            found.append(_read(address, host, experiment, request_seconds))
        except ReproGuiError as error:
            found.append(error)
        except Exception as error:  # noqa: BLE001 -- whatever the client raises; its texts may hold credentials
            found.append(_failed(host, error))

    # The client has no call to end a request from outside: its thread is left to its own time-out.
    reading = threading.Thread(target=work, name="read-mlflow", daemon=True)
    reading.start()
    deadline = time.monotonic() + seconds
    while reading.is_alive() and time.monotonic() < deadline:
        progress.step(text("Asking {host}", host=host), 0, 0)
        reading.join(0.05)
    if not found:
        raise _silent(host)
    if isinstance(found[0], ReproGuiError):
        raise found[0]
    return found[0]


def _silent(host: str) -> ReproGuiError:
    return ReproGuiError(
        text("{host} did not answer in time.", host=host), text("Check the address and that the server runs.")
    )


def _failed(host: str, error: Exception) -> ReproGuiError:
    status = getattr(error, "get_http_status_code", None)
    code = status() if callable(status) else None
    if type(error).__name__ == "RestException" and isinstance(code, int):
        return ReproGuiError(
            text("{host} refused to tell its runs (status {code}).", host=host, code=code),
            text(
                "Check the address, and MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD where it asks for them."
            ),
        )
    return ReproGuiError(
        text("{host} could not be asked for its runs ({kind}).", host=host, kind=type(error).__name__),
        text("Check the address and that an MLflow server runs there."),
    )


def _read(address: str, host: str, experiment: str, seconds: int) -> ServerRuns:
    with _settings(seconds):
        from mlflow.tracking import MlflowClient  # type: ignore[import-not-found, unused-ignore]

        client: Any = MlflowClient(tracking_uri=address)
        if experiment:
            one = client.get_experiment_by_name(experiment)
            if one is None:
                raise ReproGuiError(
                    text("{host} has no experiment {name}.", host=host, name=experiment),
                    text("Leave the experiment out to see the runs of all."),
                )
            experiments = [one.experiment_id]
        else:
            experiments = [one.experiment_id for one in client.search_experiments(max_results=_MOST_EXPERIMENTS)]
        listed = client.search_runs(experiments, max_results=_MOST_RUNS, order_by=["attributes.start_time DESC"])
        # A page token tells that there are more than were asked for; how many, nobody tells.
        has_more = bool(getattr(listed, "token", None))
        runs = [_run(run) for run in listed]
        details = {run.info.run_id: _details(run, host) for run in listed}
    reason = (
        text("{host} has more runs; the newest {count} were read.", host=host, count=len(runs)) if has_more else None
    )
    return ServerRuns(RunStore(host, StoreKind.MLFLOW_SERVER, "MLflow", len(runs), tuple(runs), reason), details)


@contextlib.contextmanager
def _settings(seconds: int) -> Iterator[None]:
    """The client takes its limits from the environment only."""
    wanted = {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(seconds),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _run(run: Any) -> RecordedRun:
    tags = dict(run.data.tags)
    parameters, metrics = tuple(sorted(run.data.params)), tuple(sorted(run.data.metrics))
    has_model = bool(getattr(getattr(run, "outputs", None), "model_outputs", None))
    return RecordedRun(
        run_id=run.info.run_id,
        name=run.info.run_name or "",
        parameters=parameters,
        metrics=metrics,
        commit=tags.get(_COMMIT_TAG, ""),
        started=int(run.info.start_time or 0) // 1000,
        has_data_version=bool(_data_sets(run)) or names_data_version((*parameters, *tags)),
        # Artifacts are not asked for.
        has_environment=True if has_model or names_environment(tags) else None,
    )


def _details(run: Any, host: str) -> RunDetails:
    tags, parameters = dict(run.data.tags), dict(run.data.params)
    named = {name: value for name, value in {**tags, **parameters}.items() if names_data_version([name])}
    return RunDetails(
        run_id=run.info.run_id,
        name=run.info.run_name or "",
        store=host,
        tracker="MLflow",
        started=int(run.info.start_time or 0) // 1000,
        commit=tags.get(_COMMIT_TAG, ""),
        parameters=parameters,
        metrics={name: repr(value) for name, value in run.data.metrics.items()},
        data={**named, **_data_sets(run)},
    )


def _data_sets(run: Any) -> dict[str, str]:
    inputs = getattr(getattr(run, "inputs", None), "dataset_inputs", None) or ()
    return {one.dataset.name: one.dataset.digest for one in inputs}
