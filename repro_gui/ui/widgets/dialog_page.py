"""How a window of its own is laid out: messages, a title with its sentence, what it is about, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from repro_gui.ui.widgets.labels import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_gui.ui.widgets.message_bar import MessageBarWidget


def lay_out_page(
    dialog: QDialog,
    bar: MessageBarWidget,
    words: tuple[str, str],
    content: Sequence[QWidget],
    buttons: tuple[Sequence[QWidget], QWidget],
) -> None:
    """Lay out title and sentence (`words`), the content, its last widget taking the room, and the buttons left and right."""
    title, sentence = words
    row = QHBoxLayout()
    row.setSpacing(8)
    at_left, at_right = buttons
    for one in at_left:
        row.addWidget(one)
    row.addStretch(1)
    row.addWidget(at_right)
    body = QVBoxLayout()
    body.setContentsMargins(24, 18, 24, 18)
    body.setSpacing(12)
    body.addWidget(label(title, "title", wraps=True))
    if sentence:
        body.addWidget(label(sentence, "muted", wraps=True))
    for widget in content[:-1]:
        body.addWidget(widget)
    body.addWidget(content[-1], 1)
    body.addLayout(row)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addLayout(body, 1)


def named_row(name: str, field: QWidget, *others: QWidget) -> QWidget:
    """A field with its name before it and others behind it."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    words = label(name, "muted")
    words.setBuddy(field)
    row.addWidget(words)
    row.addWidget(field, 1)
    for one in others:
        row.addWidget(one)
    return made
