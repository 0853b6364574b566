"""The window of the rebuild with real workers, a real uv and packages made here; pictures of it in every theme and size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from repro_gui.facts.rebuild import Rebuild, RebuildSource, RebuildState, TriedImport, rebuild_from_json
from repro_gui.own_folders import rebuild_file, write_whole
from repro_gui.text import text
from repro_gui.trust import remember_trust
from repro_gui.ui.rebuild.rebuild_dialog import RebuildDialog, summary_of
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import set_language
from tests.gather.test_environment import make_wheel
from tests.ui.conftest import git, is_audited, opened
from tests.ui.probe.test_probe_views import save_picture
from tests.ui.test_screens import SIZES, THEMES

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from repro_gui.ui.application import Windows
    from repro_gui.ui.main_window import MainWindow

WAIT = 120_000
KEPT = Rebuild(
    RebuildState.NOT_IMPORTED,
    "2026-01-01T00:00:00+00:00",
    (RebuildSource("requirements.txt", "ab" * 32),),
    python="3.11.7",
    wanted_python="3.11.9",
    packages=12,
    imports=(
        TriedImport("numpy", "train.py", 1, "", 0.21),
        TriedImport("torch.utils.data", "deep/in/the/project/loaders/images.py", 12, "", 3.1),
        TriedImport("yaml", "train.py", 3, "ModuleNotFoundError: No module named 'yaml'", 0.01),
    ),
    left_out=(text("`-e .` was not installed: it is a part of the project itself."),),
    install_seconds=8.2,
    import_seconds=3.3,
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels, "zz-leaf", "1.0", package="zz_leaf")
    make_wheel(wheels, "zz-sleeps", "1.0", package="zz_sleeps", code="import time\ntime.sleep(600)\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    root = tmp_path / "vision"
    root.mkdir()
    (root / ".python-version").write_text(".".join(map(str, sys.version_info[:3])) + "\n")
    (root / "requirements.txt").write_text("zz-leaf==1.0\n")
    (root / "train.py").write_text("import zz_leaf\nimport zz_nowhere\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def shown(windows: Windows, qtbot: QtBot, root: Path) -> tuple[MainWindow, RebuildDialog]:
    window = opened(windows, qtbot, root)
    return window, dialog_of(window, qtbot)


def dialog_of(window: MainWindow, qtbot: QtBot) -> RebuildDialog:
    window.actions_of.rebuild.trigger()
    (dialog,) = [one for one in window.findChildren(RebuildDialog) if one.isVisible()]
    qtbot.waitUntil(lambda: bool(dialog.card.summary.text()), timeout=WAIT)
    return dialog


def left_over(root: Path) -> list[str]:
    return [path.name for path in (root.parent / "temporary").iterdir() if "rebuild" in path.name]


def test_a_rebuild_from_trust_to_the_report(windows: Windows, qtbot: QtBot, root: Path) -> None:
    window, dialog = shown(windows, qtbot, root)
    assert "Nobody has rebuilt" in dialog.card.summary.text()
    QTest.mouseClick(dialog.card.start_button, Qt.MouseButton.LeftButton)
    (asked,) = dialog.bar.notices
    assert "not trusted" in asked.what
    assert not dialog.run.is_running
    asked.actions[0].run()
    qtbot.waitUntil(lambda: dialog.run.is_running, timeout=WAIT)
    assert dialog.card.progress.isVisible()
    assert not dialog.card.start_button.isVisible()
    qtbot.waitUntil(lambda: not dialog.run.is_running, timeout=WAIT)
    assert dialog.rebuild.state is RebuildState.NOT_IMPORTED
    assert "1 of 2 imports fail" in dialog.card.summary.text()
    assert "zz-leaf==1.0" in dialog.said.toPlainText()
    assert [row[0] for row in dialog.imports.facts.rows] == ["zz_leaf", "zz_nowhere"]
    assert "No module named 'zz_nowhere'" in dialog.imports.facts.rows[1][2]
    assert rebuild_from_json(rebuild_file(root).read_bytes()) == dialog.rebuild
    assert left_over(root) == []
    # The audit follows, and its report has it.
    qtbot.waitUntil(lambda: is_audited(window) and "rebuild-fails" in failed_checks(window), timeout=WAIT)
    chosen: list[tuple[str, int, int]] = []
    dialog.place_chosen.disconnect()
    dialog.place_chosen.connect(lambda *place: chosen.append(place))
    dialog.imports.setFocus()
    dialog.imports.setCurrentIndex(dialog.imports.facts.index(1, 0))
    QTest.keyClick(dialog.imports, Qt.Key.Key_Return)
    assert chosen == [("train.py", 2, 1)]
    dialog.imports.selectRow(1)
    dialog.imports.copy()
    assert QApplication.clipboard().text().startswith("zz_nowhere\ttrain.py:2\tModuleNotFoundError")
    dialog.reject()


def failed_checks(window: MainWindow) -> set[str]:
    assert window.session is not None
    report = window.session.report
    return {result.check_id for result in report.results if result.findings} if report is not None else set()


def test_cancel_removes_the_folder_and_keeps_what_was_known(windows: Windows, qtbot: QtBot, root: Path) -> None:
    (root / "requirements.txt").write_text("zz-sleeps\n")
    (root / "train.py").write_text("import zz_sleeps\n")
    remember_trust(root)
    _, dialog = shown(windows, qtbot, root)
    dialog.card.start_button.click()
    qtbot.waitUntil(lambda: "zz_sleeps" in dialog.card.progress_words.text(), timeout=WAIT)
    assert left_over(root)
    dialog.card.cancel_button.click()
    qtbot.waitUntil(lambda: not dialog.run.is_running, timeout=WAIT)
    assert [notice.what for notice in dialog.bar.notices] == ["The rebuild was stopped; its folder is removed."]
    qtbot.waitUntil(lambda: left_over(root) == [], timeout=WAIT)
    assert not rebuild_file(root).exists()
    assert dialog.card.start_button.isVisible()
    dialog.reject()


def test_closing_the_window_ends_the_rebuild(windows: Windows, qtbot: QtBot, root: Path) -> None:
    (root / "requirements.txt").write_text("zz-sleeps\n")
    (root / "train.py").write_text("import zz_sleeps\n")
    remember_trust(root)
    _, dialog = shown(windows, qtbot, root)
    dialog.card.start_button.click()
    qtbot.waitUntil(lambda: "zz_sleeps" in dialog.card.progress_words.text(), timeout=WAIT)
    dialog.reject()
    assert not dialog.run.is_running
    qtbot.waitUntil(lambda: left_over(root) == [], timeout=WAIT)


def test_refusals_say_what_to_do(windows: Windows, qtbot: QtBot, root: Path) -> None:
    (root / ".python-version").write_text("3.4.1\n")
    remember_trust(root)
    _, dialog = shown(windows, qtbot, root)
    dialog.card.start_button.click()
    qtbot.waitUntil(lambda: bool(dialog.bar.notices) and not dialog.run.is_running, timeout=WAIT)
    (notice,) = dialog.bar.notices
    assert "3.4.1" in notice.what
    assert [action.label for action in notice.actions] == ["Other Python…"]
    dialog.choose_python(sys.executable)
    dialog.card.start_button.click()
    qtbot.waitUntil(lambda: not dialog.run.is_running and bool(dialog.imports.facts.rows), timeout=WAIT)
    assert "the project names 3.4.1" in dialog.card.summary.text()
    dialog.reject()


def test_keyboard_and_names(windows: Windows, qtbot: QtBot, root: Path) -> None:
    window, dialog = shown(windows, qtbot, root)
    assert window.actions_of.rebuild.shortcut().toString() == "Ctrl+B"
    for widget in (dialog.python, dialog.card.progress, dialog.imports, dialog.said):
        assert widget.accessibleName()
    dialog.python.setFocus()
    reached = set()
    for _step in range(12):
        focused = QApplication.focusWidget()
        reached.add(focused)
        QTest.keyClick(focused or dialog, Qt.Key.Key_Tab)
    assert {dialog.python, dialog.card.start_button, dialog.imports, dialog.close_button} <= reached
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("rebuild", "words"),
    [
        (Rebuild(), "Nobody has rebuilt"),
        (KEPT, "the project names 3.11.9"),
        (KEPT, "1 of 3 imports fail"),
        (msgspec.structs.replace(KEPT, changed=("requirements.txt",)), "changed since: rebuild again"),
        (
            msgspec.structs.replace(KEPT, state=RebuildState.NOT_INSTALLED, why_not=text("numpy is gone")),
            "not installed: numpy is gone",
        ),
        (msgspec.structs.replace(KEPT, state=RebuildState.PASSED, imports=KEPT.imports[:2]), "all 2 imports work"),
    ],
)
def test_summaries(rebuild: Rebuild, words: str) -> None:
    assert words in summary_of(rebuild)


@pytest.mark.parametrize("theme", THEMES)
def test_pictures_in_every_theme_and_size(windows: Windows, qtbot: QtBot, root: Path, theme: Theme) -> None:
    window = opened(windows, qtbot, root)
    windows.preferences.theme = theme
    windows.change_look()
    write_whole(rebuild_file(root), KEPT.to_json())
    faults = []
    for language in ("en", "de"):
        set_language(language)
        dialog = dialog_of(window, qtbot)
        for size in SIZES:
            dialog.resize(*size)
            qtbot.wait(50)
            faults += save_picture(dialog, theme, size, f"70-rebuild-{language}")
            dialog._ask_for_trust()
            qtbot.wait(50)
            faults += save_picture(dialog, theme, size, f"71-rebuild-trust-{language}")
            dialog.bar.settle("trust")
            dialog.card.begin("")
            dialog.card.progress_words.setText("Fetching torch (774.1MiB) · 3 of 29")
            dialog.card.progress.setRange(0, 29)
            dialog.card.progress.setValue(3)
            dialog.tabs.setCurrentIndex(1)
            qtbot.wait(50)
            faults += save_picture(dialog, theme, size, f"72-rebuild-running-{language}")
            dialog.card.end()
            dialog.tabs.setCurrentIndex(0)
        dialog.reject()
    assert not faults, "\n".join(faults)
