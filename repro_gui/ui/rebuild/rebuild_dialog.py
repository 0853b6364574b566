"""Rebuild the environment: which Python, progress, what came of it import by import, what the installer said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)

from repro_gui.facts.rebuild import Rebuild, RebuildState
from repro_gui.ui.history.history_dialog import local_time
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.probe.facts_table import FactsTable
from repro_gui.ui.result_file import take_result
from repro_gui.ui.runner_session import RunnerSession
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.ask_for_program import ask_for_program
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.dialog_page import lay_out_page, named_row
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.ui.widgets.run_card import RunCardWidget
from repro_gui.worker.messages import (
    CancelledEnd,
    Fault,
    ReadRebuild,
    RebuildEnvironment,
    RebuildSaid,
    Rebuilt,
    Refusal,
    Reply,
)

if TYPE_CHECKING:
    from repro_gui.ui.project_session import ProjectSession

_TOPIC = "rebuild"
_OTHER = "\0other"
_MOST_LINES = 5_000


class RebuildDialog(QDialog):
    """The environment of one project, made anew in a temporary folder."""

    place_chosen = Signal(str, int, int)

    def __init__(
        self, session: ProjectSession, parent: QWidget | None = None, command: list[str] | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Rebuild the environment"))
        self.setObjectName("Page")
        self.setMinimumSize(760, 520)
        self.resize(940, 640)
        self._session = session
        self.rebuild = Rebuild()
        self.run = RunnerSession(command, self)
        self.bar = MessageBarWidget()
        self.python = QComboBox()
        self.python.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.python.setMinimumContentsLength(32)
        self.python.setAccessibleName(_("Python"))
        self.python.activated.connect(self._on_python)
        start = button(_("Rebuild"), self.start, "primary", "environment")
        self.card = RunCardWidget(named_row(_("Python"), self.python), start, self.run.cancel)
        self.imports = FactsTable(_("Imports"))
        self.imports.activated.connect(self._on_row)
        self.said = QPlainTextEdit()
        self.said.setReadOnly(True)
        self.said.setMaximumBlockCount(_MOST_LINES)
        self.said.setTabChangesFocus(True)
        self.said.setAccessibleName(_("What the installer says"))
        self.said.setPlaceholderText(_("What the installer says stands here while it runs."))
        self.tabs = QTabWidget()
        self.tabs.addTab(self.imports, _("Imports"))
        self.tabs.addTab(self.said, _("Installation"))
        self.close_button = button(_("Close"), self.reject)
        self._lay_out()
        self.run.stepped.connect(self.card.show_step)
        self.run.part_arrived.connect(self._on_part)
        self.run.ended.connect(self._on_ended)
        session.changed.connect(self._show_pythons)
        if session.interpreters is None:
            session.find_interpreters()
        self._show_pythons()
        self.read_kept()

    # ---- what the person asks for ----

    def start(self) -> None:
        """Rebuild; asks for trust first where the folder does not have it."""
        if self.run.is_running:
            return
        if not self._session.trusted:
            self._ask_for_trust()
            return
        for topic in (_TOPIC, "trust"):
            self.bar.settle(topic)
        self.said.clear()
        self.tabs.setCurrentWidget(self.said)
        root, python = self._session.root, str(self.python.currentData() or "")
        self.run.start(lambda number: RebuildEnvironment(number=number, root=root, python=python))
        self.card.begin(_("Reading the project"))

    def read_kept(self) -> None:
        """Show the last rebuild of this project."""
        root = self._session.root
        request = self._session.client.send(lambda number: ReadRebuild(number=number, root=root))
        # The window may go before the answer comes: a connection to one of its methods goes with it.
        request.ended.connect(self._on_kept)

    def choose_python(self, path: str) -> None:
        """Choose a program that need not be among those found."""
        if self.python.findData(path) < 0:
            self.python.insertItem(self.python.findData(_OTHER), path, path)
        self.python.setCurrentIndex(self.python.findData(path))

    def done(self, result: int) -> None:
        """A rebuild under way ends with the dialog."""
        self.run.close()
        super().done(result)

    # ---- what comes back ----

    def _on_part(self, part: Reply) -> None:
        if isinstance(part, RebuildSaid):
            self.said.appendPlainText(part.line)

    def _on_ended(self, end: Reply) -> None:
        self.card.end()
        if isinstance(end, Rebuilt):
            self._take(end)
            self.tabs.setCurrentWidget(self.said if self.rebuild.state is RebuildState.NOT_INSTALLED else self.imports)
            self._session.audit()
            return
        if isinstance(end, CancelledEnd):
            self.bar.show_notice(
                Notice(_("The rebuild was stopped; its folder is removed."), _("The last one is shown."), topic=_TOPIC)
            )
        elif isinstance(end, Refusal) and end.kind == "NeedsTrust":
            self._ask_for_trust()
        elif isinstance(end, Refusal) and end.kind == "NoSuchPython":
            other = NoticeAction(_("Other Python…"), self._ask_for_python)
            self.bar.show_notice(Notice(shown(end.what), shown(end.mend), Level.WARNING, _TOPIC, (other,)))
        elif isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.start), topic=_TOPIC))
        self.read_kept()

    def _on_kept(self, end: Reply) -> None:
        if isinstance(end, Rebuilt):
            # One that was begun meanwhile is newer than what was kept.
            if not self.run.is_running:
                self._take(end)
        elif isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, topic=_TOPIC))

    def _take(self, end: Rebuilt) -> None:
        try:
            self.rebuild = take_result(end.rebuild, Rebuild)
        except (OSError, msgspec.DecodeError) as error:
            self.bar.show_notice(
                Notice(
                    _("The result of the rebuild could not be read ({reason}).").format(reason=error),
                    _("Rebuild again; make sure that the disk with temporary files is not full."),
                    Level.ERROR,
                    _TOPIC,
                )
            )
            return
        self.card.summary.show_words(summary_of(self.rebuild))
        rows = [
            (one.module, f"{one.path}:{one.line}" if one.path else "", one.error or _("works"), f"{one.seconds:.2f} s")
            for one in self.rebuild.imports
        ]
        icons = [("warning", "no") if one.error else ("done", "yes") for one in self.rebuild.imports]
        self.imports.facts.show_rows((_("Import"), _("Where"), _("Result"), _("Time")), rows, icons)
        for column, width in enumerate((200, 200, 330)):
            self.imports.setColumnWidth(column, width)

    def _on_row(self, index: QModelIndex) -> None:
        tried = self.rebuild.imports[index.row()]
        if tried.path:
            self.place_chosen.emit(tried.path, tried.line, 1)

    # ---- trust and Pythons ----

    def _ask_for_trust(self) -> None:
        self.bar.show_notice(
            Notice(
                _(
                    "A rebuild runs installers and imports of the packages that this folder names, and you have not trusted it yet."
                ),
                _("Everything happens in a temporary folder; the project itself is not written to."),
                Level.NOTICE,
                "trust",
                (NoticeAction(_("Trust this folder and rebuild"), self._trust_and_start),),
            )
        )

    def _trust_and_start(self) -> None:
        request = self._session.set_trust(trusted=True)
        request.ended.connect(lambda _end: self.start() if self._session.trusted else None)

    def _show_pythons(self) -> None:
        wanted = str(self.python.currentData() or "")
        self.python.clear()
        self.python.addItem(_("The one that the project names"), "")
        for choice in self._session.interpreters or ():
            if choice.broken is None:
                version = f"Python {choice.python}" if choice.python else choice.kind
                self.python.addItem(f"{version} · {choice.path}", choice.path)
        if wanted and self.python.findData(wanted) < 0:
            self.python.addItem(wanted, wanted)
        self.python.addItem(_("Other…"), _OTHER)
        self.python.setCurrentIndex(max(self.python.findData(wanted), 0))

    def _on_python(self) -> None:
        if self.python.currentData() == _OTHER:
            self.python.setCurrentIndex(0)
            self._ask_for_python()

    def _ask_for_python(self) -> None:
        ask_for_program(self, _("Choose a Python"), self.choose_python)

    # ---- inside ----

    def _lay_out(self) -> None:
        sentence = _(
            "Makes a clean environment in a temporary folder from the lock, else from the list, and tries every import of the "
            "project in it: what fails here fails for everybody who follows your files."
        )
        words = (_("Rebuild the environment"), sentence)
        lay_out_page(self, self.bar, words, (self.card, self.tabs), ((), self.close_button))


def summary_of(rebuild: Rebuild) -> str:
    """When, from what, with which Python, how it ended, how long it took."""
    if rebuild.state is RebuildState.NONE:
        return _("Nobody has rebuilt the environment of this project here.")
    first = rebuild.sources[0] if rebuild.sources else None
    parts = [local_time(rebuild.when)]
    if first is not None:
        parts.append(_("from {path} (sha256 {digest}…)").format(path=f"`{first.path}`", digest=first.sha256[:12]))
    if rebuild.python:
        parts.append(f"Python {rebuild.python}")
    if rebuild.wanted_python and not rebuild.python.startswith(rebuild.wanted_python):
        parts.append(_("the project names {version}").format(version=rebuild.wanted_python))
    if rebuild.changed:
        parts.append(_("{path} changed since: rebuild again").format(path=f"`{rebuild.changed[0]}`"))
    elif rebuild.state is RebuildState.NOT_INSTALLED:
        parts.append(_("not installed: {reason}").format(reason=shown(rebuild.why_not)))
    else:
        parts.append(counted("{count} package installed", "{count} packages installed", rebuild.packages))
        failed = len(rebuild.failed_imports)
        parts.append(
            _("{failed} of {count} imports fail").format(failed=failed, count=len(rebuild.imports))
            if failed
            else counted("{count} import works", "all {count} imports work", len(rebuild.imports))
        )
        parts.append(_("{seconds} s").format(seconds=f"{rebuild.install_seconds + rebuild.import_seconds:.1f}"))
    return " ".join([f"{' · '.join(parts)}.", *(shown(reason) for reason in rebuild.left_out)])
