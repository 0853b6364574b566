"""Sentences at the top of a window: what happened, how to go on; several stand below one another."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from repro_gui.ui.notice import Level, Notice
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button, tool_button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import RichLabel

_ICONS = {
    Level.NOTICE: ("notice", "unknown"),
    Level.DONE: ("done", "yes"),
    Level.WARNING: ("warning", "partly"),
    Level.ERROR: ("error", "no"),
}
_MOST = 3
_FADE_MILLISECONDS = 8000


class NoticeWidget(QFrame):
    """One notice with its buttons."""

    def __init__(self, notice: Notice, parent: MessageBarWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self._bar = parent
        self.setObjectName("Message")
        self.setProperty("level", notice.level.value)
        name, role = _ICONS[notice.level]
        mark = IconWidget(name, role)
        words = RichLabel(f"{notice.what} {notice.mend}".strip())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(mark)
        row.addWidget(words, 1)
        for action in notice.actions:
            row.addWidget(button(action.label, lambda run=action.run: self._go_on(run)))  # type: ignore[misc]
        if notice.details:
            row.addWidget(button(_("Copy details"), self._copy, "quiet", "copy"))
        self.close_button = tool_button(_("Close this message"), "close", self.settle)
        row.addWidget(self.close_button)
        self.setAccessibleName(f"{notice.what} {notice.mend}".strip())
        if notice.fades:
            QTimer.singleShot(_FADE_MILLISECONDS, self, self.settle)

    def settle(self) -> None:
        """Take it away."""
        self._bar.remove(self)

    def _go_on(self, run: object) -> None:
        self.settle()
        assert callable(run)
        run()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.notice.what}\n{self.notice.details}")


class MessageBarWidget(QWidget):
    """All notices of a window, newest on top; one per topic."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setVisible(False)

    @property
    def notices(self) -> list[Notice]:
        """What stands there, newest first."""
        return [widget.notice for widget in self._widgets()]

    def show_notice(self, notice: Notice) -> None:
        """Add a sentence, in place of an earlier one with its topic."""
        if notice.topic:
            self.settle(notice.topic)
        self._column.insertWidget(0, NoticeWidget(notice, self))
        for widget in self._widgets()[_MOST:]:
            self.remove(widget)
        self.setVisible(True)

    def settle(self, topic: str) -> None:
        """Take away what was said about a topic."""
        for widget in self._widgets():
            if widget.notice.topic == topic:
                self.remove(widget)

    def clear(self) -> None:
        """Take away everything."""
        for widget in self._widgets():
            self.remove(widget)

    def remove(self, widget: NoticeWidget) -> None:
        """Take one away."""
        self._column.removeWidget(widget)
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
        self.setVisible(bool(self._widgets()))

    def _widgets(self) -> list[NoticeWidget]:
        items = (self._column.itemAt(index) for index in range(self._column.count()))
        return [widget for item in items if item and isinstance(widget := item.widget(), NoticeWidget)]
