"""A runner: one process for one probe or one interpreter to make, so that the reader stays free.

It ends with its input, and all it started with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from repro_gui.errors import ReproGuiError
from repro_gui.text import text
from repro_gui.worker import messages as m
from repro_gui.worker.answer_probes import answer_make_interpreter, answer_plan_interpreter, answer_probe
from repro_gui.worker.answer_rebuilds import answer_rebuild
from repro_gui.worker.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.progress import Progress
    from repro_gui.worker.channel import Channel
    from repro_gui.worker.exchange import Exchange


class NotForRunners(ReproGuiError):
    """A runner was asked for something else than one run."""


def run_one(channel: Channel, requests: int) -> int:
    """Answer one request from a descriptor; stays until the window has read its files and closes the input. The exit code."""
    return Reader(channel, Running).run(requests)


class Running:
    """Carries out one run."""

    def __init__(self, send: Callable[[m.Reply], None], exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange
        self._is_used = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def answer(self, request: m.Request, progress: Progress) -> m.Reply:
        """Carry the run out and return its end; parts are sent on the way."""
        if self._is_used or not isinstance(
            request, m.Probe | m.PlanInterpreter | m.MakeInterpreter | m.RebuildEnvironment
        ):
            raise NotForRunners(
                text("A runner answers one request to run something, and this is another."),
                text("Start another runner, or ask the reader."),
            )
        self._is_used = True
        match request:
            case m.PlanInterpreter():
                return answer_plan_interpreter(request, progress)
            case m.MakeInterpreter():
                return answer_make_interpreter(request, progress)
            case m.RebuildEnvironment():
                return answer_rebuild(request, self._send, self._exchange, progress)
        return answer_probe(request, self._send, self._exchange, progress)
