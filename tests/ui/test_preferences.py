"""What is remembered between windows, also when the file was damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer
from repro_gui.ui.preferences import Preferences, RecentProject
from repro_gui.ui.theme.palettes import Theme


def test_choices_are_kept(qtbot: QtBot) -> None:
    first = Preferences()
    first.theme = Theme.DARK
    first.text_scale = 1.3
    first.editor = "code {file}"
    first.person = "Ada"
    first.side_by_side = True
    first.remember_project(RecentProject("/a", {"code": Answer.YES}, "2026-11-23"))
    first.remember_project(RecentProject("/b"))
    first.remember_project(RecentProject("/a", {"code": Answer.NO}))
    first.flush()
    again = Preferences()
    assert (again.theme, again.text_scale, again.editor, again.person) == (Theme.DARK, 1.3, "code {file}", "Ada")
    assert again.side_by_side
    assert [project.root for project in again.recent] == ["/a", "/b"]
    assert again.recent[0].answers == {"code": Answer.NO}
    again.forget_project("/a")
    assert [project.root for project in again.recent] == ["/b"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00junk",
        b"[General]\ntheme=purple\ntext-scale=huge\nrecent=[{broken\nlanguage=@Invalid()\n",
        b'[General]\nrecent="[{\\"root\\": 3}]"\ntext-scale=900\n',
    ],
)
def test_damaged_file_gives_the_usual(qtbot: QtBot, content: bytes) -> None:
    Path(os.environ["REPRO_GUI_SETTINGS"]).write_bytes(content)
    preferences = Preferences()
    assert preferences.theme is Theme.SYSTEM
    assert 0.9 <= preferences.text_scale <= 1.5
    assert preferences.recent == ()
    assert preferences.place("window").isEmpty()


def test_only_a_dozen_are_remembered(qtbot: QtBot) -> None:
    preferences = Preferences()
    for number in range(30):
        preferences.remember_project(RecentProject(f"/{number}"))
    assert len(preferences.recent) == 12
    assert preferences.recent[0].root == "/29"
