"""Opening a place in the person's editor: one argument per word, never outside the project, never run."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from repro_gui.ui import editor
from repro_gui.ui.editor import editor_arguments, open_in_editor, path_in_project


@pytest.mark.parametrize("name", ["a b.py", "a'b.py", '"; rm -rf x;.py', "$(x).py", "{line}.py", "-flag.py"])
def test_a_name_is_one_argument(name: str) -> None:
    assert editor_arguments("code --goto {file}:{line}:{column}", name, 3, 0) == ["code", "--goto", f"{name}:3:1"]
    assert editor_arguments("vim", name, 3, 1) == ["vim", name]


def test_places_outside_the_project_are_not_opened(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "file.py").write_text("x")
    assert path_in_project(str(root), "file.py") == root / "file.py"
    for outside in ("../secret", "link", "/etc/passwd", "missing.py", "nul\0name"):
        assert path_in_project(str(root), outside) is None


def test_editor_is_started_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("x")
    mark = tmp_path / "mark"
    script = f"import sys; open({str(mark)!r}, 'w').write(' '.join(sys.argv[1:]))"
    (tmp_path / "editor.py").write_text(script)
    command = f"{sys.executable} {tmp_path / 'editor.py'} {{file}} {{line}}"
    assert open_in_editor(command, str(tmp_path), "train.py", 12, 1)
    for _turn in range(200):
        if mark.exists() and mark.read_text():
            break
        time.sleep(0.02)
    assert mark.read_text() == f"{tmp_path / 'train.py'} 12"
    assert not open_in_editor("/nowhere/editor {file}", str(tmp_path), "train.py", 1, 1)
    assert not open_in_editor('unbalanced "quote', str(tmp_path), "train.py", 1, 1)


def test_without_an_editor_the_folder_is_shown_and_never_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evil.py").write_text("x")
    asked: list[str] = []

    def show(url: QUrl) -> bool:
        asked.append(url.toLocalFile())
        return True

    monkeypatch.setattr(editor, "found_editor", lambda: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", show)
    assert open_in_editor("", str(tmp_path), "evil.py", 1, 1)
    assert asked == [str(tmp_path)]
