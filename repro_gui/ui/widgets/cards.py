"""The cards of the pages that tell of one check or one question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget


def head_card(icon: QWidget, words: QLayout, tabs: QWidget) -> tuple[QFrame, QVBoxLayout]:
    """The icon left of the words, the tabs below; the layout for what stands under them."""
    head = QHBoxLayout()
    head.setSpacing(12)
    head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
    head.addLayout(words, 1)
    card = QFrame()
    card.setObjectName("Card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(20, 16, 16, 0)
    inside.setSpacing(8)
    inside.addLayout(head)
    inside.addWidget(tabs)
    return card, inside


def body_card(content: QWidget) -> QFrame:
    """What the chosen tab shows."""
    card = QFrame()
    card.setObjectName("Card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(1, 4, 1, 4)
    inside.addWidget(content)
    return card


def fill_page(page: QScrollArea, head: QWidget, body: QWidget) -> QVBoxLayout:
    """Put the cards on a page that scrolls, the second taking the room there is."""
    content = QWidget()
    content.setObjectName("ScrollContent")
    column = QVBoxLayout(content)
    column.setContentsMargins(8, 16, 16, 16)
    column.setSpacing(12)
    column.addWidget(head)
    column.addWidget(body, 1)
    page.setWidget(content)
    return column
