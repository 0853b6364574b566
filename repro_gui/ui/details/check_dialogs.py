"""Small questions about one check: waive, tick by hand, say that it is wrong."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QDate, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from repro_gui.audit.report import CheckResult, Note
from repro_gui.ui.translate import _, counted
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import RichLabel, label
from repro_gui.ui.words import check_title


class QuestionDialog(QDialog):
    """A few fields, a sentence on what they are for, and one button that goes on."""

    def __init__(self, title: str, sentence: str, go_on: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.fields = QFormLayout()
        self.fields.setSpacing(12)
        self.go_on = button(go_on, self.accept, "primary")
        self.go_on.setDefault(True)
        self.cancel = button(_("Cancel"), self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(label(title, "heading", wraps=True))
        column.addWidget(RichLabel(sentence, "muted"))
        column.addLayout(self.fields)
        column.addLayout(row)

    def add_field(self, words: str, field: QWidget) -> None:
        """Add a field with its name, which is also what a screen reader says."""
        field.setAccessibleName(words)
        name = label(words)
        name.setBuddy(field)
        self.fields.addRow(name, field)


class WaiveDialog(QuestionDialog):
    """Somebody answers for findings: why, who, until when."""

    def __init__(
        self, result: CheckResult, notes: tuple[Note, ...], person: str, parent: QWidget | None = None
    ) -> None:
        count = len(notes)
        super().__init__(
            _("Waive “{check}”").format(check=check_title(result).replace("`", "")),
            counted(
                "{count} finding stays visible as waived, in the window and in every report, with your reason.",
                "{count} findings stay visible as waived, in the window and in every report, with your reason.",
                count,
            ),
            _("Waive"),
            parent,
        )
        self.keys = tuple(note.key for note in notes if note.key)
        self.reason = QPlainTextEdit()
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(80)
        self.name = QLineEdit(person)
        self.ends = QCheckBox(_("Ends on a day"))
        self.until = QDateEdit(QDate.currentDate().addMonths(6))
        self.until.setCalendarPopup(True)
        self.until.setDisplayFormat("yyyy-MM-dd")
        self.until.setEnabled(False)
        self.ends.toggled.connect(self.until.setEnabled)
        self.add_field(_("Reason"), self.reason)
        self.add_field(_("Your name"), self.name)
        self.fields.addRow("", self.ends)
        self.add_field(_("Last day"), self.until)
        self.reason.textChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self._check()
        self.reason.setFocus()

    def end_day(self) -> str:
        """The last day as ISO date; empty: no end."""
        day = self.until.date()
        return dt.date(day.year(), day.month(), day.day()).isoformat() if self.ends.isChecked() else ""

    def _check(self) -> None:
        self.go_on.setEnabled(bool(self.reason.toPlainText().strip() and self.name.text().strip() and self.keys))


class TickDialog(QuestionDialog):
    """A person answers what no program can judge."""

    def __init__(self, title: str, person: str, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Tick “{check}” by hand").format(check=title.replace("`", "")),
            _("No program can judge this. Your answer stands in the report with your name and note."),
            _("Tick"),
            parent,
        )
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(80)
        self.name = QLineEdit(person)
        self.add_field(_("What you checked"), self.note)
        self.add_field(_("Your name"), self.name)
        self.note.textChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self._check()
        self.note.setFocus()

    def _check(self) -> None:
        self.go_on.setEnabled(bool(self.note.toPlainText().strip() and self.name.text().strip()))


class WrongFindingDialog(QuestionDialog):
    """Keeps why a finding is wrong and copies a minimal snippet for a report; nothing is sent."""

    copied = Signal()

    def __init__(self, result: CheckResult, note: Note | None, version: str, parent: QWidget | None = None) -> None:
        super().__init__(
            _("This is wrong"),
            _("Below is all that a report needs. It is copied, nothing is sent: read it and remove what is private."),
            _("Copy for a report"),
            parent,
        )
        self._head = (result, note, version)
        self.setMinimumWidth(600)
        self.why = QLineEdit()
        self.why.setPlaceholderText(_("What is so instead?"))
        self.snippet = QPlainTextEdit()
        self.snippet.setTabChangesFocus(True)
        self.snippet.setMinimumHeight(240)
        self.snippet.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.add_field(_("Why"), self.why)
        self.add_field(_("Report"), self.snippet)
        self.why.textChanged.connect(self._write)
        self.accepted.connect(self._copy)
        self._write()

    def _write(self) -> None:
        result, note, version = self._head
        self.snippet.setPlainText(wrong_snippet(result, note, version, self.why.text()))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.snippet.toPlainText())
        self.copied.emit()


def wrong_snippet(result: CheckResult, note: Note | None, version: str, why: str) -> str:
    """What somebody needs to see the mistake: check, version, message, a few lines; no path but the file's ending."""
    lines = [f"Repro GUI {version}", f"check: {result.check_id}", f"outcome: {result.outcome}"]
    if note is not None:
        ending = note.path.rsplit(".", 1)[-1] if "." in note.path else note.path
        lines += [f"template: {note.template.template or note.message}", f"file: *.{ending}, line {note.line}"]
        if note.code:
            lines += ["", "```", note.code.rstrip("\n"), "```"]
    if why.strip():
        lines += ["", f"why it is wrong: {why.strip()}"]
    return "\n".join(lines) + "\n"
