"""The preview of a fix: choose, trust, refuse, apply a part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from repro_gui.ui.application import Windows
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.main_window import MainWindow
from repro_gui.worker.messages import WantedFix
from tests.ui.conftest import WAIT, is_audited, key, opened


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
    for model in (dialog.files.files, dialog.commands_model):
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
    dialog._show_reasons()
    assert "local path" in dialog.reasons.words.toPlainText()
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


def test_a_command_is_read_as_a_whole(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    dialog.commands.setFocus()
    dialog.commands.setCurrentIndex(dialog.commands_model.index(1, 0))
    assert dialog.command.words.toPlainText() == "git commit -m 'Pin the requirements'"
    assert "can be undone" in dialog.command.undo.text()
    assert "hooks" in dialog.command.undo.text()
    dialog.files.setFocus()
    assert dialog.reading.currentIndex() == 0
    dialog.reject()


TWO_SPLITS = """from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


def first(X, y):
    return train_test_split(X, y, test_size=0.25)


def between(model):
    print("one")
    print("two")
    print("three")
    return model


def second(X, y):
    return train_test_split(X, y, test_size=0.5)


def main(X, y):
    a, b, c, d = first(X, y)
    e, f, g, h = second(a, c)
    print(between(LogisticRegression()).fit(e, g).score(f, h))


main(range(10), range(10))
"""


def test_left_change_stays_a_finding_and_the_kept_one_is_undone(windows: Windows, qtbot: QtBot, project: Path) -> None:
    """One of two places in one file: with the real worker, on disk, in the answers, in the history."""
    train = project / "train.py"
    train.write_text(TWO_SPLITS)
    window = opened(windows, qtbot, project)
    session = window.session
    assert session is not None
    assert len(session.results["unpinned-split"].findings) == 2
    window.fix((WantedFix("unpinned-split"),))
    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    item = dialog.files.files.item(0)
    assert item.rowCount() == 2
    # By keyboard: down to the second change, Space.
    dialog.files.expandAll()
    dialog.files.setCurrentIndex(item.child(1).index())
    dialog.files.setFocus()
    key(dialog.files, Qt.Key.Key_Space)
    assert item.checkState() is Qt.CheckState.PartiallyChecked
    assert dialog.files.chosen_hunks() == {"train.py": (0,)}
    assert dialog.part.isVisible()
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: train.read_text().count("random_state") == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: len(session.results["unpinned-split"].findings) == 1 and is_audited(window), timeout=WAIT)
    assert "test_size=0.5)" in train.read_text()
    finding = session.results["unpinned-split"].findings[0]
    assert finding.line == TWO_SPLITS.split("\n").index("    return train_test_split(X, y, test_size=0.5)") + 1
    qtbot.waitUntil(window.actions_of.undo.isEnabled, timeout=WAIT)
    assert "In part" in window.actions_of.undo.text()
    window.actions_of.undo.trigger()
    qtbot.waitUntil(lambda: train.read_text() == TWO_SPLITS, timeout=WAIT)


def test_ticks_of_files_and_changes_follow_one_another(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = shown(window, qtbot)
    tree = dialog.files
    item = tree.files.item(0)
    assert item.rowCount() == 2
    item.child(0).setCheckState(Qt.CheckState.Unchecked)
    assert item.checkState() is Qt.CheckState.PartiallyChecked
    item.child(1).setCheckState(Qt.CheckState.Unchecked)
    assert item.checkState() is Qt.CheckState.Unchecked
    assert tree.chosen_files() == [1, 2]
    item.setCheckState(Qt.CheckState.Checked)
    assert tree.left(0) == frozenset()
    assert tree.is_all_chosen
    item.child(1).setCheckState(Qt.CheckState.Unchecked)
    struck = [row for row in dialog.diff.unified._rows if row.is_left]
    assert [row.words for row in struck] == ["scikit-learn", "scikit-learn==1.5.0"]
    dialog.reject()


def test_everything_in_the_way_of_a_plan_is_said(windows: Windows, qtbot: QtBot, project: Path) -> None:
    """Nothing safe can be planned without a network or an interpreter: all reasons, and one click that allows."""
    window = opened(windows, qtbot, project)
    window.fix((WantedFix("python-not-pinned"), WantedFix("unpinned-dependency"), WantedFix("no-lock")))
    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    (notice,) = dialog.bar.notices
    assert notice.mend
    assert dialog.others.count() >= 1
    assert [action.label for action in notice.actions] in (["Allow and plan"], ["Plan again"])
    dialog.reject()
