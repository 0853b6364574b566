"""The answers that a fix would change: before, an arrow, after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from repro_gui.ui.translate import _
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import label, pill
from repro_gui.ui.words import answer_word, pillar_word

if TYPE_CHECKING:
    from repro_gui.audit.report import AnsweredQuestion


class AnswerChangesWidget(QWidget):
    """One row; empty while nothing is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 4, 0, 0)
        self._row.setSpacing(8)
        self.setVisible(False)

    def show_changes(self, before: tuple[AnsweredQuestion, ...], after: tuple[AnsweredQuestion, ...]) -> None:
        """Show the questions whose answer differs."""
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        later = {answered.question: answered.answer for answered in after}
        changed = [one for one in before if one.question in later and later[one.question] is not one.answer]
        said = []
        for one in changed:
            new = later[one.question]
            name = pillar_word(one.question.pillar)
            self._row.addWidget(label(name, "strong"))
            self._row.addWidget(pill(answer_word(one.answer), one.answer.value))
            self._row.addWidget(IconWidget("next", "muted", 16))
            self._row.addWidget(pill(answer_word(new), new.value))
            self._row.addSpacing(12)
            said.append(f"{name}: {answer_word(one.answer)} → {answer_word(new)}")
        if before and after and not changed:
            self._row.addWidget(label(_("The five answers stay as they are; the findings go."), "small"))
        self._row.addStretch(1)
        self.setAccessibleName(". ".join(said))
        self.setVisible(bool(before and after))
