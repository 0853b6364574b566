"""The line from a worker to its window: messages on a private duplicate of standard output."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, BinaryIO

from repro_gui.errors import Cancelled
from repro_gui.worker.messages import LONGEST_LINE, Reply, Step
from repro_gui.worker.transport import encode_json

if TYPE_CHECKING:
    from repro_gui.text import Text

_INTERVAL = 0.05  # at most twenty steps a second: a window cannot show more


class Channel:
    """Sends whole lines, from any thread."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._lock = threading.Lock()

    def send(self, reply: Reply) -> None:
        """Send one reply; raises ValueError when it is longer than a line may be."""
        line = encode_json(reply) + b"\n"
        if len(line) > LONGEST_LINE:
            problem = f"{type(reply).__name__} takes {len(line)} bytes; send it as a file"
            raise ValueError(problem)
        with self._lock:
            self._output.write(line)
            self._output.flush()


def take_standard_output() -> Channel:
    """A channel on what was standard output; whatever prints from now on goes to standard error.

    dvc and others print; a line of theirs among the messages would end the conversation.
    """
    private = os.dup(sys.stdout.fileno())
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Channel(os.fdopen(private, "wb"))


class Steps:
    """The progress of one request: tells the window where it is, and the work that it was cancelled."""

    def __init__(self, channel: Channel, number: int) -> None:
        self._channel = channel
        self._number = number
        self._cancelled = threading.Event()
        self._sent_at = 0.0
        self._waiting: Step | None = None

    def cancel(self) -> None:
        """Have the next step raise `Cancelled`; called from another thread."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> threading.Event:
        """Set once the person stopped the request."""
        return self._cancelled

    def step(self, what: Text, done: int, total: int) -> None:
        """Report, at most twenty times a second; raises `Cancelled`."""
        if self._cancelled.is_set():
            raise Cancelled
        step = Step(number=self._number, what=what, done=done, total=total)
        now = time.monotonic()
        if now - self._sent_at < _INTERVAL:
            self._waiting = step
            return
        self._sent_at = now
        self._waiting = None
        self._channel.send(step)

    def flush(self) -> None:
        """Send the last step if it was held back."""
        step, self._waiting = self._waiting, None
        if step is not None:
            self._channel.send(step)
