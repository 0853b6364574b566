"""A program is named as the person named it: one of an environment is a link, and followed it is another Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from repro_gui.ui.widgets.ask_for_program import ask_for_program

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_links_are_not_followed_and_the_path_is_handed_on(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    chosen: list[str] = []
    ask_for_program(parent, "Choose a Python", chosen.append)
    dialog = parent.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.testOption(QFileDialog.Option.DontResolveSymlinks)
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
    dialog.fileSelected.emit("/somewhere/.venv/bin/python")
    assert chosen == ["/somewhere/.venv/bin/python"]
    dialog.reject()
