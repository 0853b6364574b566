"""Work of a runner for one window: a process of its own, started for one request and ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from repro_gui.ui.worker_client import WorkerClient, WorkerRequest, worker_command
from repro_gui.worker.messages import Quit

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.worker.messages import Reply, Request


class RunnerSession(QObject):
    """Has one request done at a time, each in a new process; the window hears of steps, parts and the end."""

    stepped = Signal(object)
    part_arrived = Signal(object)
    ended = Signal(object)

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command or worker_command("runner")
        self._client: WorkerClient | None = None
        self._request: WorkerRequest | None = None

    @property
    def is_running(self) -> bool:
        """True until the request under way has ended."""
        return self._request is not None

    def start(self, make: Callable[[int], Request]) -> None:
        """Have the request done that `make` gives for its number; does nothing while one is under way."""
        if self._request is not None:
            return
        self.close()
        client = self._client = WorkerClient(self, self._command)
        request = self._request = client.send(make)
        request.stepped.connect(self.stepped)
        request.part_arrived.connect(self.part_arrived)
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

    def _on_ended(self, end: Reply) -> None:
        self._request = None
        # Who hears it reads the files of the runner, which ends after that.
        self.ended.emit(end)
        if self._client is not None and self._client.process_id:
            self._client.send(lambda number: Quit(number=number))
