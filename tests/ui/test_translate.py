"""Every text of the windows has its translation, with the same values in it."""

from __future__ import annotations

import ast
import gettext
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from repro_gui.checks.find_checks import all_checks
from repro_gui.resource_files import resource_path
from repro_gui.text import text
from repro_gui.ui.application import Windows
from repro_gui.ui.translate import _, counted, languages, set_language, shown
from tests.ui.conftest import ROOT, opened
from tests.ui.test_screens import Walk, walk_project, walk_welcome


def texts_of_the_windows() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "repro_gui" / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in {"_", "text", "counted"} and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), path.name


def values_of(template: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_every_text_is_translated_with_its_values(code: str) -> None:
    catalogue = gettext.translation("repro-gui", resource_path("translations"), [code])
    known: dict[object, str] = catalogue._catalog  # type: ignore[attr-defined]
    missing = []
    for message, place in sorted(set(texts_of_the_windows())):
        translated = known.get(message) or known.get((message, 0))
        if translated is None:
            missing.append(f"{place}: {message}")
        elif "`{file}`" not in message:
            assert values_of(message) == values_of(translated), message
    assert missing == []


def test_mnemonics_are_unique_in_each_menu(windows: Windows, qtbot: QtBot) -> None:
    for code in languages():
        set_language(code)
        window = windows.open_window()
        menus: list[QWidget] = [window.menuBar(), *window.menuBar().findChildren(QMenu)]
        for menu in menus:
            letters = [
                action.text()[place + 1].casefold()
                for action in menu.actions()
                if (place := action.text().replace("&&", "  ").find("&")) >= 0
            ]
            assert len(set(letters)) == len(letters), (code, [action.text() for action in menu.actions()])
        window.close()


def test_language_falls_back_to_english() -> None:
    set_language("xx")
    assert _("Yes") == "Yes"
    assert counted("{count} file", "{count} files", 2) == "2 files"
    set_language("de")
    assert _("Yes") == "Ja"
    assert counted("{count} file", "{count} files", 1) == "1 Datei"
    assert shown(text("Auditing")) == "Prüfung läuft"
    assert shown(text("{name} is {what}", name="{what}", what="x")) == "{what} is x"


def test_german_fits_into_the_windows(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path, qapp: QApplication
) -> None:
    windows = stand_in_windows()
    set_language("de")
    walk = Walk(qtbot, "german")
    window = windows.open_window()
    walk_welcome(walk, windows, window)
    window.close()
    window = opened(windows, qtbot, tmp_path)
    window.resize(1280, 800)
    walk_project(walk, qtbot, window)
    window.close()
    assert not walk.faults, "\n".join(walk.faults)


def test_checks_are_said_in_german() -> None:
    """Titles of all checks and fixes; nothing in the catalogue is stale, and every translation has the same values."""
    titles = {
        words
        for check in all_checks()
        for words in (check.title, check.failure_title, *([check.fix.title] if check.fix is not None else []))
    }
    set_language("de")
    said = [words for words in titles if _(words) == words]
    assert len(said) <= len(titles) // 20, said
    with Path(resource_path("translations/de/LC_MESSAGES/repro-gui-checks.mo")).open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    sources = "\n".join(path.read_text() for path in sorted((ROOT / "repro_gui").rglob("*.py")))
    for words, german in catalogue._catalog.items():  # type: ignore[attr-defined]
        if not words:
            continue
        assert words in titles or words.replace("\\", "\\\\") in sources, words
        assert values_of(words) == values_of(german), words


def test_numbers_choose_their_wording_in_german_too() -> None:
    set_language("de")
    assert shown(text("{count} Python {count:file|files}", count=1)) == "1 Python-Datei"
    assert shown(text("{count} Python {count:file|files}", count=2)) == "2 Python-Dateien"
