"""The chosen published checklist, or the organisation's policy, item by item, over the results of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import RichLabel, label

if TYPE_CHECKING:
    from repro_gui.worker.messages import ChecklistJudged, ChecklistLine

_LOOKS = {
    "met": ("yes", "yes"),
    "not-met": ("no", "no"),
    "confirm": ("partly", "partly"),
    "cannot-tell": ("unknown", "unknown"),
    "by-hand": ("by-hand", "accent"),
}
_TICKED_BY_HAND = frozenset({"confirm", "cannot-tell", "by-hand"})


def tick_word(tick: str) -> str:
    """The state of an item."""
    return {
        "met": _("Met"),
        "not-met": _("Not met"),
        "confirm": _("To confirm"),
        "cannot-tell": _("Cannot tell"),
        "by-hand": _("By hand"),
    }.get(tick, tick)


class ChecklistCardWidget(QFrame):
    """A row per item: its state, why, and a way to the checks behind it or to a tick by hand."""

    check_chosen = Signal(str)
    tick_asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Card")
        self.title = label(role="heading", wraps=True)
        self.count = label(role="muted", wraps=True)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(10)
        self._shown: ChecklistJudged | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.count)
        column.addSpacing(4)
        column.addLayout(self.lines)
        self.setVisible(False)

    def show_judged(self, judged: ChecklistJudged | None) -> None:
        """Show another one; None: there is none."""
        self.setVisible(judged is not None and bool(judged.items))
        if judged is self._shown or judged is None:
            return
        self._shown = judged
        while (item := self.lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.title.setText(judged.name)
        ticks = [line.tick for line in judged.items]
        counts = [f"{tick_word(tick)}: {ticks.count(tick)}" for tick in _LOOKS if tick in ticks]
        items = counted("{count} item", "{count} items", len(ticks))
        self.count.setText(" · ".join([items, *counts]))
        for line in judged.items:
            self.lines.addWidget(self._row(judged.id, line))

    def _row(self, checklist: str, line: ChecklistLine) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        icon, role = _LOOKS.get(line.tick, ("unknown", "unknown"))
        row.addWidget(IconWidget(icon, role, 20), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(RichLabel(line.text))
        words.addWidget(RichLabel(f"{tick_word(line.tick)}. {shown(line.why)}", "small"))
        row.addLayout(words, 1)
        if line.tick in _TICKED_BY_HAND:
            tick = button(_("Tick by hand…"), kind="link")
            tick.setAccessibleName(_("Tick “{check}” by hand").format(check=line.text))
            tick.clicked.connect(
                lambda _checked=False, name=f"{checklist}/{line.id}", title=line.text: self.tick_asked.emit(name, title)
            )
            row.addWidget(tick, 0, Qt.AlignmentFlag.AlignTop)
        if line.checks:
            look = button(_("Show the check"), kind="link", icon_name="next")
            look.setAccessibleName(_("Show the check behind “{item}”").format(item=line.text))
            look.clicked.connect(lambda _checked=False, check=line.checks[0]: self.check_chosen.emit(check))
            row.addWidget(look, 0, Qt.AlignmentFlag.AlignTop)
        return holder
