"""Recorded runs as a table with what each lacks, and two of them side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.facts.tracking import RecordedRun, RunStore, Tracking
from repro_gui.text import Text, text


class Lack(StrEnum):
    """What a run needs so that it can be made again, and has not."""

    PARAMETERS = "parameters"
    METRICS = "metrics"
    COMMIT = "commit"
    COMMIT_GONE = "commit-gone"
    UNCOMMITTED = "uncommitted"
    DATA_VERSION = "data-version"
    ENVIRONMENT = "environment"


LACK_WORDS: Mapping[Lack, Text] = {
    Lack.PARAMETERS: text("parameters"),
    Lack.METRICS: text("metrics"),
    Lack.COMMIT: text("commit"),
    Lack.COMMIT_GONE: text("its commit is not in the repository"),
    Lack.UNCOMMITTED: text("changes that are in no commit"),
    Lack.DATA_VERSION: text("data version"),
    Lack.ENVIRONMENT: text("environment"),
}


class RunRow(msgspec.Struct, frozen=True):
    """One run: `started` in seconds since the epoch, 0 where unknown; counts None where the store does not tell.

    `unknown` is what the files that were read do not answer.
    """

    run_id: str
    name: str
    store: str
    tracker: str
    started: int = 0
    commit: str = ""
    parameters: int | None = None
    metrics: int | None = None
    lacks: tuple[Lack, ...] = ()
    unknown: tuple[Lack, ...] = ()


class RunTable(msgspec.Struct, frozen=True):
    """Runs, newest first; `notes` say what is missing from the table."""

    rows: tuple[RunRow, ...] = ()
    notes: tuple[Text, ...] = ()


class RunDetails(msgspec.Struct, frozen=True):
    """One run with its values, each as its store writes it; None where the files that were read do not hold them.

    `data` are digests and versions of data by name, `environment` versions of packages by name. `metrics` are the last
    values.
    """

    run_id: str
    name: str
    store: str
    tracker: str
    started: int = 0
    commit: str | None = None
    parameters: Mapping[str, str] | None = None
    metrics: Mapping[str, str] | None = None
    data: Mapping[str, str] | None = None
    environment: Mapping[str, str] | None = None


class ComparedRow(msgspec.Struct, frozen=True):
    """One name with its value in both runs, None where a run has no such name."""

    name: str
    left: str | None
    right: str | None
    differs: bool


class ComparedSection(msgspec.Struct, frozen=True):
    """Rows of one kind, those that differ first; `why_not` where one of the runs cannot tell."""

    id: str
    title: Text
    rows: tuple[ComparedRow, ...] = ()
    why_not: Text | None = None

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)


class RunComparison(msgspec.Struct, frozen=True):
    """Two runs side by side."""

    left: RunDetails
    right: RunDetails
    sections: tuple[ComparedSection, ...] = ()


def run_table(tracking: Tracking) -> RunTable:
    """Every run of every store whose runs could be told, newest first."""
    rows: list[RunRow] = []
    notes: list[Text] = []
    for store in tracking.stores:
        if store in tracking.run_stores:
            rows += [run_row(store, run) for run in store.runs]
            if store.run_count is not None and store.run_count > len(store.runs):
                more = "{path} holds {count} runs; the first {read} were read."
                notes.append(text(more, path=store.path, count=store.run_count, read=len(store.runs)))
        elif store.reason is None:
            notes.append(text("{path} holds measurements of {tracker} only.", path=store.path, tracker=store.tracker))
        if store.reason is not None:
            notes.append(store.reason)
    rows.sort(key=lambda row: (-row.started, row.store, row.name, row.run_id))
    return RunTable(tuple(rows), tuple(notes))


def run_row(store: RunStore, run: RecordedRun) -> RunRow:
    """One run as a row."""
    answers = dict(_answers(run))
    return RunRow(
        run_id=run.run_id,
        name=run.name,
        store=store.path,
        tracker=store.tracker,
        started=run.started,
        commit=run.commit or "",
        parameters=None if run.parameters is None else len(run.parameters),
        metrics=None if run.metrics is None else len(run.metrics),
        lacks=tuple(lack for lack, lacks in answers.items() if lacks),
        unknown=tuple(lack for lack, lacks in answers.items() if lacks is None),
    )


def _answers(run: RecordedRun) -> Iterator[tuple[Lack, bool | None]]:
    """Each thing, and whether the run lacks it; None where that is not known."""
    yield Lack.PARAMETERS, None if run.parameters is None else not run.parameters
    yield Lack.METRICS, None if run.metrics is None else not run.metrics
    yield Lack.COMMIT, None if run.commit is None else not run.commit
    if run.commit:
        yield Lack.COMMIT_GONE, None if run.is_commit_here is None else not run.is_commit_here
        yield Lack.UNCOMMITTED, bool(run.is_dirty)
    yield Lack.DATA_VERSION, None if run.has_data_version is None else not run.has_data_version
    yield Lack.ENVIRONMENT, None if run.has_environment is None else not run.has_environment


def find_run(rows: Sequence[RunRow], wanted: str) -> RunRow:
    """The run of that name, or whose id starts so; raises `ReproGuiError` where none or several do."""
    found = [row for row in rows if wanted and (wanted in {row.run_id, row.name} or row.run_id.startswith(wanted))]
    exact = [row for row in found if row.run_id == wanted]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise ReproGuiError(
            text("No recorded run is called {name}.", name=wanted),
            text("Give the name of a run, or the start of its id; `repro-gui runs PATH` lists them."),
        )
    raise ReproGuiError(
        text("{count} recorded runs are called {name}.", count=len(found), name=wanted),
        text("Give more of the id: {ids}.", ids=", ".join(row.run_id for row in found[:5])),
    )


def compare_runs(left: RunDetails, right: RunDetails) -> RunComparison:
    """Parameters, commit, data, environment and metrics of two runs, in this order."""
    commits = (
        None if left.commit is None else ({"commit": left.commit} if left.commit else {}),
        None if right.commit is None else ({"commit": right.commit} if right.commit else {}),
    )
    return RunComparison(
        left,
        right,
        (
            _section("parameters", text("Parameters"), left.parameters, right.parameters),
            _section("commit", text("Commit"), *commits),
            _section("data", text("Data"), left.data, right.data),
            _section("environment", text("Environment"), left.environment, right.environment),
            _section("metrics", text("Metrics"), left.metrics, right.metrics),
        ),
    )


def _section(
    name: str, title: Text, left: Mapping[str, str] | None, right: Mapping[str, str] | None
) -> ComparedSection:
    if left is None or right is None:
        which = text("What both runs say of this is not in the files that were read.")
        if left is not None or right is not None:
            which = text("What one of the runs says of this is not in the files that were read.")
        return ComparedSection(name, title, why_not=which)
    if not left and not right:
        return ComparedSection(name, title, why_not=text("Neither run names any."))
    rows = [
        ComparedRow(key, left.get(key), right.get(key), _differ(left.get(key), right.get(key)))
        for key in {**left, **right}
    ]
    return ComparedSection(name, title, tuple(sorted(rows, key=lambda row: (not row.differs, row.name))))


def _differ(left: str | None, right: str | None) -> bool:
    if left is None or right is None:
        return True
    if left == right:
        return False
    try:
        # `0.10` and `1e-1` are one number.
        return float(left) != float(right)
    except ValueError:
        return True
