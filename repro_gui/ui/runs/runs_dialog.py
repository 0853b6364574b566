"""Recorded runs with what each lacks, from the project's folder or from a server that the person names; two of them compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from repro_gui.facts.runs import RunComparison, RunTable
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.probe.facts_table import FactsTable
from repro_gui.ui.result_file import take_result
from repro_gui.ui.runs.run_words import (
    comparison_head,
    comparison_rows,
    comparison_summary,
    run_cells,
    run_head,
    run_icon,
)
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.dialog_page import lay_out_page, named_row
from repro_gui.ui.widgets.labels import RichLabel, label
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.worker.messages import CompareRuns, Fault, ReadRuns, Refusal, Reply, RunsCompared, RunsRead

if TYPE_CHECKING:
    from repro_gui.ui.project_session import ProjectSession
    from repro_gui.ui.worker_client import WorkerRequest

_TOPIC = "runs"
_TWO = 2
Told = TypeVar("Told", RunTable, RunComparison)


class RunsDialog(QDialog):
    """The recorded runs of one project."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Recorded runs"))
        self.setObjectName("Page")
        self.setMinimumSize(760, 520)
        self.resize(1040, 700)
        self._session = session
        self._reading: WorkerRequest | None = None
        self._comparing: WorkerRequest | None = None
        self.runs = RunTable()
        self.comparison: RunComparison | None = None
        self.bar = MessageBarWidget()
        self.server = QLineEdit()
        self.server.setPlaceholderText(_("The project's folder, or the address of an MLflow server"))
        self.server.setClearButtonEnabled(True)
        self.server.setAccessibleName(_("MLflow server"))
        self.server.returnPressed.connect(self.read)
        self.read_button = button(_("Read the runs"), self.read, icon_name="audit")
        self.table = FactsTable(_("Recorded runs"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(self._check)
        self.table.activated.connect(self.compare)
        self.empty = label(
            _(
                "No runs are recorded here that could be read. MLflow and Weights & Biases keep theirs in mlruns and wandb."
            ),
            "muted",
            wraps=True,
        )
        self.notes = RichLabel(role="small")
        self.compare_button = button(_("Compare the two"), self.compare, "primary")
        self.choice = label(_("Choose two runs to compare them."), "muted")
        self.summary = RichLabel(role="muted")
        self.with_equal = QCheckBox(_("Show what is &equal, too"))
        self.with_equal.toggled.connect(self._show_comparison)
        self.compared = FactsTable(_("Comparison"))
        self.close_button = button(_("Close"), self.reject)
        self._lay_out()
        self._show_runs()
        self.read()

    # ---- what the person asks for ----

    def read(self) -> None:
        """Read the runs of the folder, or of the server whose address is written there."""
        if self._reading is not None:
            self._reading.drop()
        self.bar.settle(_TOPIC)
        root, server = self._session.root, self.server.text().strip()
        self.read_button.setEnabled(False)
        self._reading = self._session.client.send(lambda number: ReadRuns(number=number, root=root, server=server))
        # The window may go before the answer comes: a connection to one of its methods goes with it.
        self._reading.ended.connect(self._on_read)

    def compare(self) -> None:
        """Put the two chosen runs side by side."""
        chosen = self._chosen()
        if len(chosen) != _TWO:
            return
        if self._comparing is not None:
            self._comparing.drop()
        root = self._session.root
        left, right = (self.runs.rows[row].run_id for row in chosen)
        self._comparing = self._session.client.send(
            lambda number: CompareRuns(number=number, root=root, left=left, right=right)
        )
        self._comparing.ended.connect(self._on_compared)

    def done(self, result: int) -> None:
        """What is being asked ends with the dialog."""
        for request in (self._reading, self._comparing):
            if request is not None:
                request.drop()
        super().done(result)

    # ---- what comes back ----

    def _on_read(self, end: Reply) -> None:
        self._reading = None
        self.read_button.setEnabled(True)
        if isinstance(end, RunsRead):
            told = self._decoded(end.table, RunTable)
            if told is not None:
                self.runs = told
                self.comparison = None
                self._show_runs()
        elif isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.read), topic=_TOPIC))

    def _on_compared(self, end: Reply) -> None:
        self._comparing = None
        if isinstance(end, RunsCompared):
            self.comparison = self._decoded(end.comparison, RunComparison)
            self._show_comparison()
            if self.comparison is not None:
                self.compared.setFocus()
        elif isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, topic=_TOPIC))

    def _decoded(self, path: str, kind: type[Told]) -> Told | None:
        try:
            return take_result(path, kind)
        except (OSError, msgspec.DecodeError) as error:
            self.bar.show_notice(
                Notice(
                    _("What the worker read is not there any more ({reason}).").format(reason=error),
                    _("Read the runs again; make sure that the disk with temporary files is not full."),
                    Level.ERROR,
                    _TOPIC,
                )
            )
            return None

    # ---- inside ----

    def _show_runs(self) -> None:
        rows = self.runs.rows
        self.table.facts.show_rows(run_head(), [run_cells(row) for row in rows], [run_icon(row) for row in rows])
        for column, width in enumerate((170, 140, 170, 100, 90, 80)):
            self.table.setColumnWidth(column, width)
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows and self._reading is None)
        self.notes.show_words(" ".join(shown(note) for note in self.runs.notes))
        self._show_comparison()
        self._check()

    def _show_comparison(self, *_given: Any) -> None:
        told = self.comparison
        is_new = told is not None and self._below.isHidden()
        self._below.setVisible(told is not None)
        if told is None:
            return
        if is_new:
            # Half for each; from then on as the person draws it.
            self.split.setSizes([1000, 1000])
        rows = comparison_rows(told, with_equal=self.with_equal.isChecked())
        self.summary.show_words(comparison_summary(told))
        self.compared.facts.show_rows(
            comparison_head(told), [cells for cells, _mark in rows], [mark for _cells, mark in rows]
        )
        self.compared.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate((130, 240, 280)):
            self.compared.setColumnWidth(column, width)

    def _chosen(self) -> list[int]:
        return sorted({index.row() for index in self.table.selectedIndexes()})

    def _check(self, *_given: Any) -> None:
        chosen = len(self._chosen())
        self.compare_button.setEnabled(chosen == _TWO)
        self.choice.setVisible(bool(self.runs.rows) and chosen != _TWO)
        self.choice.setText(self._words_for(chosen))

    def _words_for(self, chosen: int) -> str:
        if chosen > _TWO:
            return counted(
                "{count} run is chosen; two can be compared.", "{count} runs are chosen; two can be compared.", chosen
            )
        return _("Choose one more run to compare them.") if chosen else _("Choose two runs to compare them.")

    def _lay_out(self) -> None:
        head = named_row(_("Read from"), self.server, self.read_button)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.compare_button)
        row.addWidget(self.choice, 1)
        row.addStretch(0)
        above = QWidget()
        upper = QVBoxLayout(above)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(10)
        upper.addWidget(self.empty)
        upper.addWidget(self.table, 1)
        upper.addWidget(self.notes)
        upper.addLayout(row)
        self._below = QWidget()
        lower = QVBoxLayout(self._below)
        lower.setContentsMargins(0, 8, 0, 0)
        lower.setSpacing(8)
        lower.addWidget(self.summary)
        lower.addWidget(self.with_equal)
        lower.addWidget(self.compared, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(above)
        self.split.addWidget(self._below)
        title = _("Recorded runs of {name}").format(name=self._session.name)
        lay_out_page(self, self.bar, (title, ""), (head, self.split), ((), self.close_button))
