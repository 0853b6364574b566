"""The window: welcome or one open project, its messages, its activity, its dialogs.

Dialogs are imported when they are asked for: together they would double the time to the first window.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QDialog, QFileDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from repro_gui import __version__
from repro_gui.audit.report import CheckResult, Note, Question
from repro_gui.ui.activity import Activity
from repro_gui.ui.editor import open_in_editor
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.open_project.flow import Answers
from repro_gui.ui.open_project.welcome import WelcomeWidget
from repro_gui.ui.open_project.wizard import WizardWidget
from repro_gui.ui.preferences import Preferences, RecentProject
from repro_gui.ui.project_page import ProjectPageWidget
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.icons import application_icon
from repro_gui.ui.translate import _, counted
from repro_gui.ui.widgets.activity_bar import ActivityBarWidget
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.ui.window_actions import WindowActions, connect_actions
from repro_gui.ui.words import check_title
from repro_gui.ui.worker_client import WorkerClient
from repro_gui.worker.messages import ExampleMade, Fault, MakeExample, Refusal, Reply, WantedFix


class MainWindow(QMainWindow):
    """One window with at most one project; has a worker of its own, which starts while the window is still built."""

    def __init__(
        self,
        preferences: Preferences,
        open_window: Callable[[str], object] = lambda _path: None,
        change_look: Callable[[], object] = lambda: None,
        client: WorkerClient | None = None,
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowIcon(application_icon())
        self.setWindowTitle(_("Repro GUI"))
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.preferences = preferences
        self.session: ProjectSession | None = None
        self.wizard: WizardWidget | None = None
        self.client = client or WorkerClient()
        self.client.setParent(self)
        self.client.start()
        self._open_window = open_window
        self._change_look = change_look
        self.bar = MessageBarWidget()
        self.welcome = WelcomeWidget()
        self.page = ProjectPageWidget()
        self.pages = QStackedWidget()
        self.activity = ActivityBarWidget()
        self._lay_out()
        self.actions_of = WindowActions(self)
        self._connect()
        self._restore_places()
        self._show_welcome()

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    # ---- opening and closing ----

    def open_folder(self, path: str, *, with_wizard: bool = False) -> None:
        """Open a project in this window, in place of what is open."""
        root = str(Path(path).expanduser().absolute())
        self._end_session()
        self.bar.clear()
        session = ProjectSession(root, self.client, self)
        self.session = session
        session.changed.connect(self._on_changed)
        session.activity_changed.connect(self._on_activity)
        session.notice_raised.connect(self.bar.show_notice)
        session.notice_settled.connect(self.bar.settle)
        self.setWindowTitle(_("{name} – Repro GUI").format(name=session.name))
        self.page.show_overview()
        self.page.show_session(session)
        self.pages.setCurrentWidget(self.page)
        self.activity.setVisible(True)
        session.open(recognise_first=with_wizard)
        self.page.panel.tree.setFocus()
        if with_wizard:
            self.show_wizard()
        self._on_changed()

    def close_project(self) -> None:
        """Back to the welcome."""
        self._end_session()
        self.bar.clear()
        self._show_welcome()

    def choose_folder(self) -> None:
        """Ask for a folder; the wizard lies over it."""
        dialog = QFileDialog(self, _("Open a project"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        if self.session is not None:
            dialog.setDirectory(str(Path(self.session.root).parent))
        dialog.fileSelected.connect(lambda path: self.open_folder(path, with_wizard=True))
        dialog.open()

    def try_example(self) -> None:
        """Open a fresh copy of the bundled example."""
        request = self.client.send(lambda number: MakeExample(number=number))
        request.ended.connect(self._on_example)

    def show_wizard(self) -> None:
        """Lay the pages over the window."""
        if self.session is None:
            return
        self._drop_wizard()
        wizard = WizardWidget(self.session, self.pages)
        wizard.finished.connect(self._on_wizard_finished)
        wizard.other_folder_asked.connect(self.choose_folder)
        wizard.project_chosen.connect(self._open_inside)
        self.wizard = wizard
        wizard.show()
        wizard.raise_()
        wizard.next.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.actions_of.fit(self.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the work of this window; a fix that is being written is finished first, by the worker."""
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self._remember_places()
        self._end_session()
        self.client.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A dropped folder opens at once; of a dropped file the folder it lies in."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_folder(str(paths[0].parent if paths[0].is_file() else paths[0]))
            for other in paths[1:4]:
                self._open_window(str(other.parent if other.is_file() else other))

    # ---- what the person asks for ----

    def fix(self, wanted: tuple[WantedFix, ...]) -> None:
        """Preview fixes; empty: every safe one."""
        from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

        if self.session is not None:
            FixPreviewDialog(self.session, wanted, self.preferences, self).open()

    def open_place(self, path: str, line: int, column: int) -> None:
        """Open a place in the person's editor."""
        if self.session is None:
            return
        if not open_in_editor(self.preferences.editor, self.session.root, path, line, column):
            self.bar.show_notice(
                Notice(
                    _("{path} could not be opened in an editor.").format(path=path),
                    _("Name your editor's command in the settings."),
                    Level.WARNING,
                    "editor",
                    (NoticeAction(_("Settings…"), self.show_settings),),
                )
            )

    def show_settings(self) -> None:
        """Open the settings."""
        from repro_gui.ui.settings.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self.preferences, self.session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.appearance_changed.connect(self._change_look)
        dialog.open()

    def show_export(self) -> None:
        """Open the export."""
        from repro_gui.ui.export_report.export_dialog import ExportDialog

        if self.session is not None and self.session.report is not None:
            dialog = ExportDialog(self.session, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def show_probe(self) -> None:
        """Open the determinism probe."""
        from repro_gui.ui.probe.probe_dialog import ProbeDialog

        if self.session is not None:
            dialog = ProbeDialog(self.session, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.place_chosen.connect(self.open_place)
            dialog.open()

    def show_rebuild(self) -> None:
        """Open the rebuild of the environment."""
        from repro_gui.ui.rebuild.rebuild_dialog import RebuildDialog

        if self.session is not None:
            dialog = RebuildDialog(self.session, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.place_chosen.connect(self.open_place)
            dialog.open()

    def show_runs(self) -> None:
        """Open the recorded runs."""
        from repro_gui.ui.runs.runs_dialog import RunsDialog

        if self.session is not None:
            dialog = RunsDialog(self.session, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def show_history(self) -> None:
        """Open the journal."""
        from repro_gui.ui.history.history_dialog import HistoryDialog

        if self.session is not None:
            dialog = HistoryDialog(self.session, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def check_for_new_version(self) -> None:
        """Asked by the person only. There is no place yet that could be asked, and the sentence says so."""
        self.bar.show_notice(
            Notice(
                _("This is version {version}. No address is known yet where newer ones are published.").format(
                    version=__version__
                ),
                _("Nothing was asked on the network. Ask whoever gave you Repro GUI whether there is a newer one."),
                topic="version",
            )
        )

    def show_about(self) -> None:
        """Open the page with versions."""
        from repro_gui.ui.settings.about_dialog import AboutDialog

        AboutDialog(self).open()

    def open_log_folder(self) -> None:
        """Show the folder with the log."""
        folder = self.client.hello.log_folder if self.client.hello is not None else ""
        if folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
        else:
            self.bar.show_notice(Notice(_("The log folder is known once a project was opened."), topic="log"))

    def _fix_checks(self, checks: tuple[str, ...]) -> None:
        self.fix(tuple(WantedFix(check) for check in checks))

    def _fix_check(self, result: CheckResult, keys: tuple[str, ...] | None) -> None:
        self.fix((WantedFix(result.check_id, keys),))

    def _fix_current(self) -> None:
        if self.page.right.currentWidget() is self.page.check:
            self.page.check.fix.click()
        elif self.page.overview.next_step.fix.isVisible():
            self.page.overview.next_step.fix.click()

    def _waive(self, result: CheckResult, notes: tuple[Note, ...]) -> None:
        from repro_gui.ui.details.check_dialogs import WaiveDialog

        dialog = WaiveDialog(result, notes, self.preferences.person, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def keep() -> None:
            name = dialog.name.text().strip()
            self.preferences.person = name
            if self.session is not None:
                self.session.waive(dialog.keys, dialog.reason.toPlainText().strip(), name, dialog.end_day())

        dialog.accepted.connect(keep)
        dialog.open()

    def _unwaive(self, keys: tuple[str, ...]) -> None:
        if self.session is not None:
            self.session.take_back_waivers(keys)

    def _tick(self, result: CheckResult) -> None:
        self._tick_named(result.check_id, check_title(result))

    def _tick_named(self, check_id: str, title: str) -> None:
        from repro_gui.ui.details.check_dialogs import TickDialog

        dialog = TickDialog(title, self.preferences.person, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def keep() -> None:
            self.preferences.person = dialog.name.text().strip()
            if self.session is not None:
                self.session.tick(check_id, dialog.name.text().strip(), dialog.note.toPlainText().strip())

        dialog.accepted.connect(keep)
        dialog.open()

    def _say_wrong(self, result: CheckResult, note: Note | None) -> None:
        from repro_gui.ui.details.check_dialogs import WrongFindingDialog

        version = self.client.hello.version if self.client.hello is not None else ""
        dialog = WrongFindingDialog(result, note, version, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.copied.connect(
            lambda: self.bar.show_notice(
                Notice(_("Copied. Nothing was sent."), level=Level.DONE, topic="copied", fades=True)
            )
        )
        dialog.open()

    def _undo(self) -> None:
        if self.session is not None:
            self.session.undo()

    def _redo(self) -> None:
        if self.session is not None:
            self.session.redo()

    def _escape(self) -> None:
        if self.wizard is not None:
            self.wizard.finish()
        elif self.session is not None:
            self.session.cancel()

    def _audit(self) -> None:
        if self.session is not None:
            self.session.audit()

    # ---- what comes back ----

    def _on_changed(self) -> None:
        session = self.session
        self.actions_of.follow(session)
        if session is None:
            return
        self.page.show_session(session)
        if session.report is not None:
            self.activity.rest(
                _("{files} audited in {seconds} s · watching for edits").format(
                    files=counted("{count} file", "{count} files", session.report.file_count),
                    seconds=f"{session.seconds:.1f}",
                )
            )

    def _on_activity(self, activity: Activity | None) -> None:
        self.activity.show_activity(activity)
        self.actions_of.cancel.setEnabled(activity is not None and activity.can_cancel)

    def _on_wizard_finished(self, answers: Answers) -> None:
        self._drop_wizard()
        if self.session is None:
            return
        if answers.trusted is not None and answers.trusted != self.session.trusted:
            self.session.set_trust(trusted=answers.trusted)
        self.session.change_settings(answers.settings(self.session.settings))
        self.page.panel.search.setFocus()

    def _open_inside(self, project: str) -> None:
        if self.session is not None:
            self.open_folder(str(Path(self.session.root) / project), with_wizard=True)

    def _on_example(self, end: Reply) -> None:
        if isinstance(end, ExampleMade):
            self.open_folder(end.root)
        elif isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.try_example), topic="example"))

    # ---- inside ----

    def _end_session(self) -> None:
        self._drop_wizard()
        session, self.session = self.session, None
        if session is None:
            return
        if session.answers and not session.is_so_far:
            answers = {answered.question.value: answered.answer for answered in session.answers.values()}
            when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            self.preferences.remember_project(RecentProject(session.root, answers, when))
        session.changed.disconnect(self._on_changed)
        session.activity_changed.disconnect(self._on_activity)
        session.close()
        session.deleteLater()
        self.page.session = None
        self.activity.show_activity(None)

    def _drop_wizard(self) -> None:
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            self.pages.removeEventFilter(wizard)
            wizard.hide()
            wizard.deleteLater()

    def _show_welcome(self) -> None:
        self.setWindowTitle(_("Repro GUI"))
        self.welcome.show_recent(self.preferences.recent)
        self.pages.setCurrentWidget(self.welcome)
        self.activity.setVisible(False)
        self.actions_of.follow(None)
        self.welcome.open.setFocus()

    def _remember_places(self) -> None:
        self.preferences.remember_place("window", self.saveGeometry())
        self.preferences.remember_place("splitter", self.page.splitter.saveState())
        self.preferences.flush()

    def _restore_places(self) -> None:
        if not self.restoreGeometry(self.preferences.place("window")):
            self.resize(1280, 800)
        place = self.preferences.place("splitter")
        if not place.isEmpty():
            self.page.splitter.restoreState(place)

    def _connect(self) -> None:
        actions = self.actions_of
        connect_actions(
            {
                actions.open: self.choose_folder,
                actions.new_window: lambda: self._open_window(""),
                actions.example: self.try_example,
                actions.close_project: self.close_project,
                actions.quit: self.close,
                actions.audit: self._audit,
                actions.cancel: self._escape,
                actions.fix: self._fix_current,
                actions.fix_all: lambda: self.fix(()),
                actions.undo: self._undo,
                actions.redo: self._redo,
                actions.history: self.show_history,
                actions.wizard: self.show_wizard,
                actions.probe: self.show_probe,
                actions.rebuild: self.show_rebuild,
                actions.runs: self.show_runs,
                actions.export: self.show_export,
                actions.search: self.page.panel.search.setFocus,
                actions.overview: self.page.show_overview,
                actions.explain: self.page.check.explain,
                actions.settings: self.show_settings,
                actions.log_folder: self.open_log_folder,
                actions.new_version: self.check_for_new_version,
                actions.about: self.show_about,
            }
        )
        for action, question in zip(actions.questions, Question, strict=True):
            action.triggered.connect(functools.partial(self.page.show_question, question))
        copy = QShortcut(QKeySequence.StandardKey.Copy, self.page.panel.tree)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.page.panel.tree.copy)
        self.welcome.open_asked.connect(self.choose_folder)
        self.welcome.example_asked.connect(self.try_example)
        self.welcome.project_chosen.connect(self.open_folder)
        self.page.place_chosen.connect(self.open_place)
        self.page.overview.fix_asked.connect(self._fix_checks)
        self.page.check.fix_asked.connect(self._fix_check)
        self.page.check.waive_asked.connect(self._waive)
        self.page.check.unwaive_asked.connect(self._unwaive)
        self.page.check.tick_asked.connect(self._tick)
        self.page.overview.checklist.tick_asked.connect(self._tick_named)
        self.page.check.wrong_asked.connect(self._say_wrong)
        self.activity.cancelled.connect(self._escape)

    def _lay_out(self) -> None:
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)
        column.addWidget(self.activity)
        self.setCentralWidget(centre)
