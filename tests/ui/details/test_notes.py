"""Findings and evidence: ten thousand rows, code around them, dialogs about them."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Note
from repro_gui.text import text
from repro_gui.ui.details.check_dialogs import WaiveDialog, wrong_snippet
from repro_gui.ui.details.code_colours import coloured_spans, harmless
from repro_gui.ui.details.code_view import CodeViewWidget
from repro_gui.ui.details.notes_browser import NotesBrowserWidget
from repro_gui.ui.details.notes_model import NotesModel
from repro_gui.ui.widgets.buttons import ElidedLink
from repro_gui.ui.widgets.labels import RichLabel
from repro_gui.ui.widgets.prose import ProseBrowser
from tests.ui.sample_project import CODE, finding, report_of_sample

NASTY = "<img src='http://x/y.png'> & <b>bold</b> \x1b[31m \u202e `code`"


def notes(count: int) -> tuple[Note, ...]:
    return tuple(finding(number) for number in range(count))


def test_model_is_correct(qtbot: QtBot) -> None:
    model = NotesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    for shown in (notes(0), notes(5), notes(3), notes(3), notes(0), notes(40)):
        model.show_notes(shown, frozenset({"0" * 16}), ("no", "no"))
        assert model.rowCount() == len(shown)
    assert tester


def test_ten_thousand_findings_are_shown_at_once_and_the_choice_stays(qtbot: QtBot) -> None:
    browser = NotesBrowserWidget()
    qtbot.addWidget(browser)
    browser.resize(800, 600)
    browser.show()
    many = notes(10_000)
    browser.show_notes(many)
    browser._choose_row(7_000)
    browser.view.scrollTo(browser.model.index(7_000))
    scroll = browser.view.verticalScrollBar().value()
    browser.show_notes((*many[:100], *many[200:]))
    chosen = browser.current()
    assert chosen is not None
    assert chosen.key == many[7_000].key
    assert browser.view.verticalScrollBar().value() == scroll


def test_drawing_does_not_depend_on_how_many_there_are(qtbot: QtBot) -> None:
    drawn = []
    for count in (100, 10_000):
        browser = NotesBrowserWidget()
        qtbot.addWidget(browser)
        browser.resize(800, 600)
        browser.show_notes(notes(count))
        calls = 0
        original = browser.view.itemDelegate().paint

        def counting(*arguments: object, original: object = original) -> None:
            nonlocal calls
            calls += 1
            original(*arguments)  # type: ignore[operator]

        browser.view.itemDelegate().paint = counting  # type: ignore[method-assign]
        browser.grab()
        drawn.append(calls)
    assert drawn[1] <= drawn[0] + 2


def test_code_has_its_own_line_numbers_and_marks_the_place(qtbot: QtBot) -> None:
    view = CodeViewWidget()
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    view.show_code(CODE, "split.py", 41, (50, 12, 50, 67))
    assert view.textCursor().blockNumber() == 9
    marked = view.extraSelections()
    assert marked[1].cursor.selectedText().startswith("train_test_split(X, y")
    assert view.line_at(4) >= 41


def test_code_has_colours_and_hostile_characters_are_escaped() -> None:
    roles = {role for _start, _length, role in coloured_spans(CODE, "split.py")}
    assert {"code_keyword", "code_string", "code_comment", "code_literal"} <= roles
    assert harmless("a\tb\r\nc\x1b[31m\u202e") == "a\tb\nc\\x1b[31m\\u202e"
    assert list(coloured_spans("x", "file.unknown-ending")) == []


def test_names_are_never_read_as_markup(qtbot: QtBot) -> None:
    label = RichLabel(NASTY)
    qtbot.addWidget(label)
    assert "<img" not in label.text()
    assert "<b>" not in label.text()
    note = Note(message="x", template=text("{name}", name=NASTY), path=NASTY, line=1, key="k")
    browser = NotesBrowserWidget()
    qtbot.addWidget(browser)
    browser.show_notes((note,))
    assert "\x1b" not in str(browser.model.index(0).data())
    assert browser.place.textFormat() is Qt.TextFormat.PlainText


def test_a_long_way_makes_nothing_wider(qtbot: QtBot) -> None:
    reads = text("torchvision.datasets.ImageFolder & others read it there, below a name that is long")
    names = [f"programs/training/main_{'linear_' * number}probe.py" for number in range(6)]
    steps = tuple(Note(message=str(reads), template=reads, path=name, line=142) for name in names)
    browser = NotesBrowserWidget()
    qtbot.addWidget(browser)
    browser.resize(420, 600)
    browser.show()
    browser.show_notes((msgspec.structs.replace(finding(0), places=steps),))
    qtbot.wait(50)
    assert browser.width() == 420
    shown = [link for link in browser.below.findChildren(ElidedLink) if link.isVisible()]
    assert len(shown) == 4
    assert all("…" in link.text() and link.toolTip() == link.words for link in shown)
    assert all(link.geometry().right() <= browser.below.width() <= 420 for link in shown)
    assert [one.text() for one in browser.below.findChildren(QLabel) if "more" in one.text()] == ["and 2 more places"]
    browser.resize(1400, 600)
    qtbot.wait(50)
    assert all(link.width() < 1000 for link in shown)
    assert all(link.text() == link.words.replace("&", "&&") and not link.toolTip() for link in shown)
    with qtbot.waitSignal(browser.place_chosen) as chosen:
        shown[1].click()
    assert chosen.args == [names[1], 142, 0]


def test_prose_shows_no_html_and_loads_nothing(qtbot: QtBot) -> None:
    prose = ProseBrowser()
    qtbot.addWidget(prose)
    prose.show_markdown("# Title\n\n<script>alert(1)</script> ![p](http://x/y.png) `code`\n\n```python\nx = 1\n```\n")
    assert "x = 1" in prose.toPlainText()
    assert prose.loadResource(2, "http://x/y.png") is None


def test_waiver_needs_a_reason_and_a_name(qtbot: QtBot) -> None:
    result = report_of_sample().result("unpinned-split")
    dialog = WaiveDialog(result, result.findings, "")
    qtbot.addWidget(dialog)
    dialog.reason.setPlainText("because")
    assert not dialog.go_on.isEnabled()
    dialog.name.setText("Ada")
    assert dialog.go_on.isEnabled()
    assert dialog.end_day() == ""
    dialog.ends.setChecked(True)
    assert len(dialog.end_day()) == len("2027-01-01")
    assert len(dialog.keys) == 3


def test_snippet_of_a_wrong_finding_names_no_path() -> None:
    result = report_of_sample().result("unpinned-split")
    snippet = wrong_snippet(result, result.findings[0], "0.1.0", "it is seeded in the launcher")
    assert "src/preparation" not in snippet
    assert "*.py, line 10" in snippet
    assert "train_test_split" in snippet
    assert "seeded in the launcher" in snippet


def test_border_between_list_and_code_follows_the_rows_until_it_is_moved(qtbot: QtBot) -> None:
    browser = NotesBrowserWidget()
    qtbot.addWidget(browser)
    browser.resize(900, 900)
    browser.show()
    row = browser.view.sizeHintForRow(0)
    for count, rows in ((2, 2), (5, 5), (100, 0)):
        browser.show_notes(notes(count))
        row = browser.view.sizeHintForRow(0)
        height = browser.splitter.sizes()[0]
        assert abs(height - (rows * row + 4 if rows else browser.height() // 2)) < 20, count
    browser._on_moved()
    browser.splitter.setSizes([200, 700])
    kept = browser.splitter.sizes()
    browser.show_notes(notes(7))
    assert browser.splitter.sizes() == kept


def test_what_is_cut_in_its_row_is_read_below_even_without_a_place(qtbot: QtBot) -> None:
    browser = NotesBrowserWidget()
    qtbot.addWidget(browser)
    browser.resize(500, 400)
    browser.show()
    browser.show_notes((Note(message="short", template=text("short"), key="a"),))
    assert not browser.below.isVisible()
    words = "No file lists the packages that the project needs. " * 5
    browser.show_notes((Note(message=words, template=text(words), key="b"),))
    assert browser.below.isVisible()
    assert browser.message.isVisible()
    assert not browser.copy_place.isVisible()


FILES = [
    "a.py",
    "b.ipynb",
    "c.toml",
    "uv.lock",
    "d.yml",
    "e.cfg",
    "run.sh",
    "f.json",
    "Makefile",
    "Dockerfile",
    "Dockerfile.gpu",
    "MLproject",
    "g.r",
    "h.jl",
    "i.html",
    "deep/Containerfile",
]


@pytest.mark.parametrize("name", FILES)
def test_files_of_a_project_have_colours(name: str) -> None:
    code = '# one\nimport os\nFROM x\nkey = "a"\nname: 1\n<a href="b">c</a>\n'
    assert list(coloured_spans(code, name)), name
