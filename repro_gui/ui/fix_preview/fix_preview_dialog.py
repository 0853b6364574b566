"""What a fix would do: files as a difference, commands, answers before and after; then apply, all or a part."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from repro_gui.text import Text
from repro_gui.ui.fix_preview.answer_changes import AnswerChangesWidget
from repro_gui.ui.fix_preview.changes_tree import ChangesTree, TickedList
from repro_gui.ui.fix_preview.diff_view import DiffViewWidget
from repro_gui.ui.fix_preview.plan_notes import CommandWidget, ReasonsWidget
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.preferences import Preferences
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.result_file import take_result
from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import ElidedLabel, RichLabel, label
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.ui.worker_client import WorkerRequest
from repro_gui.worker.messages import Applied, CancelledEnd, Fault, Planned, Preview, Refusal, Reply, Step, WantedFix


class FixPreviewDialog(QDialog):
    """Plans when it opens; nothing is written before *Apply*."""

    def __init__(
        self,
        session: ProjectSession,
        wanted: tuple[WantedFix, ...],
        preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Preview of the fix"))
        self.setObjectName("Page")
        self.resize(1080, 720)
        self._session = session
        self._wanted = wanted
        self._preferences = preferences
        self._planning: WorkerRequest | None = None
        self.preview: Preview | None = None
        self.bar = MessageBarWidget()
        self.title = label(_("Preview of the fix"), "title", wraps=True)
        self.effect = RichLabel(role="muted")
        self.changes = AnswerChangesWidget()
        self.others = QVBoxLayout()
        self.others.setSpacing(8)
        self.waiting = RichLabel(_("Planning the fix; nothing is written yet."))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress"))
        self.files = ChangesTree()
        self.commands = TickedList(_("Commands that will run"))
        self.commands_model = QStandardItemModel(self)
        self.commands_title = label(_("Commands that will run"), "small")
        self.files_title = label(_("Files that change"), "small")
        self.file_name = ElidedLabel(role="strong", mode=Qt.TextElideMode.ElideMiddle)
        self.reason = RichLabel(role="small")
        self.diff = DiffViewWidget()
        self.part = label(
            _(
                "Only what is ticked is written; what you leave stays a finding, and the audit tells the answers after it."
            ),
            "small",
            wraps=True,
        )
        self.unified_button = self._mode_button(_("Unified"), "unified")
        self.side_button = self._mode_button(_("Side by side"), "split")
        self.refused = RichLabel(role="small")
        self.all_refused = button(_("All reasons"), self._show_reasons, "link")
        self.reading = QStackedWidget()
        self.command = CommandWidget()
        self.reasons = ReasonsWidget()
        self.network = QCheckBox(_("May ask package indexes on the network"))
        self.network.setToolTip(_("Some plans need to know versions that only an index can tell. Only names are sent."))
        self.network.toggled.connect(self.plan)
        self.cancel = button(_("Cancel"), self.reject)
        self.apply_button = button(_("Apply"), self._apply, "primary", "done")
        self.apply_button.setDefault(True)
        self.body = QStackedWidget()
        self._lay_out()
        self.plan()

    def plan(self) -> None:
        """Plan (again); an earlier plan is forgotten."""
        if self._planning is not None:
            self._planning.drop()
        self.preview = None
        self._forget_other_reasons()
        self.apply_button.setEnabled(False)
        self.waiting.show_words(_("Planning the fix; nothing is written yet."))
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        self.progress.setVisible(True)
        self.body.setCurrentIndex(0)
        self._planning = self._session.plan_fixes(self._wanted, network=self.network.isChecked())
        self._planning.stepped.connect(self._on_step)
        self._planning.ended.connect(self._on_planned)

    def done(self, result: int) -> None:
        """Forget the plan that is still made."""
        if self._planning is not None:
            self._planning.drop()
            self._planning = None
        super().done(result)

    # ---- planning ----

    def _on_step(self, step: Step) -> None:
        words = shown(step.what)
        if step.done and not step.total:
            words = _("{what}: {count}").format(what=words, count=f"{step.done:,}")
        self.waiting.show_words(words)
        if step.total:
            self.progress.setRange(0, step.total)
            self.progress.setValue(step.done)

    def _on_planned(self, end: Reply) -> None:
        self._planning = None
        self.progress.setVisible(False)
        if isinstance(end, Planned):
            try:
                self._show_preview(take_result(end.preview, Preview))
            except (OSError, msgspec.DecodeError) as error:
                self._say(
                    Notice(_("The preview could not be read ({reason}).").format(reason=error), level=Level.ERROR)
                )
        elif isinstance(end, Refusal | Fault):
            self.waiting.show_words(_("There is no plan."))
            self._say(notice_of(end, self._way_on(end), topic="plan"))
            if isinstance(end, Refusal) and end.also:
                self._show_other_reasons(end.also)
        elif isinstance(end, CancelledEnd):
            self.waiting.show_words(_("Planning was stopped."))

    def _way_on(self, end: Refusal | Fault) -> NoticeAction:
        if isinstance(end, Refusal) and end.kind == "NeedsNetwork" and not self.network.isChecked():
            return NoticeAction(_("Allow and plan"), lambda: self.network.setChecked(True))
        return NoticeAction(_("Plan again"), self.plan)

    def _show_other_reasons(self, also: tuple[Text, ...]) -> None:
        self.waiting.show_words(_("There is no plan. What else stands in the way:"))
        for reason in also:
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            row.addWidget(IconWidget("unknown", "unknown", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(RichLabel(shown(reason)), 1)
            self.others.addWidget(holder)

    def _forget_other_reasons(self) -> None:
        while (item := self.others.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _show_preview(self, preview: Preview) -> None:
        self.preview = preview
        self.bar.clear()
        self.title.setText(shown(preview.title).replace("`", ""))
        sentences = [shown(preview.effect)] if preview.effect is not None else []
        if not sentences and preview.safe:
            sentences.append(_("Results do not change by this."))
        self.effect.show_words(" ".join([*sentences, *(shown(note) for note in preview.notes)]))
        self.effect.setVisible(bool(self.effect.text()))
        self.changes.show_changes(preview.answers_before, preview.answers_after)
        self._fill_files(preview)
        self._fill_commands(preview)
        self._show_refused(preview)
        if not preview.files and not preview.commands:
            self.waiting.show_words(_("There is nothing to change here."))
            self.body.setCurrentIndex(0)
            return
        self.body.setCurrentIndex(1)
        self._check()
        (self.apply_button if self.apply_button.isEnabled() else self.files).setFocus()

    def _fill_files(self, preview: Preview) -> None:
        for part in (self.files_title, self.files):
            part.setVisible(bool(preview.files))
        for made in (self.unified_button, self.side_button):
            made.setVisible(bool(preview.files))
        self.files.show_files(preview.files)

    def _fill_commands(self, preview: Preview) -> None:
        self.commands_model.clear()
        for command in preview.commands:
            item = QStandardItem(icon("command", "muted"), command.shown)
            item.setCheckable(True)
            item.setCheckState(Qt.CheckState.Checked)
            item.setEditable(False)
            undo = _("can be undone") if command.can_be_undone else _("cannot be undone")
            touches = ", ".join(command.touches)
            item.setToolTip(f"{command.shown}\n{undo}\n{touches}".strip())
            item.setAccessibleText(f"{command.shown}, {undo}")
            self.commands_model.appendRow(item)
        for part in (self.commands, self.commands_title):
            part.setVisible(bool(preview.commands))
        self.commands.setMaximumHeight(140 if preview.files else 16_777_215)
        if preview.commands and not preview.files:
            self.commands.setCurrentIndex(self.commands_model.index(0, 0))

    def _show_refused(self, preview: Preview) -> None:
        self.refused.setVisible(bool(preview.refused))
        self.all_refused.setVisible(len(preview.refused) > 1)
        if preview.refused:
            first = preview.refused[0]
            count = counted(
                "{count} finding is not mended by this:",
                "{count} findings are not mended by this:",
                len(preview.refused),
            )
            self.refused.show_words(f"{count} {shown(first.what)} {shown(first.mend)}")
            self.reasons.show_reasons(preview.refused)

    # ---- choosing and applying ----

    def _chosen(self, model: QStandardItemModel) -> list[int]:
        return [row for row in range(model.rowCount()) if model.item(row).checkState() is Qt.CheckState.Checked]

    def _check(self) -> None:
        if self.preview is None:
            return
        files, commands = self.files.chosen_files(), self._chosen(self.commands_model)
        self.part.setVisible(not self.files.is_all_chosen)
        needs_trust = any(self.preview.commands[row].needs_trust for row in commands)
        if needs_trust and not self._session.trusted:
            named = ", ".join(
                self.preview.commands[row].shown for row in commands if self.preview.commands[row].needs_trust
            )
            self._say(
                Notice(
                    _("This runs hooks or filters of the project: {commands}.").format(commands=named),
                    _("Allow it only if you trust this folder."),
                    Level.WARNING,
                    "trust",
                    (NoticeAction(_("Allow for this folder"), self._allow),),
                )
            )
        else:
            self.bar.settle("trust")
        self.apply_button.setEnabled(bool(files or commands) and (self._session.trusted or not needs_trust))

    def _allow(self) -> None:
        self._session.set_trust(trusted=True).ended.connect(lambda _end: self._check())

    def _apply(self) -> None:
        if self.preview is None:
            return
        files, commands = self.files.chosen_files(), self._chosen(self.commands_model)
        paths = tuple(self.preview.files[row].path for row in files)
        all_files, all_commands = len(files) == len(self.preview.files), len(commands) == len(self.preview.commands)
        self.apply_button.setEnabled(False)
        self.cancel.setEnabled(False)
        request = self._session.apply(
            self.preview.plan,
            None if all_files else paths,
            None if all_commands else tuple(commands),
            self.files.chosen_hunks(),
        )
        request.ended.connect(self._on_applied)

    def _on_applied(self, end: Reply) -> None:
        self.cancel.setEnabled(True)
        if isinstance(end, Applied):
            self.accept()
        elif isinstance(end, Refusal | Fault):
            self._say(notice_of(end, NoticeAction(_("Plan again"), self.plan), topic="plan"))

    def _show_file(self, row: int, run: int) -> None:
        if self.preview is None or not 0 <= row < len(self.preview.files):
            return
        planned = self.preview.files[row]
        self.reading.setCurrentIndex(0)
        self.file_name.setText(planned.path)
        self.reason.show_words(shown(planned.reason))
        self.reason.setVisible(planned.reason is not None)
        self.diff.show_diff(planned.diff, self.files.left(row))
        if run >= 0:
            self.diff.show_run(run)

    def _show_command(self, current: QModelIndex) -> None:
        if self.preview is None or not 0 <= current.row() < len(self.preview.commands):
            return
        self.command.show_command(self.preview.commands[current.row()])
        self.file_name.setText(_("Command {number}").format(number=current.row() + 1))
        self.reason.setVisible(False)
        self.reading.setCurrentIndex(1)

    def _show_reasons(self) -> None:
        self.file_name.setText(_("What is not mended by this"))
        self.reason.setVisible(False)
        self.reading.setCurrentIndex(2)

    def _on_ticked(self) -> None:
        row = self.files.current_file
        if self.preview is not None and 0 <= row < len(self.preview.files):
            self.diff.show_diff(self.preview.files[row].diff, self.files.left(row))
        self._check()

    def _say(self, notice: Notice) -> None:
        self.bar.show_notice(notice)

    def _mode_button(self, words: str, icon_name: str) -> QToolButton:
        made = QToolButton()
        made.setText(words)
        made.setIcon(icon(icon_name))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def _on_mode(self) -> None:
        on = self.side_button.isChecked()
        self.diff.show_side_by_side(on)
        self._preferences.side_by_side = on

    def _lay_out(self) -> None:
        self.commands.setModel(self.commands_model)
        self.commands_model.itemChanged.connect(lambda _item: self._check())
        self.commands.selectionModel().currentChanged.connect(self._show_command)
        self.commands.entered.connect(lambda: self._show_command(self.commands.currentIndex()))
        self.files.chosen.connect(self._on_ticked)
        self.files.looked_at.connect(self._show_file)
        modes = QButtonGroup(self)
        modes.addButton(self.unified_button)
        modes.addButton(self.side_button)
        (self.side_button if self._preferences.side_by_side else self.unified_button).setChecked(True)
        modes.buttonToggled.connect(self._on_mode)
        self.diff.show_side_by_side(self._preferences.side_by_side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._head())
        self.body.addWidget(self._waiting_page())
        self.body.addWidget(self._preview_page())
        column.addWidget(self.body, 1)
        column.addWidget(self._foot())

    def _head(self) -> QWidget:
        head = QFrame()
        head.setObjectName("PanelTop")
        inside = QVBoxLayout(head)
        inside.setContentsMargins(24, 16, 24, 16)
        inside.setSpacing(6)
        inside.addWidget(self.title)
        inside.addWidget(self.effect)
        inside.addWidget(self.changes)
        return head

    def _waiting_page(self) -> QWidget:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(24, 24, 24, 24)
        inside.setSpacing(12)
        inside.addWidget(self.waiting)
        inside.addLayout(self.others)
        inside.addWidget(self.progress)
        inside.addStretch(1)
        return page

    def _preview_page(self) -> QWidget:
        left = QFrame()
        left.setObjectName("Panel")
        choose = QVBoxLayout(left)
        choose.setContentsMargins(12, 12, 4, 12)
        choose.setSpacing(4)
        choose.addWidget(self.files_title)
        choose.addWidget(self.files, 1)
        choose.addWidget(self.commands_title)
        choose.addWidget(self.commands)
        choose.addStretch(0)
        right = QFrame()
        right.setObjectName("Panel")
        read = QVBoxLayout(right)
        read.setContentsMargins(12, 8, 12, 12)
        read.setSpacing(6)
        tools = QHBoxLayout()
        tools.setSpacing(4)
        tools.addWidget(self.file_name, 1)
        tools.addWidget(self.unified_button)
        tools.addWidget(self.side_button)
        read.addLayout(tools)
        read.addWidget(self.reason)
        frame = QFrame()
        frame.setObjectName("CodeFrame")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 6, 1, 6)
        inside.addWidget(self.diff)
        for page in (frame, self.command, self.reasons):
            self.reading.addWidget(page)
        read.addWidget(self.reading, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([320, 760])
        splitter.setStretchFactor(1, 1)
        return splitter

    def _foot(self) -> QWidget:
        foot = QFrame()
        foot.setObjectName("PanelBottom")
        inside = QVBoxLayout(foot)
        inside.setContentsMargins(24, 12, 24, 16)
        inside.setSpacing(8)
        why = QHBoxLayout()
        why.setSpacing(12)
        why.addWidget(self.refused, 1)
        why.addWidget(self.all_refused, 0, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(why)
        inside.addWidget(self.part)
        for one in (self.refused, self.all_refused, self.part):
            one.setVisible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.network)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.apply_button)
        inside.addLayout(row)
        return foot
