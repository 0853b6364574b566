"""A real reader process for tests, spoken to in its own lines."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from typing import Self

from repro_gui.worker.messages import (
    Applied,
    Audited,
    BatterySaved,
    Cancel,
    CancelledEnd,
    CaseProbed,
    CheckDone,
    ExampleMade,
    Exported,
    Fault,
    FilesChanged,
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
    Refusal,
    Reply,
    Request,
    RunsCompared,
    RunsRead,
    Source,
    Step,
    Trust,
    decode_reply,
    encode_line,
)

ENDS = (
    *(
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
    ),
    *(
        Trust,
        Exported,
        ExampleMade,
        Probed,
        ProbesCompared,
        BatterySaved,
        InterpreterPlanned,
        Rebuilt,
        InterpreterMade,
        RunsRead,
        RunsCompared,
    ),
)
PARTS = (Step, CheckDone, FilesChanged, CaseProbed)
ROOT = Path(__file__).parent.parent.parent


class ReaderProcess:
    """Starts the worker as the window does."""

    def __init__(self, folder: Path, kind: str = "reader") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "repro_gui", "worker", kind],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.replies: Queue[Reply | None] = Queue()
        self.errors = b""
        self.threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._errors, daemon=True),
        ]
        for thread in self.threads:
            thread.start()
        self.number = 0
        hello = self.next()
        assert isinstance(hello, Hello), (hello, self.errors)
        self.hello = hello

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            for thread in self.threads:
                thread.join(10)
            for pipe in (self.process.stdout, self.process.stderr):
                assert pipe is not None
                pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.replies.put(decode_reply(line))
        self.replies.put(None)

    def _errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line

    def next(self, seconds: float = 120) -> Reply | None:
        """The next reply; None when the worker ended."""
        try:
            return self.replies.get(timeout=seconds)
        except Empty:
            raise AssertionError(f"no reply; standard error: {self.errors.decode()}") from None

    def send(self, make: Callable[[int], Request]) -> int:
        """Send a request and return its number."""
        self.number += 1
        self.write(encode_line(make(self.number)))
        return self.number

    def write(self, line: bytes) -> None:
        """Send bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def until_end(self, number: int) -> tuple[list[Reply], Reply]:
        """The parts of a request and its end."""
        parts: list[Reply] = []
        while True:
            reply = self.next()
            assert reply is not None, self.errors.decode()
            if reply.number != number:
                continue
            if isinstance(reply, ENDS):
                return parts, reply
            parts.append(reply)

    def ask(self, make: Callable[[int], Request]) -> Reply:
        """Send a request and return its end."""
        return self.until_end(self.send(make))[1]

    def cancel(self, number: int) -> None:
        """Cancel a request."""
        self.send(lambda own: Cancel(number=own, which=number))

    def quit(self) -> None:
        """Ask it to end."""
        self.send(lambda own: Quit(number=own))

    def is_alive(self) -> bool:
        """Whether the process still runs a moment later."""
        time.sleep(0.1)
        return self.process.poll() is None
