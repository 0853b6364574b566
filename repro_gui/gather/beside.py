"""Summarises sources in spawned processes beside this one.

Spawned, never forked: the reader has threads, and Qt programs may not fork. A spawned Python puts the current folder on
its path before it imports anything, and that folder may be the audited project: `PYTHONSAFEPATH` keeps it off.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, cast

import msgspec

from repro_gui.facts.outlines import outline, outlined_module
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.summarise import summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from repro_gui.facts.settings import Limits
    from repro_gui.facts.tree import TreeEntry

# Beyond two, most machines are at the limit of what reading and decoding here can feed.
_MOST_PROCESSES = 4
_BATCH_BYTES = 192 * 1024
# How often a cancel is looked for while the others work.
_LOOK_SECONDS = 0.1

# Path, content, and whether its outline is enough.
Source = tuple[str, bytes, bool]
Item = tuple["TreeEntry", bytes]


class Beside:
    """Processes that summarise; without them (they could not be started, one was killed) it is done here.

    Each process has a pipe of its own and gets the next batch when it has answered the last one. A pool of
    `concurrent.futures` never ended on Python 3.11.2 when its processes were killed while batches waited in its queue.
    """

    def __init__(self, lines: list[Connection], limits: Limits) -> None:
        self._lines = lines
        self._limits = limits
        self._decode = msgspec.msgpack.Decoder(list[ModuleSummary]).decode

    def summarise(
        self, items: list[Item], report: Callable[[int], None], outlined: Container[str] = ()
    ) -> list[tuple[TreeEntry, bytes, ModuleSummary]]:
        """Summaries in the order of the items; `report` gets how many are done and may raise to stop.

        Of the `outlined` paths an outline is enough. Outlines are made in the other processes alone: on a source that is
        nested tens of thousands of levels deep their parser ends the process that it is in.
        """
        batches = list(_batches(items))
        done = self._elsewhere(batches, report, outlined)
        count = sum(map(len, done.values()))
        for index, batch in enumerate(batches):
            if index not in done:
                done[index] = []
                for entry, content in batch:
                    report(count)
                    done[index].append(_summarise(entry.path, content, self._limits))
                    count += 1
        return [
            (entry, content, module if module.encoded else outlined_module(module, content))
            for index, batch in enumerate(batches)
            for (entry, content), module in zip(batch, done[index], strict=True)
        ]

    def _elsewhere(
        self, batches: list[list[Item]], report: Callable[[int], None], outlined: Container[str]
    ) -> dict[int, list[ModuleSummary]]:
        """What the processes made, by batch; a batch that one could not write down, or died over, is missing."""
        done: dict[int, list[ModuleSummary]] = {}
        todo = deque(
            (index, [(entry.path, content, entry.path in outlined) for entry, content in batch])
            for index, batch in enumerate(batches)
        )
        at_work: dict[Connection, int] = {}
        count = 0
        for line in self._lines:
            _hand_out(line, todo, at_work)
        while at_work:
            report(count)
            for ready in wait(list(at_work), _LOOK_SECONDS):
                line = cast("Connection", ready)
                index = at_work.pop(line)
                try:
                    answer = line.recv_bytes()
                except (EOFError, OSError):
                    continue
                if answer:
                    done[index] = self._decode(answer)
                    count += len(done[index])
                _hand_out(line, todo, at_work)
        return done


def _hand_out(line: Connection, todo: deque[tuple[int, list[Source]]], at_work: dict[Connection, int]) -> None:
    if not todo:
        return
    index, batch = todo[0]
    try:
        line.send(batch)
    except OSError:
        return
    todo.popleft()
    at_work[line] = index


@contextlib.contextmanager
def summarise_beside(limits: Limits) -> Iterator[Beside]:
    """Processes for one reading; on the way out, for whatever reason, they are ended."""
    started: list[tuple[SpawnProcess, Connection]] = []
    try:
        with contextlib.suppress(OSError), _safe_path():
            for _ in range(min(os.cpu_count() or 1, _MOST_PROCESSES)):
                started.append(_start(limits))  # noqa: PERF401 -- those before one that fails must be ended too
        yield Beside([line for _, line in started], limits)
    finally:
        for process, line in started:
            # One in the middle of a large file would go on for seconds after a cancel.
            process.kill()
            line.close()
        for process, _ in started:
            process.join()


def _start(limits: Limits) -> tuple[SpawnProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, limits), daemon=True)
    process.start()
    there.close()
    return process, here


def serve(line: Connection, limits: Limits) -> None:
    """Answer batches of sources with their summaries in msgpack until the other side is gone; runs in the other process.

    An answer of no bytes is for a batch that cannot be written down: a lone surrogate in a name or a string.
    """
    while True:
        try:
            sources: list[Source] = line.recv()
        except (EOFError, OSError):
            return
        try:
            answer = msgspec.msgpack.encode([_read(*source, limits) for source in sources])
        except UnicodeEncodeError:
            answer = b""
        with contextlib.suppress(OSError):
            line.send_bytes(answer)


def _read(path: str, content: bytes, is_outlined: bool, limits: Limits) -> ModuleSummary:
    made = outline(path, content) if is_outlined else None
    return _summarise(path, content, limits) if made is None else made


def _summarise(path: str, content: bytes, limits: Limits) -> ModuleSummary:
    return summarise(path, content, limits.source_bytes, limits.syntax_nodes)


@contextlib.contextmanager
def _safe_path() -> Iterator[None]:
    earlier = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if earlier is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = earlier


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item[1])
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
