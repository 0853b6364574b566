"""The picture and the next step, as values."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer, AnsweredQuestion, Question
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.workflow.next_step import next_step
from repro_gui.ui.workflow.picture import HEIGHT, WIDTH, artifact_answer, node_places, node_states
from repro_gui.ui.workflow.workflow_picture import WorkflowPictureWidget
from tests.ui.sample_project import report_of_sample


def test_nodes_lie_in_the_picture_and_not_on_one_another() -> None:
    places = node_places()
    for place in places:
        assert place.left >= 0
        assert place.top >= 0
        assert place.left + place.width <= WIDTH
        assert place.top + place.height <= HEIGHT
    for first, second in itertools.combinations(places, 2):
        apart = (
            first.left + first.width <= second.left
            or second.left + second.width <= first.left
            or first.top + first.height <= second.top
            or second.top + second.height <= first.top
        )
        assert apart, (first.name, second.name)


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ((Answer.YES, Answer.YES), Answer.YES),
        ((Answer.YES, Answer.PARTLY), Answer.PARTLY),
        ((Answer.CANNOT_TELL, Answer.PARTLY), Answer.CANNOT_TELL),
        ((Answer.CANNOT_TELL, Answer.NO), Answer.NO),
        ((Answer.YES, None), None),
    ],
)
def test_artifact_is_as_good_as_the_weakest_answer(answers: tuple[Answer | None, ...], wanted: Answer | None) -> None:
    assert artifact_answer(answers) is wanted


def test_states_follow_the_report() -> None:
    report = report_of_sample()
    states = node_states({answered.question: answered for answered in report.answers}, report.results)
    assert states["data"].answer is Answer.NO
    assert states["data"].open_count == 2
    assert states["artifact"].answer is Answer.NO


def test_next_step_is_the_least_work_that_moves_an_answer() -> None:
    report = report_of_sample()
    answers: dict[str, AnsweredQuestion] = {answered.question: answered for answered in report.answers}
    results = {result.check_id: result for result in report.results}
    step = next_step(answers, results)
    assert step is not None
    assert step.question is Question.DATA
    assert step.checks == ("unpinned-split",)
    assert step.can_fix == step.checks
    assert next_step({}, results) is None


def test_picture_zooms_and_can_be_copied(qtbot: QtBot) -> None:
    widget = WorkflowPictureWidget()
    qtbot.addWidget(widget)
    widget.resize(920, 420)
    widget.show()
    small = widget.picture().size()
    widget.set_zoom(2.0)
    assert widget.height() > HEIGHT
    assert widget.nodes["code"].height() > 150
    widget.set_zoom(0)
    assert widget.picture().size() == small


def test_picture_is_printed_on_paper_in_light_colours(qtbot: QtBot, tmp_path: Path) -> None:
    appearance().apply(Theme.DARK)
    picture = WorkflowPictureWidget()
    qtbot.addWidget(picture)
    picture.resize(920, 420)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "picture.pdf"))
    picture.print_on(printer)
    assert (tmp_path / "picture.pdf").read_bytes().startswith(b"%PDF")
    with appearance().on_paper():
        assert picture.picture().pixelColor(1, 1).lightness() > 200
    assert picture.picture().pixelColor(1, 1).lightness() < 60
    appearance().apply(Theme.LIGHT)
