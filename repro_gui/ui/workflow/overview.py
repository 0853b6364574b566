"""The whole project at a glance: the picture, the next step, what was not verified."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from repro_gui.audit.report import Answer, AuditReport
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button, tool_button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import ElidedLabel, RichLabel, label
from repro_gui.ui.words import answer_word, check_title, question_word
from repro_gui.ui.workflow.checklist_card import ChecklistCardWidget
from repro_gui.ui.workflow.next_step import NextStep, next_step
from repro_gui.ui.workflow.workflow_picture import WorkflowPictureWidget

_MOST_LINES = 5
_LARGE = 1.2


class NextStepWidget(QFrame):
    """The few changes that move an answer."""

    fix_asked = Signal(object)
    check_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Card")
        self.step: NextStep | None = None
        self.title = label(_("Next step"), "heading")
        self.words = RichLabel()
        self.lines = QVBoxLayout()
        self.lines.setSpacing(0)
        self.fix = button(_("Fix these…"), self._ask_fix, "primary", "fix")
        self._head = QHBoxLayout()
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconWidget("lightbulb", "accent", 24), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.words)
        words.addLayout(self.lines)
        head.addLayout(words, 1)
        self._head.setSpacing(12)
        self._head.addLayout(head, 1)
        self._head.addWidget(self.fix, 0, Qt.AlignmentFlag.AlignTop)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 16, 20, 16)
        inside.addLayout(self._head)
        appearance().changed.connect(self._on_appearance)
        self._on_appearance()

    def _on_appearance(self) -> None:
        # Large letters leave no room beside the words.
        is_large = appearance().scale > _LARGE
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if is_large else QBoxLayout.Direction.LeftToRight)
        side = Qt.AlignmentFlag.AlignLeft if is_large else Qt.AlignmentFlag.AlignTop
        self._head.setAlignment(self.fix, side)

    def show_session(self, session: ProjectSession) -> None:
        """Show what moves an answer now."""
        step = next_step(session.answers, session.results)
        self.step = step
        _clear(self.lines)
        self.fix.setVisible(step is not None and bool(step.can_fix))
        if step is None:
            self._say_nothing_to_do(session)
            return
        self.words.show_words(
            counted(
                "{count} open check stands between “{answer}” and “yes”: {question}",
                "{count} open checks stand between “{answer}” and “yes”: {question}",
                len(step.checks),
                answer=answer_word(step.answer).lower(),
                question=question_word(step.question),
            )
        )
        for check in step.checks[:_MOST_LINES]:
            words = check_title(session.results[check]).replace("`", "").replace("&", "&&")
            made = button(words, kind="link", icon_name="fix" if check in step.can_fix else "collapse")
            made.clicked.connect(lambda _checked=False, which=check: self.check_chosen.emit(which))
            self.lines.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def _say_nothing_to_do(self, session: ProjectSession) -> None:
        answers = [answered.answer for answered in session.answers.values()]
        if session.report is None:
            words = _("The audit is under way; answers appear as they come.")
        elif answers and all(answer is Answer.YES for answer in answers):
            words = _("All five answers are yes. Export the report, or look through the advice that is left.")
        else:
            words = _("No failed check stands behind the answers that are not yes: see why they cannot be told.")
        self.words.show_words(words)

    def _ask_fix(self) -> None:
        if self.step is not None:
            self.fix_asked.emit(self.step.can_fix)


class OverviewWidget(QScrollArea):
    """What the right side shows before something is chosen."""

    node_chosen = Signal(str)
    fix_asked = Signal(object)
    check_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.title = label(role="title", wraps=True)
        self.subtitle = ElidedLabel(role="muted")
        self.next_step = NextStepWidget()
        self.next_step.fix_asked.connect(self.fix_asked)
        self.next_step.check_chosen.connect(self.check_chosen)
        self.checklist = ChecklistCardWidget()
        self.checklist.check_chosen.connect(self.check_chosen)
        self.picture = WorkflowPictureWidget()
        self.picture.node_chosen.connect(self.node_chosen)
        self.limits = QFrame()
        self.limits.setObjectName("Card")
        self.limits_title = label(_("What was not verified"), "heading")
        self.limits_lines = QVBoxLayout()
        self.limits_lines.setSpacing(6)
        self._shown: AuditReport | None = None
        self._lay_out()
        for keys, run in (
            (QKeySequence.StandardKey.ZoomIn, self.zoom_in),
            (QKeySequence.StandardKey.ZoomOut, self.zoom_out),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    def show_session(self, session: ProjectSession) -> None:
        """Show what is known now."""
        self.title.setText(session.name)
        self.picture.show_session(session)
        self.next_step.show_session(session)
        self.checklist.show_judged(session.judged)
        report = session.report
        if report is None:
            self.subtitle.setText(session.root)
            self.limits.setVisible(False)
            return
        parts = [counted("{count} file", "{count} files", report.file_count)]
        if report.commit:
            parts.append(_("commit {short}").format(short=report.commit[:10]))
        parts.append(_("audited in {seconds} s").format(seconds=f"{session.seconds:.1f}"))
        self.subtitle.setText(" · ".join([*parts, session.root]))
        if report is not self._shown:
            self._shown = report
            self._show_limits(report)

    def zoom_in(self) -> None:
        """Draw the picture larger."""
        self.picture.set_zoom(self.picture.zoom * 1.2)

    def zoom_out(self) -> None:
        """Draw the picture smaller."""
        self.picture.set_zoom(self.picture.zoom / 1.2)

    def zoom_to_fit(self) -> None:
        """Let the picture take the width there is."""
        self.picture.set_zoom(0)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture.picture())

    def print_picture(self) -> None:
        """Ask for a printer, or a file, and print the picture."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        dialog = QPrintDialog(QPrinter(QPrinter.PrinterMode.HighResolution), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(_("Print the picture"))
        dialog.accepted.connect(lambda: self.picture.print_on(dialog.printer()))
        # Its own open() wants somebody to tell; the signal does.
        QDialog.open(dialog)

    def _show_limits(self, report: AuditReport) -> None:
        _clear(self.limits_lines)
        lines = [shown(words) for words in report.not_verified]
        if report.left_out:
            lines.append(
                counted(
                    "{count} path was not read; the report lists it with its reason.",
                    "{count} paths were not read; the report lists each with its reason.",
                    len(report.left_out),
                )
            )
        self.limits.setVisible(bool(lines))
        for words in lines:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(IconWidget("unknown", "unknown", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(RichLabel(words), 1)
            holder = QWidget()
            row.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(row)
            self.limits_lines.addWidget(holder)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(4)
        tools.addWidget(label(_("Workflow"), "heading"))
        tools.addStretch(1)
        tools.addWidget(tool_button(_("Smaller (Ctrl+-)"), "zoom-out", self.zoom_out))
        tools.addWidget(tool_button(_("Fit the width"), "zoom-fit", self.zoom_to_fit))
        tools.addWidget(tool_button(_("Larger (Ctrl++)"), "zoom-in", self.zoom_in))
        tools.addWidget(tool_button(_("Copy as picture"), "copy", self.copy_picture))
        tools.addWidget(tool_button(_("Print the picture…"), "print", self.print_picture))
        picture_card = QFrame()
        picture_card.setObjectName("Card")
        inside = QVBoxLayout(picture_card)
        inside.setContentsMargins(20, 12, 20, 20)
        inside.setSpacing(12)
        inside.addLayout(tools)
        inside.addWidget(self.picture)
        below = QVBoxLayout(self.limits)
        below.setContentsMargins(20, 16, 20, 16)
        below.setSpacing(8)
        below.addWidget(self.limits_title)
        below.addLayout(self.limits_lines)
        content = QWidget()
        content.setObjectName("ScrollContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 16, 16, 16)
        column.setSpacing(12)
        head = QVBoxLayout()
        head.setContentsMargins(4, 0, 0, 4)
        head.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self.subtitle)
        column.addLayout(head)
        column.addWidget(self.next_step)
        column.addWidget(picture_card)
        column.addWidget(self.checklist)
        column.addWidget(self.limits)
        column.addStretch(1)
        self.setWidget(content)


def _clear(lines: QVBoxLayout) -> None:
    while (item := lines.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
