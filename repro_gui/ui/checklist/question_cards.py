"""The five questions as large cards: icon, word and colour say the answer; a click shows what it rests on."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from repro_gui.audit.report import AnsweredQuestion, Question
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import draw_icon
from repro_gui.ui.translate import _, shown
from repro_gui.ui.words import ANSWER_ICONS, answer_so_far, question_word, without_backticks

_PADDING = 12
_CIRCLE = 36


class QuestionCardButton(QAbstractButton):
    """One question with its answer."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.answered: AnsweredQuestion | None = None
        self.is_so_far = False
        self._padding = _PADDING
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_answer(None)

    def show_answer(self, answered: AnsweredQuestion | None, *, is_so_far: bool = False) -> None:
        """Show an answer; None while it is not known yet, `is_so_far` while more is being read."""
        self.answered = answered
        self.is_so_far = is_so_far
        wording = question_word(self.question)
        if answered is None:
            self.setAccessibleName(_("{question} Not known yet.").format(question=wording))
            self.setToolTip("")
        else:
            why = without_backticks(shown(answered.why))
            self.setAccessibleName(f"{wording} {answer_so_far(answered.answer, is_so_far=is_so_far)}. {why}")
            self.setToolTip(why)
        self.update()

    def make_compact(self, compact: bool) -> None:
        """Take less height, for windows that are not high."""
        self._padding = _PADDING // 3 if compact else _PADDING
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(360, appearance().pixels(40) + 2 * self._padding - 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = appearance().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = colours.selection if self.isChecked() else colours.hover if self.underMouse() else colours.surface
        edge = colours.focus if self.hasFocus() or self.isChecked() else colours.line
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(frame, 10, 10)
        self._paint_answer_mark(painter)
        self._paint_words(painter)

    def _paint_answer_mark(self, painter: QPainter) -> None:
        colours = appearance().colours
        role = "unknown" if self.answered is None else ANSWER_ICONS[self.answered.answer]
        circle = QRect(_PADDING, (self.height() - _CIRCLE) // 2, _CIRCLE, _CIRCLE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colours, f"{role}_tint")))
        painter.drawEllipse(circle)
        name = "waiting" if self.answered is None else role
        draw_icon(painter, circle.adjusted(7, 7, -7, -7), name, getattr(colours, role))

    def _paint_words(self, painter: QPainter) -> None:
        look = appearance()
        colours = look.colours
        left = _PADDING + _CIRCLE + _PADDING
        width = self.width() - left - _PADDING
        half = self.height() // 2
        painter.setFont(text_font(look.pixels(15), QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        upper = QRect(left, 0, width, half + 1)
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(upper, int(bottom), _cut(painter, question_word(self.question), width))
        lower = QRect(left, half + 1, width, half - 2)
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        if self.answered is None:
            painter.setFont(text_font(look.pixels(14)))
            painter.setPen(QColor(colours.muted))
            painter.drawText(lower, int(top), _("Reading…"))
            return
        painter.setFont(text_font(look.pixels(14), QFont.Weight.DemiBold))
        painter.setPen(QColor(getattr(colours, ANSWER_ICONS[self.answered.answer])))
        word = answer_so_far(self.answered.answer, is_so_far=self.is_so_far)
        painter.drawText(lower, int(top), word)
        used = painter.fontMetrics().horizontalAdvance(word) + 10
        painter.setFont(text_font(look.pixels(14)))
        painter.setPen(QColor(colours.muted))
        why = without_backticks(shown(self.answered.why))
        painter.drawText(lower.adjusted(used, 0, 0, 0), int(top), _cut(painter, why, width - used))


class QuestionCardsWidget(QWidget):
    """All five, one below the other."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("The five questions"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.cards = {question: QuestionCardButton(question) for question in Question}
        for question, card in self.cards.items():
            card.clicked.connect(lambda _checked=False, which=question: self.chosen.emit(which))
            column.addWidget(card)
        appearance().changed.connect(self.updateGeometry)

    def make_compact(self, compact: bool) -> None:
        """Leave more of a low window to the list below."""
        column = self.layout()
        assert column is not None
        column.setSpacing(4 if compact else 8)
        for card in self.cards.values():
            card.make_compact(compact)

    def show_answers(self, answers: dict[str, AnsweredQuestion], *, is_so_far: bool = False) -> None:
        """Show what is known."""
        for question, card in self.cards.items():
            answered = answers.get(question)
            if card.answered is not answered or card.is_so_far != is_so_far:
                card.show_answer(answered, is_so_far=is_so_far)

    def mark(self, question: Question | None) -> None:
        """Show which one the right side is about."""
        for other, card in self.cards.items():
            card.setChecked(other is question)


def _cut(painter: QPainter, words: str, width: int) -> str:
    return QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, width)
