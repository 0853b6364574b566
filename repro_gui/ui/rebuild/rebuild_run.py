"""A rebuild under way: a runner of its own, started for it and ended with it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from repro_gui.facts.rebuild import Rebuild
from repro_gui.ui.worker_client import WorkerClient, WorkerRequest, worker_command
from repro_gui.worker.messages import Quit, RebuildEnvironment, RebuildSaid, Rebuilt, Reply, Step


class RebuildRun(QObject):
    """Makes one rebuild at a time, each in a new process; the window hears of steps, lines and the end."""

    stepped = Signal(object)
    said = Signal(str)
    ended = Signal(object)

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command or worker_command("runner")
        self._client: WorkerClient | None = None
        self._request: WorkerRequest | None = None

    @property
    def is_running(self) -> bool:
        """True until the rebuild under way has ended."""
        return self._request is not None

    def start(self, root: str, python: str) -> None:
        """Rebuild; does nothing while one is under way."""
        if self._request is not None:
            return
        self.close()
        client = self._client = WorkerClient(self, self._command)
        request = self._request = client.send(
            lambda number: RebuildEnvironment(number=number, root=root, python=python)
        )
        request.stepped.connect(self._on_step)
        request.part_arrived.connect(self._on_part)
        request.ended.connect(self._on_ended)

    def cancel(self) -> None:
        """Stop it; it ends within a second, with everything it started, and its folder is removed."""
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
        if isinstance(part, RebuildSaid):
            self.said.emit(part.line)

    def _on_ended(self, end: Reply) -> None:
        self._request = None
        # Who hears it reads the file of the runner, which ends after that.
        self.ended.emit(end)
        if self._client is not None and self._client.process_id:
            self._client.send(lambda number: Quit(number=number))


def read_rebuild(end: Rebuilt) -> Rebuild:
    """Read and delete the file of a rebuild; raises OSError or `msgspec.DecodeError`."""
    path = Path(end.rebuild)
    rebuild = msgspec.json.decode(path.read_bytes(), type=Rebuild)
    path.unlink(missing_ok=True)
    return rebuild
