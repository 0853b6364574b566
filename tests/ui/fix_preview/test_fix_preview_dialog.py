"""The preview of a fix: choose, trust, refuse, apply a part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from repro_gui.ui.application import Windows
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.main_window import MainWindow
from tests.ui.conftest import WAIT, opened


def shown(window: MainWindow, qtbot: QtBot) -> FixPreviewDialog:
    assert window.session is not None
    dialog = FixPreviewDialog(window.session, (), window.preferences, window)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.preview is not None or bool(dialog.bar.notices), timeout=WAIT)
    return dialog


def test_commands_that_run_hooks_wait_for_trust(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    assert not dialog.apply_button.isEnabled()
    assert "git commit" in dialog.bar.notices[0].what
    dialog.commands_model.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.apply_button.isEnabled()
    assert dialog.bar.notices == []
    dialog.commands_model.item(1).setCheckState(Qt.CheckState.Checked)
    dialog.bar.notices[0].actions[0].run()
    qtbot.waitUntil(dialog.apply_button.isEnabled, timeout=WAIT)
    assert window.session is not None
    assert window.session.trusted
    dialog.reject()


def test_nothing_chosen_cannot_be_applied(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    for model in (dialog.files_model, dialog.commands_model):
        for row in range(model.rowCount()):
            model.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.apply_button.isEnabled()
    dialog.reject()


def test_answers_before_and_after_are_said(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    assert dialog.changes.accessibleName() == "Environment: Cannot tell → Yes"
    assert "Numbers will change once" in dialog.effect.text()
    assert "local path" in dialog.refused.text()
    dialog.reject()


def test_side_by_side_is_remembered(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    dialog.side_button.click()
    assert dialog.diff.currentIndex() == 1
    assert dialog.diff.before.blockCount() == dialog.diff.after.blockCount()
    dialog.reject()
    again = shown(window, qtbot)
    assert again.diff.currentIndex() == 1
    again.reject()


def test_refusal_stands_in_the_dialog_with_a_way_on(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows("--refuse", "PlanFixes"), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    (notice,) = dialog.bar.notices
    assert [action.label for action in notice.actions] == ["Plan again"]
    assert not dialog.apply_button.isEnabled()
    dialog.reject()


def test_fault_can_be_copied(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows("--fault", "PlanFixes"), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    (notice,) = dialog.bar.notices
    assert "oops" in notice.what
    assert "Traceback" in notice.details
    dialog.reject()
