"""Let a person name a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable


def ask_for_program(parent: QWidget, title: str, use: Callable[[str], object]) -> None:
    """Ask for an existing file and hand its path to `use`; nothing happens where none is chosen."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    # The program of an environment is a link to another: followed, it is the other one.
    dialog.setOption(QFileDialog.Option.DontResolveSymlinks, True)
    dialog.fileSelected.connect(use)
    dialog.open()
