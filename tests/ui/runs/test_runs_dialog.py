"""The window of recorded runs with a real worker and stores that MLflow itself would write; pictures in every theme and size."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from repro_gui.facts.runs import Lack, RunDetails, RunRow, RunTable, compare_runs
from repro_gui.text import text
from repro_gui.ui.runs.run_words import comparison_rows, comparison_summary, run_cells, run_icon
from repro_gui.ui.runs.runs_dialog import RunsDialog
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import set_language
from tests.ui.conftest import WAIT, opened
from tests.ui.probe.test_probe_views import save_picture
from tests.ui.test_screens import SIZES, THEMES

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from repro_gui.ui.application import Windows
    from repro_gui.ui.main_window import MainWindow


def store(root: Path) -> None:
    """A database as MLflow lays it out, with three runs."""
    with sqlite3.connect(root / "mlflow.db") as connection:
        connection.executescript(
            """
            create table experiments (experiment_id integer, name text);
            create table runs (run_uuid text, name text, start_time integer, experiment_id integer);
            create table params (key text, value text, run_uuid text);
            create table metrics (key text, value real, timestamp integer, run_uuid text, step integer, is_nan integer);
            create table tags (key text, value text, run_uuid text);
            """
        )
        for index, rate in enumerate(("0.1", "0.10", "0.3")):
            run = f"{index}f00d"
            connection.execute("insert into runs values (?, ?, ?, 0)", (run, f"run {index}", 1_700_000_000_000 + index))
            connection.executemany(
                "insert into params values (?, ?, ?)", [("lr", rate, run), ("api_key", f"hunter{index}", run)]
            )
            connection.execute("insert into metrics values ('loss', ?, 1, ?, 0, 0)", (0.5 + index, run))
    connection.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "tracked"
    root.mkdir()
    (root / "train.py").write_text("import mlflow\n")
    store(root)
    return root


def shown(windows: Windows, qtbot: QtBot, root: Path) -> RunsDialog:
    return dialog_of(opened(windows, qtbot, root), qtbot)


def dialog_of(window: MainWindow, qtbot: QtBot) -> RunsDialog:
    window.actions_of.runs.trigger()
    (dialog,) = [one for one in window.findChildren(RunsDialog) if one.isVisible()]
    qtbot.waitUntil(dialog.read_button.isEnabled, timeout=WAIT)
    return dialog


def choose(dialog: RunsDialog, *rows: int) -> None:
    selection = dialog.table.selectionModel()
    selection.clear()
    for row in rows:
        index = dialog.table.facts.index(row, 0)
        selection.select(index, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows)


def cells(dialog: RunsDialog) -> list[tuple[str, ...]]:
    return dialog.compared.facts.rows


def test_two_runs_are_compared(windows: Windows, qtbot: QtBot, root: Path) -> None:
    dialog = shown(windows, qtbot, root)
    assert [row[0] for row in dialog.table.facts.rows] == ["run 0", "run 1", "run 2"]
    assert "commit" in dialog.table.facts.rows[0][6]
    assert not dialog.compare_button.isEnabled()
    assert not dialog.compared.isVisible()
    choose(dialog, 0, 2)
    assert dialog.compare_button.isEnabled()
    # By keyboard alone.
    dialog.compare_button.setFocus()
    QTest.keyClick(dialog.compare_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.comparison is not None, timeout=WAIT)
    assert ("Parameters", "lr", "0.1", "0.3") in cells(dialog)
    assert not any("hunter" in cell for row in cells(dialog) for cell in row)
    assert not any(row[1] == "api_key" for row in cells(dialog))
    dialog.with_equal.setChecked(True)
    assert ("Parameters", "api_key", "•••", "•••") in cells(dialog)
    choose(dialog, 0, 1)
    dialog.compare()
    qtbot.waitUntil(lambda: "run 1" in dialog.compared.facts.head[3], timeout=WAIT)
    # 0.1 and 0.10 are one number.
    dialog.with_equal.setChecked(False)
    assert [row[1] for row in cells(dialog) if row[0] == "Parameters"] == []
    choose(dialog, 0)
    assert (dialog.compare_button.isEnabled(), dialog.choice.isVisible()) == (False, True)
    choose(dialog, 0, 1, 2)
    assert not dialog.compare_button.isEnabled()


def test_rows_are_copied(windows: Windows, qtbot: QtBot, root: Path) -> None:
    dialog = shown(windows, qtbot, root)
    choose(dialog, 1)
    dialog.table.copy()
    assert QApplication.clipboard().text().startswith("run 1\t")


def test_a_project_without_runs_says_so(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "train.py").write_text("x = 1\n")
    dialog = shown(windows, qtbot, tmp_path / "plain")
    assert dialog.empty.isVisible()
    assert not dialog.table.isVisible()


def test_an_address_that_is_none_is_told_and_the_runs_stay(windows: Windows, qtbot: QtBot, root: Path) -> None:
    dialog = shown(windows, qtbot, root)
    dialog.server.setText("ftp://nowhere")
    QTest.keyClick(dialog.server, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.bar.isVisible() and dialog.read_button.isEnabled(), timeout=WAIT)
    assert len(dialog.table.facts.rows) == 3


def test_a_window_that_closes_drops_what_it_asked(windows: Windows, qtbot: QtBot, root: Path) -> None:
    dialog = shown(windows, qtbot, root)
    dialog.read()
    request = dialog._reading
    dialog.reject()
    assert request is not None
    assert request.is_dropped


def test_everything_has_a_name(windows: Windows, qtbot: QtBot, root: Path) -> None:
    dialog = shown(windows, qtbot, root)
    for widget in (dialog.table, dialog.compared, dialog.server):
        assert widget.accessibleName()


ROWS = (
    RunRow("f00d", "", "mlruns", "MLflow", 1_700_000_000, "a" * 40, 3, 1, (), ()),
    RunRow("beef", "second", "wandb", "Weights & Biases", 0, "", None, None, (Lack.COMMIT,), (Lack.PARAMETERS,)),
    RunRow("cafe", "third", "wandb", "Weights & Biases", 0, "", 0, 0, (), (Lack.ENVIRONMENT,)),
)
COMPARED = compare_runs(
    RunDetails("a", "first", "mlruns", "MLflow", 0, "1" * 40, {"lr": "1"}, {"loss": "2"}, {}, {"torch": "2.3.1"}),
    RunDetails("b", "second", "mlruns", "MLflow", 0, "1" * 40, {"lr": "2"}, None, {}, {"torch": "2.4.0"}),
)


def test_words() -> None:
    assert run_cells(ROWS[0])[0] == "f00d"
    assert run_cells(ROWS[0])[6] == "nothing"
    assert run_cells(ROWS[1])[6] == "commit · not told: parameters"
    assert [run_icon(row)[1] for row in ROWS] == ["yes", "no", "unknown"]
    assert comparison_summary(COMPARED) == "Parameters: 1 differs · Commit: all equal · Environment: 1 differs"
    rows = [row for row, _mark in comparison_rows(COMPARED, with_equal=False)]
    assert ("Environment", "torch", "2.3.1", "2.4.0") in rows
    assert not any(row[0] == "Commit" for row in rows)
    assert [row[0] for row in rows if not row[2] and not row[3]] == ["Data", "Metrics"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.value)
def test_pictures_in_every_theme_and_size(windows: Windows, qtbot: QtBot, root: Path, theme: Theme) -> None:
    window = opened(windows, qtbot, root)
    windows.preferences.theme = theme
    windows.change_look()
    faults = []
    for language in ("en", "de"):
        set_language(language)
        dialog = dialog_of(window, qtbot)
        dialog.runs = RunTable(ROWS, (text("mlruns holds 400 runs; the first 300 were read."),))
        dialog.comparison = COMPARED
        dialog._show_runs()
        for size in SIZES:
            dialog.resize(*size)
            qtbot.wait(50)
            faults += save_picture(dialog, theme, size, f"75-runs-{language}")
        assert dialog.windowTitle() == {"en": "Recorded runs", "de": "Aufgezeichnete Läufe"}[language]
        dialog.reject()
    assert not faults, "\n".join(faults)
