"""Talks to a worker process: numbered requests out, replies in, a new process after a crash.

The window is never kept busy: lines are decoded for at most `DECODE_SECONDS` in one turn of the event loop.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QDir, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from repro_gui.text import text
from repro_gui.worker.messages import (
    PROTOCOL,
    Applied,
    ApplyPlan,
    Audited,
    BatterySaved,
    Cancel,
    CancelledEnd,
    ChecklistJudged,
    ExampleMade,
    Exported,
    Fault,
    Hello,
    History,
    InterpreterMade,
    InterpreterPlanned,
    Interpreters,
    Planned,
    Probed,
    ProbesCompared,
    ProjectSettings,
    Quit,
    Rebuilt,
    Recognised,
    Redo,
    Refusal,
    Reply,
    Request,
    RunsCompared,
    RunsRead,
    Source,
    Step,
    Trust,
    Undo,
    Watch,
    decode_reply,
    encode_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DECODE_SECONDS = 0.002
CANCEL_SECONDS = 1.0
QUIT_SECONDS = 2.0
_MOST_RESTARTS = 3
_RESTART_WINDOW_SECONDS = 30.0
_ENDS = (
    Refusal,
    Fault,
    CancelledEnd,
    Recognised,
    Interpreters,
    Audited,
    Source,
    Planned,
    Applied,
    History,
    ProjectSettings,
    Trust,
    Exported,
    ChecklistJudged,
    ExampleMade,
    Probed,
    ProbesCompared,
    BatterySaved,
    InterpreterPlanned,
    InterpreterMade,
    Rebuilt,
    RunsCompared,
    RunsRead,
)
_UNINTERRUPTED = (ApplyPlan, Undo, Redo)
# Nobody waits for a watch to end, and it keeps nothing from being answered: no reason to start anew.
_NEVER_STUCK = (*_UNINTERRUPTED, Watch)


def worker_command(kind: str = "reader") -> list[str]:
    """Program and arguments that start the reader or a runner, in a checkout and in the built program."""
    if getattr(sys, "frozen", False):
        # On Windows the program of the window has no standard output; the one beside it has.
        program = Path(sys.executable)
        return [str(program.with_name("repro-gui.exe") if sys.platform == "win32" else program), "worker", kind]
    # -P: a folder named repro_gui where we were started from must not be run in our place.
    return [sys.executable, "-P", "-m", "repro_gui", "worker", kind]


class WorkerRequest(QObject):
    """One request under way; tells of its progress and then, exactly once, of its end.

    A request that was dropped tells nothing any more.
    """

    stepped = Signal(object)
    part_arrived = Signal(object)
    ended = Signal(object)

    def __init__(self, message: Request, client: WorkerClient) -> None:
        super().__init__(client)
        self.message = message
        self.is_dropped = False
        self.is_cancelled = False
        self._client = client

    @property
    def number(self) -> int:
        """The number that all replies to it carry."""
        return self.message.number

    def cancel(self) -> None:
        """Ask the worker to stop it; it still ends, as cancelled or as whatever it became meanwhile."""
        self._client.cancel(self)

    def drop(self) -> None:
        """Stop it and never hear of it again."""
        self.is_dropped = True
        self._client.cancel(self)


class WorkerClient(QObject):
    """The line to one worker process; starts it with the first request and again after it was lost."""

    lost = Signal(object)
    # Another process stands in for one that would not stop: what it knew of projects is gone.
    replaced = Signal()
    greeted = Signal(object)

    def __init__(self, parent: QObject | None = None, command: list[str] | None = None) -> None:
        super().__init__(parent)
        self._command = command or worker_command()
        self._process: QProcess | None = None
        self._running: dict[int, WorkerRequest] = {}
        self._next_number = 1
        self._unfinished_line = bytearray()
        self._lines: deque[bytes] = deque()
        self._restarts: deque[float] = deque(maxlen=_MOST_RESTARTS)
        self._errors = bytearray()
        self._is_closing = False
        self._is_replacing = False
        self.hello: Hello | None = None
        self._decoding = QTimer(self)
        self._decoding.setSingleShot(True)
        self._decoding.setInterval(0)
        self._decoding.timeout.connect(self._decode_some)

    @property
    def process_id(self) -> int:
        """The worker's process id; 0 when none runs."""
        return self._process.processId() if self._process is not None else 0

    @property
    def is_busy(self) -> bool:
        """True while some request has not ended."""
        return bool(self._running)

    def send(self, make: Callable[[int], Request]) -> WorkerRequest:
        """Send the request that `make` builds from its number; its end comes later, even when no worker can be started."""
        message = make(self._next_number)
        self._next_number += 1
        request = WorkerRequest(message, self)
        self._running[message.number] = request
        try:
            line = encode_line(message)
        except (UnicodeEncodeError, ValueError):
            refusal = Refusal(
                number=message.number,
                what=text("The path or text has characters that cannot be sent to the worker."),
                mend=text("Rename the folder so that its name is valid UTF-8, or shorten the text."),
                kind="ProjectUnreadable",
            )
            QTimer.singleShot(0, request, lambda: self._end(request, refusal))
            return request
        if self._ensure_process():
            assert self._process is not None
            self._process.write(line)
        else:
            refusal = _too_many_crashes(message.number)
            QTimer.singleShot(0, request, lambda: self._end(request, refusal))
        return request

    def cancel(self, request: WorkerRequest) -> None:
        """Ask the worker to stop a request; one that holds others up and has not ended a second later gets its process replaced."""
        if request.number not in self._running or request.is_cancelled:
            return
        request.is_cancelled = True
        if self._process is not None:
            self._process.write(encode_line(Cancel(number=self._next_number, which=request.number)))
            self._next_number += 1
        if not isinstance(request.message, _NEVER_STUCK):
            QTimer.singleShot(round(CANCEL_SECONDS * 1000), request, lambda: self._replace_if_stuck(request))

    def close(self) -> None:
        """End the process: politely, and after `QUIT_SECONDS` by force; an apply under way is waited for."""
        self._is_closing = True
        process, self._process = self._process, None
        for request in list(self._running.values()):
            request.is_dropped = True
        must_finish = any(isinstance(request.message, _UNINTERRUPTED) for request in self._running.values())
        self._running.clear()
        self._lines.clear()
        if process is None:
            return
        process.blockSignals(True)
        if process.state() is not QProcess.ProcessState.NotRunning:
            process.write(encode_line(Quit(number=self._next_number)))
            process.waitForBytesWritten(200)
            process.closeWriteChannel()
            wait = -1 if must_finish else round(QUIT_SECONDS * 1000)
            if not process.waitForFinished(wait):
                process.kill()
                process.waitForFinished(1000)
        process.deleteLater()

    # ---- the process ----

    def start(self) -> None:
        """Start the worker before anything is asked of it."""
        self._ensure_process()

    def _ensure_process(self) -> bool:
        if self._process is not None:
            return True
        if self._is_closing:
            return False
        now = time.monotonic()
        if len(self._restarts) == _MOST_RESTARTS and now - self._restarts[0] < _RESTART_WINDOW_SECONDS:
            return False
        self._restarts.append(now)
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        process.setProcessEnvironment(environment)
        process.setWorkingDirectory(QDir.homePath())
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.readyReadStandardOutput.connect(self._take_bytes)
        process.readyReadStandardError.connect(self._take_errors)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_process_error)
        self._unfinished_line.clear()
        self._errors.clear()
        self.hello = None
        self._process = process
        process.start()
        return True

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._lose_process()

    def _on_finished(self) -> None:
        # What the process said before it ended still counts.
        self._take_bytes()
        while self._lines:
            self._decode_line(self._lines.popleft())
        self._lose_process()

    def _replace_if_stuck(self, request: WorkerRequest) -> None:
        if request.number not in self._running or self._process is None:
            return
        self._end(request, CancelledEnd(number=request.number))
        others = [other for other in self._running.values() if isinstance(other.message, _UNINTERRUPTED)]
        if others:
            return
        self._is_replacing = True
        self._process.kill()

    def _lose_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.deleteLater()
        if self._is_replacing:
            self._replace_process()
            return
        waiting = list(self._running.values())
        was_stuck = any(request.is_cancelled for request in waiting)
        for request in waiting:
            end: Reply = (
                CancelledEnd(number=request.number)
                if request.is_cancelled
                else Refusal(
                    number=request.number,
                    what=text("The background worker ended before it answered."),
                    mend=text("It starts again by itself: try once more. The log says why."),
                    kind="WorkerLost",
                )
            )
            self._end(request, end)
        if not self._is_closing and not was_stuck:
            self.lost.emit(bytes(self._errors[-4000:]).decode("utf-8", "replace"))

    def _replace_process(self) -> None:
        # We ended it ourselves because of one stuck request; the others did no harm and are asked again.
        self._is_replacing = False
        if self._restarts:
            self._restarts.pop()
        for request in list(self._running.values()):
            if request.is_cancelled:
                self._end(request, CancelledEnd(number=request.number))
        asked = list(self._running.values())
        self._ensure_process()
        # What the new process has to know comes before what is asked of it again.
        self.replaced.emit()
        for request in asked:
            if self._process is not None:
                self._process.write(encode_line(request.message))

    # ---- replies ----

    def _take_errors(self) -> None:
        if self._process is not None:
            self._errors += bytes(self._process.readAllStandardError().data())
            del self._errors[:-16_384]

    def _take_bytes(self) -> None:
        if self._process is None:
            return
        self._unfinished_line += bytes(self._process.readAllStandardOutput().data())
        *lines, rest = self._unfinished_line.split(b"\n")
        self._unfinished_line = bytearray(rest)
        self._lines.extend(bytes(line) for line in lines)
        if self._lines and not self._decoding.isActive():
            self._decoding.start()

    def _decode_some(self) -> None:
        deadline = time.perf_counter() + DECODE_SECONDS
        while self._lines:
            self._decode_line(self._lines.popleft())
            if time.perf_counter() > deadline:
                break
        if self._lines:
            self._decoding.start()

    def _decode_line(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            reply = decode_reply(line)
        except msgspec.DecodeError:
            # Somebody else's print, or a worker of another version: said once when the process is lost, never acted on.
            self._errors += b"\nnot a message: " + line[:500]
            return
        if isinstance(reply, Hello):
            self._greet(reply)
            return
        request = self._running.get(reply.number)
        if request is None:
            return
        if isinstance(reply, _ENDS):
            self._end(request, reply)
        elif request.is_dropped:
            return
        elif isinstance(reply, Step):
            request.stepped.emit(reply)
        else:
            request.part_arrived.emit(reply)

    def _greet(self, hello: Hello) -> None:
        self.hello = hello
        if hello.protocol != PROTOCOL and self._process is not None:
            self._errors += f"\nprotocol {hello.protocol}, this window speaks {PROTOCOL}".encode()
            self._process.kill()
            return
        self.greeted.emit(hello)

    def _end(self, request: WorkerRequest, reply: Reply) -> None:
        if self._running.pop(request.number, None) is None:
            return
        if not request.is_dropped:
            request.ended.emit(reply)
        request.deleteLater()


def _too_many_crashes(number: int) -> Refusal:
    return Refusal(
        number=number,
        what=text("The background worker ended several times within half a minute."),
        mend=text("Wait a moment and audit again, or look into the log (Help, Open log folder)."),
        kind="WorkerLost",
    )
