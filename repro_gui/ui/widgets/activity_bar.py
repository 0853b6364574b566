"""What is being done now: a sentence, a bar that measures, items per second, and a way to stop it."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from repro_gui.ui.activity import Activity
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import ElidedLabel, label


class ActivityBarWidget(QFrame):
    """Stands below the window; quiet when nothing is done."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("PanelBottom")
        self._since = (0.0, 0, "")
        self.what = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(240)
        self.bar.setAccessibleName(_("Progress"))
        self.pace = label(role="small")
        self.stop = button(_("Cancel"), self.cancelled.emit, "quiet", "stop")
        self.stop.setToolTip(_("Cancel what is being done (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 12, 2)
        row.setSpacing(16)
        row.addWidget(self.what, 1)
        row.addWidget(self.pace)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        # The height of its button, also when there is none, so that nothing jumps.
        self.setFixedHeight(max(40, self.stop.sizeHint().height() + 4))
        appearance().changed.connect(self._on_appearance)
        self._resting = ""
        self.show_activity(None)

    def _on_appearance(self) -> None:
        self.stop.ensurePolished()
        self.setFixedHeight(max(40, self.stop.sizeHint().height() + 4))

    def rest(self, words: str) -> None:
        """What to say while nothing is done."""
        self._resting = words
        if self.stop.isHidden():
            self.what.setText(words)

    def show_activity(self, activity: Activity | None) -> None:
        """Show what is being done; None: nothing."""
        is_busy = activity is not None
        self.bar.setVisible(is_busy)
        self.pace.setVisible(is_busy)
        self.stop.setVisible(activity is not None and activity.can_cancel)
        if activity is None:
            self.what.setText(self._resting)
            self.pace.setText("")
            self._since = (0.0, 0, "")
            return
        words = shown(activity.what)
        self.what.setText(words)
        if activity.total:
            self.bar.setRange(0, activity.total)
            self.bar.setValue(min(activity.done, activity.total))
        else:
            # Not 0…0: a bar that runs to and fro measures nothing and never rests.
            self.bar.setRange(0, 1)
            self.bar.setValue(0)
        self.pace.setText(self._pace(words, activity))

    def _pace(self, words: str, activity: Activity) -> str:
        since, at, what = self._since
        now = time.monotonic()
        if what != words or activity.done < at:
            self._since = (now, activity.done, words)
            since, at = now, activity.done
        parts = []
        if activity.total:
            parts.append(_("{done} of {total}").format(done=f"{activity.done:,}", total=f"{activity.total:,}"))
        elif activity.done:
            parts.append(counted("{count} item", "{count} items", activity.done))
        if now - since > 0.3 and activity.done > at:
            per_second = (activity.done - at) / (now - since)
            parts.append(_("{count} per second").format(count=f"{per_second:,.0f}"))
        return " · ".join(parts)
