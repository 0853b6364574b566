"""Every model of the windows under Qt's model tester while its data changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QSortFilterProxyModel,
    QStringListModel,
    Qt,
    qInstallMessageHandler,
)
from PySide6.QtGui import QStandardItem, QStandardItemModel
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import CheckResult, Weight
from repro_gui.text import text
from repro_gui.ui.checklist.checklist_filter import ChecklistFilterModel, ChecklistOrder
from repro_gui.ui.checklist.checklist_model import ChecklistModel
from repro_gui.ui.details.notes_model import NotesModel
from repro_gui.ui.history.history_dialog import HistoryModel
from repro_gui.ui.probe.facts_table import FactsModel
from repro_gui.ui.probe.price_view import PriceModel
from repro_gui.ui.probe.probe_model import ProbeFilter, ProbeModel
from repro_gui.worker.messages import CaseProbed, HistoryEntry
from tests.ui.model_testers import model_classes, watched
from tests.ui.probe.sample_probe import sample_view
from tests.ui.sample_project import finding, report_of_sample


def results(findings: int = 3, *, mended: bool = False) -> dict[str, CheckResult]:
    return {result.check_id: result for result in report_of_sample(findings, mended=mended).results}


def exercise_checklist() -> QAbstractItemModel:
    model = ChecklistModel()
    for shown in (results(), {}, results(40, mended=True), dict(list(results().items())[::3]), results()):
        model.show_results(shown)
    return model


def exercise_checklist_filter() -> QAbstractItemModel:
    model = ChecklistModel()
    proxy = ChecklistFilterModel(model)
    proxy.setSourceModel(model)
    model.show_results(results())
    for order in ChecklistOrder:
        proxy.sort_by(order)
    for words in ("split", "nothing has this", ""):
        proxy.search(words)
        model.show_results(results(7, mended=True))
        proxy.keep_only_open(words == "")
        model.show_results(results())
    for weights in ({Weight.SHOULD}, set(), set(Weight)):
        proxy.keep_weights(frozenset(weights))
        model.show_results(dict(list(results().items())[1::2]))
        model.show_results(results())
    return model


def exercise_notes() -> QAbstractItemModel:
    model = NotesModel()
    for count in (0, 5, 3, 3, 0, 400, 1):
        model.show_notes(tuple(finding(number) for number in range(count)), frozenset({"0" * 16}), ("no", "no"))
    return model


def entry(number: int, *, undone: bool = False) -> HistoryEntry:
    files = ("requirements.txt", "train.py")[: number % 3]
    return HistoryEntry(
        str(number), text("Pin {count}", count=number), "2026-11-23T05:00:00+00:00", "x", files, (), undone, not undone
    )


def exercise_history() -> QAbstractItemModel:
    model = HistoryModel()
    states = [(), (entry(1),), (entry(2), entry(1)), (entry(2, undone=True), entry(1)), (entry(1, undone=True),), ()]
    for entries in states:
        model.show_entries(entries)
        assert model.rowCount() == len(entries)
        for row in range(model.rowCount()):
            assert all(isinstance(model.index(row, column).data(), str) for column in range(model.columnCount()))
    return model


def parts() -> list[CaseProbed]:
    cases = sample_view(cases=6).probe.cases
    return [
        CaseProbed(number=1, name=case.name, device=case.device, dtype=case.dtype, mode=mode, result=result)
        for case in cases
        for mode, result in case.modes.items()
    ]


def exercise_probe() -> QAbstractItemModel:
    model = ProbeModel()
    for part in parts():
        model.add(part)
    model.show_used(frozenset({"cumsum"}))
    model.show_probe(sample_view(thorough=False).probe)
    model.show_used(frozenset())
    model.clear()
    for part in parts()[:40]:
        model.add(part)
    model.show_probe(sample_view(cases=2).probe)
    return model


def exercise_probe_filter() -> QAbstractItemModel:
    model = ProbeModel()
    proxy = ProbeFilter(model)
    proxy.setSourceModel(model)
    proxy.sort(0)
    for number, part in enumerate(parts()):
        model.add(part)
        if number % 40 == 0:
            proxy.search("steady" if number % 80 else "")
    for only in (True, False):
        proxy.keep_only_varying(only)
        model.show_probe(sample_view(cases=3).probe)
        proxy.search("cumsum float32")
        model.clear()
        proxy.search("")
        model.show_probe(sample_view().probe)
    return model


def exercise_facts() -> QAbstractItemModel:
    model = FactsModel()
    for rows in (0, 3, 1, 40, 0):
        model.show_rows(("Fact", "Here"), [("torch", f"2.{number}") for number in range(rows)])
    model.show_rows(("Fact", "Here", "There", "Same"), [("a", "b", "c", "d")], [("done", "yes")])
    return model


def exercise_prices() -> QAbstractItemModel:
    model = PriceModel()
    for cases in (0, 5, 60, 1):
        model.show_probe(sample_view(cases=cases).probe)
    return model


EXERCISES: dict[type[QAbstractItemModel], Callable[[], QAbstractItemModel]] = {
    ChecklistModel: exercise_checklist,
    ChecklistFilterModel: exercise_checklist_filter,
    NotesModel: exercise_notes,
    HistoryModel: exercise_history,
    ProbeModel: exercise_probe,
    ProbeFilter: exercise_probe_filter,
    FactsModel: exercise_facts,
    PriceModel: exercise_prices,
}


def test_every_model_of_the_windows_is_here() -> None:
    """A new model needs an exercise of its own: one that changes its data in all ways it can."""
    assert set(model_classes()) == set(EXERCISES)


@pytest.mark.parametrize("kind", EXERCISES, ids=lambda kind: kind.__name__)
def test_model_keeps_its_promises_while_data_changes(
    qtbot: QtBot, watched_models: list[type[QAbstractItemModel]], kind: type[QAbstractItemModel]
) -> None:
    model = EXERCISES[kind]()
    assert kind in watched_models
    assert model.rowCount() >= 0


def test_the_tester_would_notice(qtbot: QtBot) -> None:
    model = QStringListModel(["a", "b", "c"])
    watched(model)
    messages: list[str] = []
    earlier = qInstallMessageHandler(lambda _kind, _where, said: messages.append(said or ""))
    try:
        # Says that a row is gone, and keeps it.
        model.beginRemoveRows(QModelIndex(), 0, 0)
        model.endRemoveRows()
    finally:
        qInstallMessageHandler(earlier)
    assert any("FAIL" in said for said in messages), messages


def test_lists_of_files_and_commands_are_plain_item_models(qtbot: QtBot) -> None:
    """The preview fills Qt's own model: what is done with it there is done here under the tester."""
    model = QStandardItemModel()
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(model)
    watched(model)
    watched(proxy)
    for count in (3, 0, 5):
        model.clear()
        for number in range(count):
            item = QStandardItem(f"file-{number}.py")
            item.setCheckable(True)
            model.appendRow(item)
            item.setCheckState(Qt.CheckState.Checked)
            item.setCheckState(Qt.CheckState.PartiallyChecked)
    assert model.rowCount() == 5
