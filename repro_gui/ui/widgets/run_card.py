"""The card of a window that has something run: what is chosen, start or cancel, how far it is, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import ElidedLabel, RichLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QPushButton

    from repro_gui.worker.messages import Step


class RunCardWidget(QFrame):
    """Choices that rest while it runs; words and a bar while it runs, a summary before and after."""

    def __init__(self, choices: QWidget, start: QPushButton, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("Card")
        self.choices = choices
        self.start_button = start
        start.setDefault(True)
        self.cancel_button = button(_("Cancel"), cancel, icon_name="stop")
        self.progress_words = ElidedLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress"))
        self.summary = RichLabel(role="muted")
        self._lay_out()
        self.end()

    def begin(self, words: str) -> None:
        """Show that it runs; the bar stays empty until there is something to measure."""
        self.progress_words.setText(words)
        # Not 0…0: a bar that runs to and fro measures nothing and never rests.
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        self._show_running(running=True)

    def show_step(self, step: Step) -> None:
        """Show what is done now and, where it can be measured, how far it is."""
        counts = ""
        if step.total:
            self.progress.setRange(0, step.total)
            self.progress.setValue(min(step.done, step.total))
            counts = _("{done} of {total}").format(done=f"{step.done:,}", total=f"{step.total:,}")
        self.progress_words.setText(" · ".join(part for part in (shown(step.what), counts) if part))

    def add_below(self, widget: QWidget) -> None:
        """Put one more thing under the summary."""
        self._inside.addWidget(widget)

    def end(self) -> None:
        """Show the summary and what can be started again."""
        self._show_running(running=False)

    def _show_running(self, *, running: bool) -> None:
        for widget in (self.progress_words, self.progress, self.cancel_button):
            widget.setVisible(running)
        self.summary.setVisible(not running)
        self.start_button.setVisible(not running)
        self.choices.setEnabled(not running)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.choices, 1)
        for one in (self.start_button, self.cancel_button):
            head.addWidget(one, 0, Qt.AlignmentFlag.AlignBottom)
        under_way = QHBoxLayout()
        under_way.setSpacing(12)
        under_way.addWidget(self.progress_words, 1)
        under_way.addWidget(self.progress, 1)
        inside = self._inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 14, 20, 14)
        inside.setSpacing(10)
        inside.addLayout(head)
        inside.addLayout(under_way)
        inside.addWidget(self.summary)
