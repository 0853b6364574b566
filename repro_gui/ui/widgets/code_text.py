"""Text that shows code: read with mouse and keyboard, never written."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit


def show_as_code(view: QPlainTextEdit, name: str) -> None:
    """Make a text one for code; `name` is for screen readers."""
    view.setObjectName("Code")
    view.setReadOnly(True)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    # Read-only texts take Tab as focus change, and the keyboard still moves in them.
    view.setTabChangesFocus(True)
    view.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.setAccessibleName(name)
