"""The tree of checks: a correct model, changed in place."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QAbstractItemModel, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import CheckResult, Outcome, Pillar, Weight
from repro_gui.ui.checklist.checklist_filter import ChecklistFilterModel, ChecklistOrder
from repro_gui.ui.checklist.checklist_model import ChecklistModel, ChecklistRole
from repro_gui.ui.checklist.checklist_panel import ChecklistPanelWidget
from tests.ui.sample_project import report_of_sample


def results(findings: int = 3, *, mended: bool = False) -> dict[str, CheckResult]:
    return {result.check_id: result for result in report_of_sample(findings, mended=mended).results}


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)


def models() -> tuple[ChecklistModel, ChecklistFilterModel]:
    model = ChecklistModel()
    proxy = ChecklistFilterModel(model)
    proxy.setSourceModel(model)
    return model, proxy


def test_models_are_correct_through_every_change(qtbot: QtBot) -> None:
    model, proxy = models()
    testers = [watched(model), watched(proxy)]
    some = results()
    model.show_results({})
    model.show_results({check: some[check] for check in list(some)[::2]})
    model.show_results(some)
    for order in ChecklistOrder:
        proxy.sort_by(order)
    proxy.search("split")
    proxy.keep_only_open(True)
    model.show_results(results(mended=True))
    proxy.search("")
    proxy.keep_weights(frozenset({Weight.SHOULD}))
    proxy.keep_weights(frozenset(Weight))
    proxy.keep_only_open(False)
    model.show_results({check: some[check] for check in list(some)[1::3]})
    model.show_results(results())
    assert set(proxy.shown_checks()) == set(some)
    assert testers


def test_choice_outlives_an_audit(qtbot: QtBot) -> None:
    model, _proxy = models()
    model.show_results(results())
    kept = QPersistentModelIndex(model.index_of("unpinned-split"))
    fewer = results()
    del fewer["changed-data"]
    model.show_results(fewer)
    more = {**results(7), "another": msgspec.structs.replace(results()["no-tracker"], check_id="another")}
    model.show_results(more)
    assert kept.isValid()
    assert kept.data(ChecklistRole.RESULT).check_id == "unpinned-split"
    assert len(kept.data(ChecklistRole.RESULT).findings) == 7


def test_counts(qtbot: QtBot) -> None:
    model, _proxy = models()
    model.show_results(results())
    pillar = model.index_of_pillar(Pillar.DATA)
    assert pillar.data(ChecklistRole.OPEN_COUNT) == 2
    assert pillar.data(ChecklistRole.CHECK_COUNT) == 4


def test_only_open_keeps_failed_and_undecided(qtbot: QtBot) -> None:
    model, proxy = models()
    model.show_results(results())
    proxy.keep_only_open(True)
    shown = {results()[check].outcome for check in proxy.shown_checks()}
    assert shown == {Outcome.FAILED, Outcome.COULD_NOT_RUN}


def test_search_looks_at_titles_findings_and_paths(qtbot: QtBot) -> None:
    model, proxy = models()
    model.show_results(results())
    for words, found in (
        ("src/preparation/split_00002.py", ["unpinned-split"]),
        ("REQUIREMENT version", ["unpinned-dependency"]),
        ("tracker", ["no-tracker"]),
        ("no such words", []),
    ):
        proxy.search(words)
        assert proxy.shown_checks() == found, words


def test_open_checks_come_first_and_musts_before_the_rest(qtbot: QtBot) -> None:
    model, proxy = models()
    model.show_results(results())
    code = [check for check in proxy.shown_checks() if results()[check].pillar is Pillar.CODE]
    assert code[:2] == ["untracked-source", "unpushed-commit"]


def test_panel_keeps_selection_and_scroll_over_an_audit(qtbot: QtBot) -> None:
    panel = ChecklistPanelWidget()
    qtbot.addWidget(panel)
    panel.resize(400, 640)
    panel.show()
    panel.model.show_results(results())
    panel.choose_check("no-tracker")
    scroll = panel.tree.verticalScrollBar().value()
    assert scroll > 0
    panel.model.show_results(results(50, mended=True))
    assert panel.current_check() == "no-tracker"
    assert panel.tree.verticalScrollBar().value() == scroll


def test_choosing_a_hidden_check_clears_what_hides_it(qtbot: QtBot) -> None:
    panel = ChecklistPanelWidget()
    qtbot.addWidget(panel)
    panel.model.show_results(results())
    panel.search.setText("requirements")
    panel.only_open.setChecked(True)
    panel.choose_check("no-tracker")
    assert panel.current_check() == "no-tracker"
    assert panel.search.text() == ""
