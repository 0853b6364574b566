"""The reader: one long-lived worker that answers everything that is not a run of hours.

A thread takes requests and cancels, the main thread carries out one request at a time. Whatever happens in a request, it ends with
exactly one message, and the next one is taken.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Protocol, Self

import msgspec
import psutil

from repro_gui.errors import Cancelled, CannotPlan, ReproGuiError
from repro_gui.logs import fault_text
from repro_gui.progress import Progress
from repro_gui.worker.answer_requests import Answering
from repro_gui.worker.channel import Channel, Steps
from repro_gui.worker.exchange import Exchange
from repro_gui.worker.messages import (
    AnyRequest,
    ApplyPlan,
    Cancel,
    CancelledEnd,
    Fault,
    Quit,
    Redo,
    Refusal,
    Reply,
    Request,
    Undo,
    Watch,
    decode_request,
)
from repro_gui.worker.watch import watch

# How long work may go on after the window is gone; what writes is waited for.
_LAST_SECONDS = 3.0
_WRITING = (ApplyPlan, Undo, Redo)
_LONGEST_TEXT = 20_000


class Answers(Protocol):
    """What a worker answers with; opened before the first request and closed after the last."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(self, *_: object) -> None:
        """Let go of everything."""

    def answer(self, request: Request, progress: Progress) -> Reply:
        """Carry a request out and return its end."""


class Reader:
    """Takes requests, answers them one at a time, watches beside."""

    def __init__(
        self, channel: Channel, answering: Callable[[Callable[[Reply], None], Exchange], Answers] = Answering
    ) -> None:
        self._channel = channel
        self._answering = answering
        self._waiting: queue.SimpleQueue[AnyRequest | None] = queue.SimpleQueue()
        self._steps: dict[int, Steps] = {}
        self._writes: set[int] = set()
        self._log = logging.getLogger(__name__)

    def run(self, requests: int) -> int:
        """Answer what comes on a descriptor until it ends or `Quit` comes; the exit code."""
        threading.Thread(target=self._listen, args=(requests,), name="requests", daemon=True).start()
        with Exchange() as exchange, self._answering(self._channel.send, exchange) as answering:
            while (request := self._waiting.get()) is not None:
                self._end(request, self._steps[request.number], answering)
                self._writes.discard(request.number)
        return 0

    # ---- what comes in ----

    def _listen(self, requests: int) -> None:
        for line in _lines(requests):
            try:
                self._take(decode_request(line))
            except msgspec.DecodeError as error:
                self._log.warning("not a request: %s", error)
                self._channel.send(Fault(number=0, error=f"not a request: {error}", traceback=""))
        # The window is gone. What it asked to be written before that is written.
        for number, steps in tuple(self._steps.items()):
            if number not in self._writes:
                steps.cancel()
        self._waiting.put(None)
        timer = threading.Timer(_LAST_SECONDS, self._end_at_once)
        timer.daemon = True  # an end in time does not wait for it
        timer.start()

    def _take(self, request: AnyRequest) -> None:
        match request:
            case Cancel():
                steps = self._steps.get(request.which)
                if steps is not None:
                    steps.cancel()
            case Quit():
                self._waiting.put(None)
            case Watch():
                steps = self._steps[request.number] = Steps(self._channel, request.number)
                work = threading.Thread(target=self._watch, args=(request, steps), name="watch", daemon=True)
                work.start()
            case _:
                self._steps[request.number] = Steps(self._channel, request.number)
                if isinstance(request, _WRITING):
                    self._writes.add(request.number)
                self._waiting.put(request)

    def _watch(self, request: Watch, steps: Steps) -> None:
        def run() -> Reply:
            watch(request, steps.is_cancelled, self._channel.send)
            raise Cancelled

        self._finish(request, steps, run)

    def _end_at_once(self) -> None:
        """The work did not hear that it was cancelled; nobody waits for it any more, except where it writes."""
        while self._writes:
            threading.Event().wait(0.1)
        for child in psutil.Process().children(recursive=True):
            try:
                child.kill()
            except psutil.Error:
                continue
        os._exit(1)

    # ---- what goes out ----

    def _end(self, request: AnyRequest, steps: Steps, answering: Answers) -> None:
        def run() -> Reply:
            if steps.is_cancelled.is_set():
                raise Cancelled
            return answering.answer(request, steps)

        self._finish(request, steps, run)

    def _finish(self, request: AnyRequest, steps: Steps, run: Callable[[], Reply]) -> None:
        """Run and send exactly one end."""
        number = request.number
        try:
            end = run()
            steps.flush()
        except Cancelled:
            end = CancelledEnd(number=number)
        except ReproGuiError as error:
            also = error.also if isinstance(error, CannotPlan) else ()
            end = Refusal(number=number, what=error.what, mend=error.mend, kind=type(error).__name__, also=also)
        except Exception as error:  # noqa: BLE001 -- a fault ends its request, never the worker
            self._log.exception("fault in %s", type(request).__name__)
            end = _fault(number, error)
        self._steps.pop(number, None)
        try:
            self._channel.send(end)
        except BrokenPipeError:
            self._waiting.put(None)
        except ValueError as error:  # longer than a line may be: a fault of ours, and still an end
            self._log.exception("end of %s", type(request).__name__)
            self._channel.send(_fault(number, error))


def _lines(descriptor: int) -> Iterator[bytes]:
    """Whole lines from a descriptor.

    Not by a buffered file: this thread waits in it when the interpreter ends, and its lock would abort the process.
    """
    rest = b""
    while chunk := os.read(descriptor, 65_536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _fault(number: int, error: Exception) -> Fault:
    said = f"{type(error).__name__}: {error}"[:_LONGEST_TEXT]
    return Fault(number=number, error=said, traceback=fault_text(error)[-_LONGEST_TEXT:])
