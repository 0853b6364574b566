"""A probe under way, or the making of an interpreter for it: a runner of its own, started for it and ended with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from repro_gui.ui.worker_client import WorkerClient, WorkerRequest, worker_command
from repro_gui.worker.messages import (
    CaseProbed,
    MakeInterpreter,
    PlanInterpreter,
    Probe,
    Probed,
    ProbeView,
    Quit,
    Reply,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.worker.messages import Request


class ProbeRun(QObject):
    """Runs one probe at a time, each in a new process; the window hears of cases, steps and the end."""

    stepped = Signal(object)
    case_probed = Signal(object)
    ended = Signal(object)

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command or worker_command("runner")
        self._client: WorkerClient | None = None
        self._request: WorkerRequest | None = None

    @property
    def is_running(self) -> bool:
        """True until the probe under way has ended."""
        return self._request is not None

    def start(self, root: str, interpreter: str, device: str, budget: float, *, thorough: bool) -> None:
        """Probe; does nothing while something is under way."""
        self._send(
            lambda number: Probe(
                number=number, root=root, interpreter=interpreter, device=device, budget=budget, thorough=thorough
            )
        )

    def plan_interpreter(self) -> None:
        """Ask what an interpreter with torch would take."""
        self._send(lambda number: PlanInterpreter(number=number))

    def make_interpreter(self) -> None:
        """Make the interpreter that was planned."""
        self._send(lambda number: MakeInterpreter(number=number))

    def _send(self, make: Callable[[int], Request]) -> None:
        if self._request is not None:
            return
        self.close()
        client = self._client = WorkerClient(self, self._command)
        request = self._request = client.send(make)
        request.stepped.connect(self._on_step)
        request.part_arrived.connect(self._on_part)
        request.ended.connect(self._on_ended)

    def cancel(self) -> None:
        """Stop it; it ends within a second, with everything it started."""
        if self._request is not None:
            self._request.cancel()

    def close(self) -> None:
        """Stop it and end its process now."""
        self._request = None
        client, self._client = self._client, None
        if client is not None:
            client.close()
            client.deleteLater()

    def _on_step(self, step: Step) -> None:
        self.stepped.emit(step)

    def _on_part(self, part: Reply) -> None:
        if isinstance(part, CaseProbed):
            self.case_probed.emit(part)

    def _on_ended(self, end: Reply) -> None:
        self._request = None
        # Who hears it reads the files of the runner, which ends after that.
        self.ended.emit(end)
        if self._client is not None and self._client.process_id:
            self._client.send(lambda number: Quit(number=number))


def read_view(end: Probed) -> ProbeView:
    """Read and delete the file of a probe; raises OSError or `msgspec.DecodeError`."""
    path = Path(end.probe)
    view = msgspec.json.decode(path.read_bytes(), type=ProbeView)
    path.unlink(missing_ok=True)
    return view
