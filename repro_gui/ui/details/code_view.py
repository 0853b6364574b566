"""Code with line numbers, colours and a marked place; for reading and copying only."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from repro_gui.ui.details.code_colours import coloured_spans, harmless
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import code_font
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.code_text import show_as_code
from repro_gui.ui.widgets.labels import restyle


class LineNumbersWidget(QWidget):
    """The numbers left of the code; a click on one opens the editor there."""

    def __init__(self, code: CodeViewWidget) -> None:
        super().__init__(code)
        self._code = code
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(_("Open this line in your editor"))

    def sizeHint(self) -> QSize:
        return QSize(self._code.number_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._code.paint_numbers(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._code.line_chosen.emit(self._code.line_at(round(event.position().y())))


class CodeViewWidget(QPlainTextEdit):
    """A read-only text whose first line may have any number."""

    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        show_as_code(self, _("Code"))
        self.setUndoRedoEnabled(False)
        self._first = 1
        self._marked: tuple[int, int, int, int] = (0, 0, 0, 0)
        self._file_name = ""
        self._numbers = LineNumbersWidget(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scroll_numbers)
        appearance().changed.connect(self._on_appearance)
        self._on_appearance()

    def show_code(
        self, code: str, file_name: str, first_line: int = 1, marked: tuple[int, int, int, int] = (0, 0, 0, 0)
    ) -> None:
        """Show lines from `first_line` on; `marked` is line, column, end line, end column (exclusive; 0 not known)."""
        self._first = first_line
        self._marked = marked
        self._file_name = file_name
        self.setPlainText(harmless(code).removesuffix("\n"))
        self._colour()
        self._mark()
        self._make_room()
        if marked[0]:
            self.setTextCursor(self._cursor_at(marked[0], 1))
            self.centerCursor()
            self.horizontalScrollBar().setValue(0)

    def line_at(self, y: int) -> int:
        """The number of the line at a height."""
        return self.cursorForPosition(QPoint(0, y)).blockNumber() + self._first

    def number_width(self) -> int:
        """How wide the column of numbers is."""
        digits = len(str(self._first + self.blockCount()))
        return self.fontMetrics().horizontalAdvance("9") * max(digits, 2) + 28

    def sizeHint(self) -> QSize:
        # Some lines; where there is more room, more are seen.
        return QSize(480, 5 * self.fontMetrics().lineSpacing() + 20)

    def preferred_height(self) -> int:
        """Height at which all lines are seen, for short texts."""
        return self.blockCount() * self.fontMetrics().lineSpacing() + 20

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Draw the numbers beside the lines that are seen."""
        colours = appearance().colours
        painter = QPainter(self._numbers)
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + self._first
            is_marked = bool(self._marked[0]) and self._marked[0] <= number <= max(self._last_marked(), self._marked[0])
            painter.setPen(QColor(colours.text if is_marked else colours.code_number))
            place = QRect(0, round(top), self._numbers.width() - 16, round(height))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number))
            top += height
            block = block.next()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(inside.left(), inside.top(), self.number_width(), inside.height())
        if self._marked[0]:
            self.centerCursor()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell_focus("true")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tell_focus("false")

    def _tell_focus(self, focused: str) -> None:
        frame = self.parentWidget()
        if frame is not None and frame.objectName() == "CodeFrame":
            restyle(frame, focused=focused)

    def _last_marked(self) -> int:
        line, _column, end_line, end_column = self._marked
        return end_line - 1 if end_line > line and end_column == 1 else end_line

    def _cursor_at(self, line: int, column: int) -> QTextCursor:
        block = self.document().findBlockByNumber(max(0, min(line - self._first, self.blockCount() - 1)))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + max(0, min(column - 1, block.length() - 1)))
        return cursor

    def _colour(self) -> None:
        colours = appearance().colours
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        plain = QTextCharFormat()
        plain.setForeground(QColor(colours.text))
        cursor.setCharFormat(plain)
        for start, length, role in coloured_spans(self.toPlainText(), self._file_name):
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setForeground(QColor(getattr(colours, role)))
            if role == "code_comment":
                look.setFontItalic(True)
            cursor.setCharFormat(look)
        cursor.endEditBlock()

    def _mark(self) -> None:
        line, column, end_line, end_column = self._marked
        if not line or not self._first <= line < self._first + self.blockCount():
            self.setExtraSelections([])
            return
        selections = []
        for number in range(line, max(self._last_marked(), line) + 1):
            whole = QTextEdit.ExtraSelection()
            whole.cursor = self._cursor_at(number, 1)
            whole.format.setBackground(QColor(appearance().colours.code_mark))
            whole.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            selections.append(whole)
        if column and end_column and end_line >= line:
            exact = QTextEdit.ExtraSelection()
            cursor = self._cursor_at(line, column)
            cursor.setPosition(self._cursor_at(end_line, end_column).position(), QTextCursor.MoveMode.KeepAnchor)
            exact.cursor = cursor
            exact.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            exact.format.setUnderlineColor(QColor(appearance().colours.partly))
            selections.append(exact)
        self.setExtraSelections(selections)

    def _make_room(self) -> None:
        self.setViewportMargins(self.number_width(), 0, 0, 0)
        self._numbers.resize(self.number_width(), self._numbers.height())
        self._numbers.update()

    def _scroll_numbers(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.scroll(0, dy)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())

    def _on_appearance(self) -> None:
        font = code_font(appearance().pixels(13))
        self.setFont(font)
        self.document().setDefaultFont(font)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        if self._file_name:
            self._colour()
            self._mark()


def framed(code: CodeViewWidget) -> QFrame:
    """The code in a rounded frame that shows the focus."""
    frame = QFrame()
    frame.setObjectName("CodeFrame")
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(1, 8, 1, 8)
    inside.addWidget(code)
    return frame
