"""The table of packages in the details of a check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import git, opened

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from repro_gui.ui.application import Windows


def test_packages_stand_in_a_table_of_their_own(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    root = tmp_path / "vision"
    root.mkdir()
    (root / "requirements.txt").write_text("numpy==1.26.4\n")
    (root / "train.py").write_text("import numpy\nimport yaml\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    window = opened(windows, qtbot, root)
    assert window.session is not None
    assert window.session.report is not None
    result = next(one for one in window.session.report.results if one.check_id == "environment-differs")
    details = window.page.check
    details.show_result(result, window.session)
    tabs = [details.tabs.tabText(index) for index in range(details.tabs.count())]
    assert tabs[0] == "Packages  2"
    assert not any(words.startswith("Evidence") for words in tabs)
    details.tabs.setCurrentIndex(0)
    assert details.body.currentWidget() is details.packages
    assert details.packages.facts.rows == [
        ("pyyaml", "yaml", "–", "–", "?", "–"),
        ("numpy", "numpy", "==1.26.4", "–", "?", "–"),
    ]
    assert details.packages.accessibleName() == "Packages"
    places: list[tuple[str, int, int]] = []
    details.place_chosen.disconnect()
    details.place_chosen.connect(lambda *place: places.append(place))
    details.packages.setCurrentIndex(details.packages.facts.index(0, 0))
    QTest.keyClick(details.packages, Qt.Key.Key_Return)
    assert places == [("train.py", 2, 1)]
    other = next(one for one in window.session.report.results if one.check_id == "python-not-pinned")
    details.show_result(other, window.session)
    assert "Packages" not in details.tabs.tabText(0)
