"""Opens a place of the project in the person's own editor."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

# The usual commands and how each takes a place; the first one that is there is offered.
KNOWN_EDITORS = (
    ("code", "code --goto {file}:{line}:{column}"),
    ("codium", "codium --goto {file}:{line}:{column}"),
    ("cursor", "cursor --goto {file}:{line}:{column}"),
    ("zed", "zed {file}:{line}:{column}"),
    ("subl", "subl {file}:{line}:{column}"),
    ("pycharm", "pycharm --line {line} --column {column} {file}"),
    ("charm", "charm --line {line} --column {column} {file}"),
    ("kate", "kate --line {line} --column {column} {file}"),
    ("gnome-text-editor", "gnome-text-editor {file}"),
    ("gedit", "gedit +{line}:{column} {file}"),
    ("emacsclient", "emacsclient --no-wait +{line}:{column} {file}"),
    ("gvim", "gvim +{line} {file}"),
    ("notepad++", "notepad++ -n{line} -c{column} {file}"),
)


def found_editor() -> str:
    """The command of the first known editor on this machine; empty when there is none."""
    return next((command for program, command in KNOWN_EDITORS if shutil.which(program)), "")


def editor_arguments(command: str, file: str, line: int, column: int) -> list[str]:
    """The command with the place in it; each word of it is one argument, whatever the name of the file is."""
    places = {"file": file, "line": str(max(line, 1)), "column": str(max(column, 1))}
    words = shlex.split(command, posix=sys.platform != "win32")
    if not any("{file}" in word for word in words):
        words.append("{file}")
    return [re.sub(r"\{(file|line|column)\}", lambda found: places[found[1]], word) for word in words]


def path_in_project(root: str, relative: str) -> Path | None:
    """The file on disk; None when it is not there or lies outside the project."""
    folder = Path(root).resolve()
    try:
        found = (folder / relative).resolve()
        return found if found.is_relative_to(folder) and found.exists() else None
    except (OSError, ValueError):
        return None


def open_in_editor(command: str, root: str, relative: str, line: int, column: int) -> bool:
    """Start the editor at the place; without one show the file's folder. False: nothing could be started."""
    file = path_in_project(root, relative)
    if file is None:
        return False
    wanted = command or found_editor()
    if not wanted:
        # Never the file itself: on some systems to open a script is to run it.
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))
    try:
        program, *arguments = editor_arguments(wanted, str(file), line, column)
    except ValueError:
        return False
    started, _process_id = QProcess.startDetached(program, arguments, root)
    return bool(started)
