"""Probe this machine: choices, the heat map filling live, prices, the fingerprint, comparison with another machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from repro_gui.facts.determinism import Determinism
from repro_gui.facts.probe_comparison import ProbeComparison
from repro_gui.ui.history.history_dialog import local_time
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.probe.legend import VerdictCountsWidget
from repro_gui.ui.probe.operation_details import used_at
from repro_gui.ui.probe.probe_choices import ProbeChoicesWidget
from repro_gui.ui.probe.probe_pages import ProbePagesWidget
from repro_gui.ui.result_file import take_result
from repro_gui.ui.runner_session import RunnerSession
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.dialog_page import lay_out_page
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.ui.widgets.run_card import RunCardWidget
from repro_gui.worker.messages import (
    BatterySaved,
    CancelledEnd,
    CaseProbed,
    CompareProbes,
    Fault,
    ImportProbe,
    InterpreterMade,
    InterpreterPlanned,
    MakeInterpreter,
    PlanInterpreter,
    Probe,
    Probed,
    ProbesCompared,
    ProbeView,
    ReadProbe,
    Refusal,
    Reply,
    SaveBattery,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.ui.project_session import ProjectSession
    from repro_gui.worker.messages import Request

_TOPIC = "probe"


class ProbeDialog(QDialog):
    """The probe of one project's interpreter on this machine."""

    place_chosen = Signal(str, int, int)

    def __init__(
        self, session: ProjectSession, parent: QWidget | None = None, command: list[str] | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Probe this machine"))
        self.setObjectName("Page")
        self.setMinimumSize(940, 600)
        self.resize(1180, 760)
        self._session = session
        self.view = ProbeView(Determinism())
        self.run = RunnerSession(command, self)
        self.bar = MessageBarWidget()
        self.choices = ProbeChoicesWidget()
        self.card = RunCardWidget(self.choices, button(_("Probe"), self.start, "primary", "probe"), self.run.cancel)
        self.pages = ProbePagesWidget()
        self.pages.place_chosen.connect(self.place_chosen)
        self.pages.copy_asked.connect(self._copy_fingerprint)
        self.save = button(_("Save for another machine…"), self._choose_target, icon_name="save")
        self.load = button(_("Load result…"), lambda: self._choose_file(self.load_result), icon_name="load")
        self.compare = button(_("Compare with…"), lambda: self._choose_file(self.compare_with), icon_name="compare")
        self.close_button = button(_("Close"), self.reject)
        self.counts = VerdictCountsWidget()
        self._lay_out()
        self.choices.make_asked.connect(self.plan_interpreter)
        self.run.stepped.connect(self.card.show_step)
        self.run.part_arrived.connect(self._on_part)
        self.run.ended.connect(self._on_ended)
        session.changed.connect(self._on_session)
        if session.interpreters is None:
            session.find_interpreters()
        self._on_session()
        self._rest()
        self.read_kept()

    # ---- what the person asks for ----

    def start(self) -> None:
        """Probe; asks for trust first where the folder does not have it."""
        if self.run.is_running:
            return
        # What we made ourselves is nobody's project.
        chosen = self.choices.chosen_interpreter
        if not self._session.trusted and not (chosen and chosen == self.choices.made):
            self._ask_for_trust()
            return
        for topic in (_TOPIC, "trust", "controls", "saved"):
            self.bar.settle(topic)
        self.pages.begin()
        self.counts.show_probe(Determinism())
        root, choices = self._session.root, self.choices
        self.run.start(
            lambda number: Probe(
                number=number,
                root=root,
                interpreter=choices.chosen_interpreter,
                device=choices.chosen_device,
                budget=float(choices.budget.value()),
                thorough=choices.thorough.isChecked(),
            )
        )
        self._begin(_("Starting the interpreter; importing torch takes a moment"))

    def plan_interpreter(self) -> None:
        """Ask what an interpreter with torch would take; the answer offers to make it."""
        if not self.run.is_running:
            self.run.start(lambda number: PlanInterpreter(number=number))
            self._begin(_("Asking the package index"))

    def make_interpreter(self) -> None:
        """Make what was planned, then probe it."""
        if not self.run.is_running:
            self.run.start(lambda number: MakeInterpreter(number=number))
            self._begin(_("Making an interpreter"))

    def read_kept(self) -> None:
        """Show the last probe of this project."""
        root = self._session.root
        self._ask(lambda number: ReadProbe(number=number, root=root))

    def load_result(self, path: str) -> None:
        """Take in what the battery wrote on another machine."""
        root = self._session.root
        self._ask(lambda number: ImportProbe(number=number, root=root, file=path), audits=True)

    def compare_with(self, path: str) -> None:
        """Compare what is shown with a saved probe."""
        root = self._session.root
        self._ask(lambda number: CompareProbes(number=number, root=root, file=path))

    def save_battery(self, path: str) -> None:
        """Write the battery for another machine."""
        self._ask(lambda number: SaveBattery(number=number, output=path))

    def done(self, result: int) -> None:
        """A probe under way ends with the dialog."""
        self.run.close()
        super().done(result)

    # ---- what comes back ----

    def _on_part(self, part: Reply) -> None:
        if isinstance(part, CaseProbed):
            self.pages.add_case(part)

    def _on_ended(self, end: Reply) -> None:
        self._rest()
        if isinstance(end, Probed):
            self._take_view(end, audits=True)
            return
        if isinstance(end, InterpreterPlanned):
            self._offer_interpreter(end)
            return
        if isinstance(end, InterpreterMade):
            self.choices.show_made(end.path)
            self.choices.choose_interpreter(end.path)
            self.start()
            return
        if isinstance(end, CancelledEnd):
            self.bar.show_notice(
                Notice(_("Stopped."), _("Nothing was kept of it; the last probe that was kept is shown."), topic=_TOPIC)
            )
        elif isinstance(end, Refusal | Fault):
            self._tell_trouble(end)
        self.read_kept()

    def _on_answer(self, end: Reply, *, audits: bool) -> None:
        if isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, topic=_TOPIC))
        elif isinstance(end, Probed):
            # A probe that was begun meanwhile is newer than what was kept.
            if not self.run.is_running:
                self._take_view(end, audits=audits)
        elif isinstance(end, ProbesCompared):
            self._show_comparison(end)
        elif isinstance(end, BatterySaved):
            self._tell_saved(end)

    def _take_view(self, end: Probed, *, audits: bool) -> None:
        try:
            self.view = take_result(end.probe, ProbeView)
        except (OSError, msgspec.DecodeError) as error:
            self.bar.show_notice(
                Notice(
                    _("The result of the probe could not be read ({reason}).").format(reason=error),
                    _("Probe again; make sure that the disk with temporary files is not full."),
                    Level.ERROR,
                    _TOPIC,
                )
            )
            return
        self.choices.show_devices(self.view.devices)
        self.choices.show_made(self.view.made)
        probe = self.view.probe
        self.pages.show_view(self.view)
        self.counts.show_probe(probe)
        self.card.summary.show_words(summary_of(self.view))
        self.compare.setEnabled(bool(probe.cases))
        self.bar.settle("controls")
        if probe.cases and not probe.controls_held:
            self.bar.show_notice(
                Notice(
                    _("A control of the battery came out wrong, so no verdict counts."),
                    _("Probe again while the machine does nothing else; if it stays so, choose another interpreter."),
                    Level.ERROR,
                    "controls",
                )
            )
        if audits:
            self._session.audit()

    def _show_comparison(self, end: ProbesCompared) -> None:
        try:
            comparison = take_result(end.comparison, ProbeComparison)
        except (OSError, msgspec.DecodeError) as error:
            self.bar.show_notice(Notice(str(error), level=Level.ERROR, topic=_TOPIC))
            return
        self.pages.show_comparison(comparison)

    def _tell_trouble(self, end: Refusal | Fault) -> None:
        if isinstance(end, Refusal) and end.kind == "NeedsTrust":
            self._ask_for_trust()
        elif isinstance(end, Refusal) and end.kind in {"NoTorch", "NoProbe"}:
            actions = [NoticeAction(_("Other interpreter…"), self.choices.ask_for_interpreter)]
            mend = shown(end.mend)
            if end.kind == "NoTorch":
                actions.insert(0, NoticeAction(_("Make one…"), self.plan_interpreter))
                mend = _("Choose another interpreter, or let Repro GUI make one; its size is told first.")
            self.bar.show_notice(Notice(shown(end.what), mend, Level.WARNING, _TOPIC, tuple(actions)))
        elif isinstance(end, Refusal) and end.kind == "CannotMakeInterpreter":
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.plan_interpreter), topic=_TOPIC))
        else:
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.start), topic=_TOPIC))

    def _ask_for_trust(self) -> None:
        self.bar.show_notice(
            Notice(
                _("Probing runs an interpreter for this folder, which you have not trusted yet."),
                _(
                    "The battery is ours and reads nothing of the project; the interpreter and its torch may be the project's."
                ),
                Level.NOTICE,
                "trust",
                (NoticeAction(_("Trust this folder and probe"), self._trust_and_start),),
            )
        )

    def _offer_interpreter(self, planned: InterpreterPlanned) -> None:
        sentence = (
            _("torch {version}, built for the CPU: {download} MB to download, about {disk} MB on the disk.")
            if planned.is_cpu_build
            else _("torch {version} with libraries for a GPU: {download} MB to download, about {disk} MB on the disk.")
        ).format(
            version=planned.torch,
            download=f"{planned.download_bytes / 1e6:,.0f}",
            disk=f"{planned.disk_bytes / 1e6:,.0f}",
        )
        if planned.unsized:
            unsized = counted(
                "The size of {count} package is not known.",
                "The size of {count} packages is not known.",
                planned.unsized,
            )
            sentence = f"{sentence} {unsized}"
        self.bar.show_notice(
            Notice(
                sentence,
                _("It is kept in {folder}; delete that folder to be rid of it.").format(folder=planned.folder),
                Level.NOTICE,
                _TOPIC,
                (NoticeAction(_("Download and make it"), self.make_interpreter),),
            )
        )

    def _trust_and_start(self) -> None:
        request = self._session.set_trust(trusted=True)
        request.ended.connect(lambda _end: self.start() if self._session.trusted else None)

    def _tell_saved(self, end: BatterySaved) -> None:
        command = end.command

        def copy() -> None:
            QGuiApplication.clipboard().setText(command)

        self.bar.show_notice(
            Notice(
                _("Saved: {path}").format(path=end.path),
                _("Run it there with `{command}`, then load the file that it writes.").format(command=command),
                Level.DONE,
                "saved",
                (NoticeAction(_("Copy the line"), copy),),
            )
        )

    def _on_session(self) -> None:
        self.choices.show_interpreters(self._session.interpreters, self._session.settings.interpreter)
        report = self._session.report
        self.pages.show_used(None if report is None else used_at(report))

    # ---- inside ----

    def _begin(self, words: str) -> None:
        self.bar.settle(_TOPIC)
        self.card.begin(words)
        for one in (self.load, self.compare):
            one.setEnabled(False)

    def _rest(self) -> None:
        self.card.end()
        self.load.setEnabled(True)
        self.compare.setEnabled(bool(self.view.probe.cases))

    def _ask(self, make: Callable[[int], Request], *, audits: bool = False) -> None:
        request = self._session.client.send(make)
        # The window may go before the answer comes: a connection to one of its methods goes with it.
        request.ended.connect(self._on_import if audits else self._on_look)

    def _on_import(self, end: Reply) -> None:
        self._on_answer(end, audits=True)

    def _on_look(self, end: Reply) -> None:
        self._on_answer(end, audits=False)

    def _copy_fingerprint(self) -> None:
        content = msgspec.json.format(msgspec.json.encode(self.view.probe.fingerprint), indent=2)
        QGuiApplication.clipboard().setText(content.decode())

    def _choose_target(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Save the battery"), folder, _("Python program (*.pyz)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pyz")
        dialog.selectFile("battery.pyz")
        dialog.fileSelected.connect(self.save_battery)
        dialog.open()

    def _choose_file(self, use: Callable[[str], object]) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Choose a saved probe"), folder, _("Probes (*.jsonl *.json);;All files (*)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(use)
        dialog.open()

    def _lay_out(self) -> None:
        self.card.add_below(self.counts)
        sentence = _(
            "Repeats the operations of torch with the same input and compares every bit: what varies here will vary in training, "
            "whatever the seeds."
        )
        words = (_("Probe this machine"), sentence)
        buttons = ((self.save, self.load, self.compare), self.close_button)
        lay_out_page(self, self.bar, words, (self.card, self.pages), buttons)


def summary_of(view: ProbeView) -> str:
    """When, with what, how long, whether the instrument can be trusted, and what nothing is claimed about."""
    probe = view.probe
    if not probe.cases:
        return " ".join([_("No probe of this project was kept yet."), _about_gpus(view)])
    torch = probe.fingerprint.get("torch") or {}
    held = (
        counted("{count} control held", "all {count} controls held", len(probe.controls))
        if probe.controls_held
        else _("controls failed: no verdict counts")
    )
    parts = [
        local_time(probe.when),
        f"torch {torch.get('torch', '?')}",
        counted("{count} thread", "{count} threads", int(torch.get("threads") or 0)),
        held,
    ]
    if probe.budget.asked:
        parts.append(
            _("{used} s of {asked} s, and {starting} s to start").format(
                used=f"{probe.budget.used:.1f}",
                asked=f"{probe.budget.asked:g}",
                starting=f"{probe.budget.starting:.1f}",
            )
        )
    return f"{' · '.join(parts)}. {_about_gpus(view)}".strip()


def _about_gpus(view: ProbeView) -> str:
    remarks = [shown(remark) for remark in view.probe.remarks]
    if any(case.device != "cpu" for case in view.probe.cases):
        return " ".join(remarks)
    nothing = _("Nothing is claimed about a GPU: none was measured.")
    return " ".join([nothing, shown(view.no_gpu), *remarks]).strip()
