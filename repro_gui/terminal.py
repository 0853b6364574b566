"""What the command line says: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from repro_gui.errors import Cancelled
from repro_gui.text import Text, neutralise

if TYPE_CHECKING:
    from repro_gui.errors import ReproGuiError

_INTERVAL = 0.1


class Terminal:
    """Standard output and error; what cannot be written in their encoding is escaped, never a crash."""

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        self.has_colour = _has_colour()
        self.width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 140)) if sys.stdout.isatty() else 100

    def print(self, *lines: str) -> None:
        """Lines of a result, ready to be shown."""
        for line in lines:
            sys.stdout.write(f"{line}\n")

    def say(self, message: str) -> None:
        """A message beside the result."""
        sys.stdout.flush()
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()

    def problem(self, error: ReproGuiError) -> None:
        """What happened and how to mend it."""
        self.say(f"{self.red('repro-gui:', sys.stderr.isatty())} {error.what}\n  {error.mend}")

    def ask(self, question: str) -> bool:
        """A yes-or-no question; no answer is no."""
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    @staticmethod
    def safe(value: str) -> str:
        """Words of the project, with escapes and bidirectional characters shown by code."""
        return neutralise(value)

    def strong(self, words: str) -> str:
        """Bold where there is colour."""
        return f"\x1b[1m{words}\x1b[0m" if self.has_colour else words

    def coloured_diff(self, diff: str) -> list[str]:
        """Lines of a diff, neutralised, coloured as Git colours them."""
        return [self._diff_line(line) for line in diff.split("\n")]

    def red(self, words: str, is_shown: bool) -> str:
        """Red where there is colour."""
        return f"\x1b[31m{words}\x1b[0m" if self.has_colour and is_shown else words

    def _diff_line(self, line: str) -> str:
        shown = neutralise(line.replace("\t", "    ").removesuffix("\r"))
        if not self.has_colour:
            return shown
        for start, code in (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31")):
            if line.startswith(start):
                return f"\x1b[{code}m{shown}\x1b[0m"
        return shown


class TerminalProgress:
    """One line on standard error while work runs, and Ctrl-C as a cancel; a second Ctrl-C ends at once."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.is_shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._last = 0.0
        self._has_line = False
        self._is_cancelled = False
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        self.clear()

    def step(self, what: Text, done: int, total: int) -> None:
        """Show where the work is; raises `Cancelled` after Ctrl-C."""
        if self._is_cancelled:
            raise Cancelled
        now = time.monotonic()
        if not self.is_shown or now - self._last < _INTERVAL:
            return
        self._last = now
        count = f" {done}/{total}" if total else ""
        sys.stderr.write(f"\r\x1b[2K{str(what)[: self._terminal.width - len(count) - 1]}{count}")
        sys.stderr.flush()
        self._has_line = True

    def clear(self) -> None:
        """Take the line away."""
        if self._has_line:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._has_line = False

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_cancelled:
            raise KeyboardInterrupt
        self._is_cancelled = True


def _has_colour() -> bool:
    """By the customs of NO_COLOR, FORCE_COLOR, TERM and pipes."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False
    return _understands_sequences()


def _understands_sequences() -> bool:
    """Switch them on in a Windows console; elsewhere every terminal does."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        console = kernel.GetStdHandle(-11)
        mode = ctypes.c_uint32()
        known = kernel.GetConsoleMode(console, ctypes.byref(mode))
        return bool(known and kernel.SetConsoleMode(console, mode.value | 0x0004))
    return True
