"""A difference to read and copy: one column, or before and after side by side."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QHBoxLayout, QPlainTextDocumentLayout, QPlainTextEdit, QStackedWidget, QWidget

from repro_gui.ui.details.code_colours import harmless
from repro_gui.ui.fix_preview.diff_rows import DiffRow, RowKind, diff_rows, runs_of, two_columns, without_runs
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import code_font
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.code_text import show_as_code

_SIGNS = {RowKind.ADDED: "+", RowKind.REMOVED: "−"}


class DiffNumbersWidget(QWidget):
    """Line numbers and signs left of the rows."""

    def __init__(self, text: DiffTextWidget) -> None:
        super().__init__(text)
        self._text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        self._text.paint_numbers(event)


class DiffTextWidget(QPlainTextEdit):
    """Rows of a difference."""

    def __init__(self, sides: tuple[str, ...], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sides = sides
        self._rows: list[DiffRow] = []
        show_as_code(self, name)
        self._numbers = DiffNumbersWidget(self)
        self.updateRequest.connect(self._scroll_numbers)
        appearance().changed.connect(self._on_appearance)

    def show_rows(self, rows: list[DiffRow]) -> None:
        """Show other rows."""
        self._rows = rows
        font = code_font(appearance().pixels(13))
        self.setFont(font)
        document = QTextDocument(self)
        document.setDocumentLayout(QPlainTextDocumentLayout(document))
        document.setDefaultFont(font)
        document.setUndoRedoEnabled(False)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        for number, row in enumerate(rows):
            if number:
                cursor.insertBlock()
            self._write_row(cursor, row)
        cursor.endEditBlock()
        self.setDocument(document)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.setViewportMargins(self._width(), 0, 0, 0)
        self._numbers.resize(self._width(), self._numbers.height())
        self._numbers.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(inside.left(), inside.top(), self._width(), inside.height())

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Draw numbers and signs of the rows that are seen."""
        colours = appearance().colours
        painter = QPainter(self._numbers)
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        digit = self.fontMetrics().horizontalAdvance("9")
        column = digit * self._digits() + 12
        while block.isValid() and top <= event.rect().bottom() and block.blockNumber() < len(self._rows):
            height = round(self.blockBoundingRect(block).height())
            row = self._rows[block.blockNumber()]
            ground = _ground(row)
            if ground:
                painter.fillRect(QRect(0, round(top), self._numbers.width(), height), QColor(ground))
            painter.setPen(QColor(colours.code_number))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for place, side in enumerate(self._sides):
                number = getattr(row, side)
                if number:
                    painter.drawText(QRect(place * column, round(top), column - 4, height), int(right), str(number))
            signs = {} if row.is_left else {RowKind.ADDED: colours.yes, RowKind.REMOVED: colours.no}
            painter.setPen(QColor(signs.get(row.kind, colours.muted)))
            sign = QRect(len(self._sides) * column + 4, round(top), digit + 4, height)
            painter.drawText(sign, int(Qt.AlignmentFlag.AlignVCenter), _SIGNS.get(row.kind, ""))
            top += self.blockBoundingRect(block).height()
            block = block.next()

    def _write_row(self, cursor: QTextCursor, row: DiffRow) -> None:
        colours = appearance().colours
        shape = QTextBlockFormat()
        ground = _ground(row)
        if ground:
            shape.setBackground(QColor(ground))
        cursor.setBlockFormat(shape)
        letters = QTextCharFormat()
        is_faint = row.is_left or row.kind in {RowKind.GAP, RowKind.NOTE}
        letters.setForeground(QColor(colours.muted if is_faint else colours.text))
        letters.setFontStrikeOut(row.is_left)
        words = harmless(row.words)
        if row.kind is RowKind.GAP:
            words = f"⋯  {words}".rstrip()
        if not row.parts or len(words) != len(row.words):
            cursor.insertText(words, letters)
            return
        marked = QTextCharFormat(letters)
        marked.setBackground(QColor(colours.added_word if row.kind is RowKind.ADDED else colours.removed_word))
        at = 0
        for start, end in row.parts:
            cursor.insertText(words[at:start], letters)
            cursor.insertText(words[start:end], marked)
            at = end
        cursor.insertText(words[at:], letters)

    def _on_appearance(self) -> None:
        self.show_rows(self._rows)

    def _digits(self) -> int:
        largest = max((max(row.before, row.after) for row in self._rows), default=1)
        return max(len(str(largest)), 2)

    def _width(self) -> int:
        digit = self.fontMetrics().horizontalAdvance("9")
        return len(self._sides) * (digit * self._digits() + 12) + digit + 16

    def _scroll_numbers(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.scroll(0, dy)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())


class DiffViewWidget(QStackedWidget):
    """One file's difference in either way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diff = ""
        self.unified = DiffTextWidget(("before", "after"), _("Difference"))
        self.before = DiffTextWidget(("before",), _("Before"))
        self.after = DiffTextWidget(("after",), _("After"))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(self.before)
        row.addWidget(self.after)
        self.addWidget(self.unified)
        self.addWidget(both)
        for one, other in ((self.before, self.after), (self.after, self.before)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)

    def show_diff(self, diff: str, left: frozenset[int] = frozenset()) -> None:
        """Show a unified diff; the changes of the numbers `left` are struck out."""
        rows = without_runs(diff_rows(diff), left)
        places = [(view, view.verticalScrollBar().value()) for view in (self.unified, self.before, self.after)]
        is_same = diff == self._diff
        self._diff = diff
        self.unified.show_rows(rows)
        before, after = two_columns(rows)
        self.before.show_rows(before)
        self.after.show_rows(after)
        if is_same:
            for view, place in places:
                view.verticalScrollBar().setValue(place)

    def show_run(self, number: int) -> None:
        """Bring one of the changes into view, with some lines above it."""
        rows = diff_rows(self._diff)
        runs = runs_of(rows)
        if not 0 <= number < len(runs):
            return
        above = rows[: runs[number].start]
        for view, row in ((self.unified, len(above)), (self.before, len(two_columns(above)[0]))):
            view.verticalScrollBar().setValue(max(row - 3, 0))

    def show_side_by_side(self, on: bool) -> None:
        """Before and after side by side, or in one column."""
        self.setCurrentIndex(1 if on else 0)


def _ground(row: DiffRow) -> str:
    colours = appearance().colours
    if row.is_left:
        return ""
    return {
        RowKind.ADDED: colours.added,
        RowKind.REMOVED: colours.removed,
        RowKind.GAP: colours.hover,
        RowKind.MISSING: colours.hover,
    }.get(row.kind, "")
