"""The table of runs, how one is named, and what a comparison says."""

from __future__ import annotations

import pytest

from repro_gui.errors import ReproGuiError
from repro_gui.facts.runs import Lack, RunDetails, compare_runs, find_run, run_row, run_table
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, Tracking
from repro_gui.text import text

WHOLE = RecordedRun("f00d1", "whole", ("lr",), ("loss",), "1" * 40, 2, True, False, True, True)
BARE = RecordedRun("beef1", "bare", (), (), "", 3, has_data_version=False, has_environment=False)
UNTOLD = RecordedRun("beef2", "untold", None, None, None, 1)


def store(*runs: RecordedRun, kind: StoreKind = StoreKind.MLFLOW_FILES, count: int | None = None) -> RunStore:
    return RunStore("mlruns", kind, "MLflow", len(runs) if count is None else count, runs)


@pytest.mark.parametrize(
    ("run", "lacks", "unknown"),
    [
        (WHOLE, (), ()),
        (BARE, (Lack.PARAMETERS, Lack.METRICS, Lack.COMMIT, Lack.DATA_VERSION, Lack.ENVIRONMENT), ()),
        (UNTOLD, (), (Lack.PARAMETERS, Lack.METRICS, Lack.COMMIT, Lack.DATA_VERSION, Lack.ENVIRONMENT)),
        (RecordedRun("a", "", ("x",), ("y",), "1" * 40, 0, False, None, True, True), (Lack.COMMIT_GONE,), ()),
        (
            RecordedRun("a", "", ("x",), ("y",), "1" * 40, 0, None, True, True, True),
            (Lack.UNCOMMITTED,),
            (Lack.COMMIT_GONE,),
        ),
    ],
    ids=["whole", "bare", "untold", "gone", "dirty"],
)
def test_what_a_run_lacks(run: RecordedRun, lacks: tuple[Lack, ...], unknown: tuple[Lack, ...]) -> None:
    row = run_row(store(run), run)
    assert (row.lacks, row.unknown) == (lacks, unknown)


def test_the_table_is_newest_first_and_says_what_it_leaves_out() -> None:
    broken = RunStore("other.db", StoreKind.MLFLOW_SQLITE, "MLflow", reason=text("It is locked."))
    events = RunStore("logs", StoreKind.TENSORBOARD, "TensorBoard", 2)
    table = run_table(Tracking((store(WHOLE, BARE, UNTOLD, count=400), broken, events)))
    assert [row.name for row in table.rows] == ["bare", "whole", "untold"]
    assert [str(note) for note in table.notes] == [
        "mlruns holds 400 runs; the first 3 were read.",
        "It is locked.",
        "logs holds measurements of TensorBoard only.",
    ]


def test_a_run_is_named_by_its_name_or_the_start_of_its_id() -> None:
    rows = run_table(Tracking((store(WHOLE, BARE, UNTOLD),))).rows
    assert find_run(rows, "whole").run_id == "f00d1"
    assert find_run(rows, "f0").run_id == "f00d1"
    assert find_run(rows, "beef2").name == "untold"
    for wanted, said in (("beef", "2 recorded runs"), ("nowhere", "No recorded run"), ("", "No recorded run")):
        with pytest.raises(ReproGuiError, match=said):
            find_run(rows, wanted)


def details(**values: object) -> RunDetails:
    return RunDetails(run_id="a", name="a", store="s", tracker="t", **values)  # type: ignore[arg-type]


def test_a_comparison() -> None:
    left = details(
        commit="1" * 40,
        parameters={"lr": "0.10", "b": "x", "same": "1"},
        metrics={"loss": "nan"},
        data={},
        environment=None,
    )
    right = details(
        commit="2" * 40,
        parameters={"lr": "1e-1", "c": "y", "same": "1"},
        metrics={"loss": "0.5"},
        data={},
        environment={},
    )
    sections = {section.id: section for section in compare_runs(left, right).sections}
    assert list(sections) == ["parameters", "commit", "data", "environment", "metrics"]
    # What differs stands first; one number in two spellings is one number; what only one run has differs.
    assert [(row.name, row.differs) for row in sections["parameters"].rows] == [
        ("b", True),
        ("c", True),
        ("lr", False),
        ("same", False),
    ]
    assert sections["commit"].differing == 1
    assert "Neither run names any" in str(sections["data"].why_not)
    assert "one of the runs" in str(sections["environment"].why_not)
    assert sections["metrics"].differing == 1
    untold = compare_runs(details(), details()).sections
    assert all(section.why_not is not None for section in untold)
