"""The parts of the probe's window with a probe made by hand: models, words, pictures, names for screen readers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel, QListView, QTableView, QWidget
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Note
from repro_gui.facts.determinism import Determinism, ModeState, Verdict
from repro_gui.facts.probe_comparison import Difference, ProbeComparison
from repro_gui.text import text
from repro_gui.ui.application import Windows
from repro_gui.ui.probe.heat_delegate import paint_field
from repro_gui.ui.probe.operation_details import used_at
from repro_gui.ui.probe.probe_model import ProbeFilter, ProbeModel, ProbeRole
from repro_gui.ui.probe.probe_pages import ProbePagesWidget, comparison_sentences
from repro_gui.ui.probe.probe_words import (
    CELL_LOOKS,
    VERDICT_LOOKS,
    VERDICT_ORDER,
    CellState,
    cell_sentence,
    cell_state,
    cell_word,
    verdict_sentence,
    verdict_word,
)
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.palettes import Theme
from repro_gui.worker.messages import CaseProbed
from tests.ui.probe.sample_probe import ended, ran, sample_view
from tests.ui.sample_project import report_of_sample
from tests.ui.test_screens import PICTURES, THEMES, faults_of


def part(name: str, mode: str, distinct: int = 1) -> CaseProbed:
    return CaseProbed(number=1, name=name, dtype="float32", device="cpu", mode=mode, result=ran(distinct))


def test_every_state_and_verdict_has_words_a_sign_and_a_colour() -> None:
    assert set(CELL_LOOKS) == set(CellState)
    assert len({icon for icon, _role in CELL_LOOKS.values()}) == len(CellState)
    assert set(VERDICT_LOOKS) == set(Verdict) == set(VERDICT_ORDER)
    assert len({cell_word(state) for state in CellState}) == len(CellState)
    assert len({verdict_word(verdict) for verdict in Verdict}) == len(Verdict)
    for one in sample_view().probe.cases:
        assert verdict_sentence(one)
    for state in ModeState:
        result = msgspec.structs.replace(ran(), state=state)
        assert cell_sentence(cell_state(result, ran()), result)


@pytest.mark.parametrize(
    ("result", "default", "expected"),
    [
        (None, None, CellState.WAITING),
        (ran(), ran(), CellState.STEADY),
        (ran(digest="bb"), ran(), CellState.OTHER_BITS),
        (ran(digest="bb"), ran(2), CellState.STEADY),
        (ran(2), ran(), CellState.VARIED),
        (ended(ModeState.RAISED, ""), ran(), CellState.RAISED),
        (ended(ModeState.HUNG, ""), ran(), CellState.BROKE),
        (ended(ModeState.UNSUPPORTED, ""), None, CellState.UNSUPPORTED),
        (ended(ModeState.NOT_REACHED, ""), None, CellState.NOT_REACHED),
    ],
)
def test_states(result: object, default: object, expected: CellState) -> None:
    assert cell_state(result, default) is expected  # type: ignore[arg-type]


def test_no_two_fields_look_alike_without_colour(qtbot: QtBot, windows: Windows) -> None:
    def drawn(state: CellState) -> bytes:
        image = QImage(60, 26, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_field(painter, image.rect(), state, "")
        painter.end()
        grey = image.convertToFormat(QImage.Format.Format_Mono)
        return bytes(grey.constBits())

    for theme in THEMES:
        appearance().apply(theme)
        assert len({drawn(state) for state in CellState}) == len(CellState), theme


def test_compiled_operations_are_compared_with_each_other() -> None:
    model = ProbeModel()
    for mode, digest in (("default", "aa"), ("compile:cold", "bb"), ("compile:warm", "bb")):
        result = ran(digest=digest)
        model.add(CaseProbed(number=1, name="mm", dtype="float32", device="cpu", mode=mode, result=result))
    assert model.rows[0].state_in("compile:cold") is CellState.OTHER_BITS
    assert model.rows[0].state_in("compile:warm") is CellState.STEADY
    assert model.rows[0].state_in("fresh") is CellState.WAITING
    # Compiled code is other code; that a warm cache gives what a cold one gave is what counts.
    assert not model.rows[0].varies
    other = ran(digest="cc")
    model.add(CaseProbed(number=1, name="dot", dtype="float32", device="cpu", mode="compile:cold", result=ran()))
    model.add(CaseProbed(number=1, name="dot", dtype="float32", device="cpu", mode="compile:warm", result=other))
    assert model.rows[1].varies
    model.show_probe(sample_view().probe)
    assert model.rows[1].state_in("compile:cold") is CellState.NOT_TRIED


def test_the_model_fills_live_and_keeps_its_rules(qtbot: QtBot) -> None:
    model = ProbeModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = ProbeFilter()
    rows.setSourceModel(model)
    rows.sort(0)
    second = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.add(part("control.varies", "default", 3))
    assert model.rowCount() == 0
    model.add(part("mm", "default"))
    model.add(part("getitem.backward", "default"))
    model.add(part("getitem.backward", "default", 2))  # the second pass of a suspect
    model.add(part("mm", "threads:4"))
    assert (model.rowCount(), model.columnCount()) == (2, 6)
    assert model.index(1, 2).data(ProbeRole.STATE) == CellState.VARIED
    assert model.index(1, 2).data() == "2 of 20"
    assert model.index(0, 4).data(ProbeRole.STATE) == CellState.STEADY
    assert model.index(0, 3).data(ProbeRole.STATE) == CellState.WAITING
    rows.keep_only_varying(True)
    assert [rows.index(row, 0).data() for row in range(rows.rowCount())] == ["getitem.backward  float32"]
    rows.keep_only_varying(False)
    rows.search("MM cpu")
    assert rows.rowCount() == 1
    rows.search("")
    model.show_probe(sample_view().probe)
    assert rows.index(0, 0).data(ProbeRole.CASE).case.verdict is Verdict.VARIES
    model.show_used(frozenset({"getitem.backward"}))
    model.clear()
    assert model.rowCount() == 0
    del tester, second


@pytest.fixture
def pages(qtbot: QtBot, windows: Windows) -> ProbePagesWidget:
    made = ProbePagesWidget()
    qtbot.addWidget(made)
    made.resize(1130, 560)
    made.show_view(sample_view())
    made.show()
    return made


def finding(case: str, line: int) -> Note:
    words = "x[idx] gave 4 results in 20 repeats"
    return Note(message=words, template=text(words), path="src/train.py", line=line, column=5, values={"case": case})


def test_details_of_an_operation(qtbot: QtBot, pages: ProbePagesWidget) -> None:
    pages.search.setText("getitem")
    pages.map.setCurrentIndex(pages.filter.index(0, 0))
    words = text_of(pages.details)
    assert "Steady under the flag" in words
    assert "4 different results in 20 repeats." in words
    assert "Largest difference: 1.2e-07" in words
    assert "2.75×" in words
    assert "torch documents: may vary by default, steady under the flag." in words
    assert "The project is being audited" in words
    pages.show_used({"getitem.backward": (finding("getitem.backward", 12),)})
    links = [
        made for made in pages.details.findChildren(QWidget) if made.property("kind") == "link" and made.isVisible()
    ]
    with qtbot.waitSignal(pages.place_chosen) as chosen:
        QTest.mouseClick(links[0], Qt.MouseButton.LeftButton)
    assert chosen.args == ["src/train.py", 12, 5]
    assert pages.filter.index(0, 0).data(ProbeRole.USED)
    pages.show_used({})
    assert "No line is known to use it" in text_of(pages.details)


def test_lines_come_from_the_findings_of_the_report() -> None:
    report = report_of_sample()
    result = msgspec.structs.replace(
        report.results[0],
        check_id="unstable-on-this-machine",
        findings=(finding("getitem.backward", 12), finding("getitem.backward", 12), finding("cumsum", 3)),
    )
    found = used_at(msgspec.structs.replace(report, results=(*report.results, result)))
    assert {name: [str(note.location) for note in notes] for name, notes in found.items()} == {
        "getitem.backward": ["src/train.py:12"],
        "cumsum": ["src/train.py:3"],
    }
    assert used_at(None) == {}


def test_filter_keyboard_and_copy(qtbot: QtBot, pages: ProbePagesWidget) -> None:
    pages.only_varying.setChecked(True)
    visible = pages.filter.rowCount()
    assert 0 < visible < pages.model.rowCount()
    assert pages.shown_count.text() == f"{visible} of {pages.model.rowCount()} operations"
    pages.map.setFocus()
    pages.map.setCurrentIndex(pages.filter.index(0, 0))
    QTest.keyClick(pages.map, Qt.Key.Key_Down)
    assert pages.map.currentIndex().row() == 1
    QTest.keyClick(pages.map, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "Default: Varied" in QGuiApplication.clipboard().text()


def test_everything_has_an_accessible_name(pages: ProbePagesWidget) -> None:
    for view in (*pages.findChildren(QTableView), *pages.findChildren(QListView)):
        assert view.accessibleName(), view
    index = pages.filter.index(0, 2)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Default" in spoken
    assert "different results" in spoken
    price = pages.price.prices
    assert price.index(0).data(Qt.ItemDataRole.AccessibleTextRole).endswith("×")
    prices = [price.index(row).data(Qt.ItemDataRole.UserRole).price for row in range(price.rowCount())]
    assert prices == sorted(prices, reverse=True)
    QAbstractItemModelTester(price, QAbstractItemModelTester.FailureReportingMode.Fatal)
    QAbstractItemModelTester(pages.machine.facts, QAbstractItemModelTester.FailureReportingMode.Fatal)
    values = {row[0]: row[1] for row in pages.machine.facts.rows}
    assert values["gpus 1 model"] == "Example GPU"
    assert pages.machine.facts.index(list(values).index("torch build"), 1).data() == "a b c"


COMPARISON = ProbeComparison(
    (
        Difference("cpu", "Example CPU", "Other CPU", False, text("Another processor usually agrees.")),
        Difference("torch threads", "2", "8", True, text("Another number of threads changes sums.")),
    ),
    equal=("mm/float32 (cpu)",) * 98,
    different=tuple(f"sum{number}/float32 (cpu)" for number in range(14)),
    uncompared=3,
)


def test_a_comparison(pages: ProbePagesWidget) -> None:
    pages.show_comparison(COMPARISON)
    assert [row[0] for row in pages.comparison.facts.rows] == ["torch threads", "cpu"]
    words = comparison_sentences(COMPARISON)
    assert "Equal bits cannot be expected" in words
    assert "98 of 112 steady operations gave the same bits; 3 were not on both sides." in words
    assert words.endswith("and 2 more")
    same = comparison_sentences(ProbeComparison((), (), (), 0))
    assert same.startswith("The fingerprints do not differ")


def test_an_empty_probe(pages: ProbePagesWidget) -> None:
    pages.show_view(msgspec.structs.replace(sample_view(), probe=Determinism()))
    assert "Choose an operation" in text_of(pages.details)
    pages.begin()
    pages.add_case(part("mm", "default"))
    pages.add_case(part("mm", "stream"))
    assert pages.model.columnCount() == 6


def text_of(widget: QWidget) -> str:
    return "\n".join(made.text() for made in widget.findChildren(QLabel) if made.isVisibleTo(widget))


def save_picture(widget: QWidget, theme: Theme, size: tuple[int, int], name: str) -> list[str]:
    folder = PICTURES / f"{theme.value}-{size[0]}x{size[1]}"
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / f"{name}.png"
    widget.grab().save(str(path))
    return [f"{name}: {fault}" for fault in faults_of(widget)]
