"""Summarises sources in spawned processes beside this one.

Spawned, never forked: the reader has threads, and Qt programs may not fork. A spawned Python puts the current folder on
its path before it imports anything, and that folder may be the audited project: `PYTHONSAFEPATH` keeps it off.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.summarise import summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from repro_gui.facts.tree import TreeEntry

# Beyond two, most machines are at the limit of what reading and decoding here can feed.
_MOST_PROCESSES = 4
_BATCH_BYTES = 192 * 1024
# How often a cancel is looked for while the others work.
_LOOK_SECONDS = 0.1

Source = tuple[str, bytes]
Item = tuple["TreeEntry", bytes]


class Beside:
    """Processes that summarise; without them (they could not be started, one was killed) it is done here."""

    def __init__(self, executor: ProcessPoolExecutor, most_bytes: int) -> None:
        self._executor: ProcessPoolExecutor | None = executor
        self._most_bytes = most_bytes
        self._decode = msgspec.msgpack.Decoder(list[ModuleSummary]).decode

    def summarise(
        self, items: list[Item], report: Callable[[int], None]
    ) -> list[tuple[TreeEntry, bytes, ModuleSummary]]:
        """Summaries in the order of the items; `report` gets how many are done and may raise to stop."""
        done: dict[int, list[ModuleSummary]] = {}
        batches = list(_batches(items))
        count = 0
        try:
            waiting = self._submit(batches)
            while waiting:
                report(count)
                finished, _ = wait(waiting, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                for future in finished:
                    index = waiting.pop(future)
                    # A lone surrogate in a name or a string cannot be written down: that batch is done here.
                    with contextlib.suppress(UnicodeEncodeError):
                        done[index] = self._decode(future.result())
                        count += len(done[index])
        except (BrokenExecutor, OSError):
            self._executor = None
        for index, batch in enumerate(batches):
            if index not in done:
                done[index] = []
                for entry, content in batch:
                    report(count)
                    done[index].append(summarise(entry.path, content, self._most_bytes))
                    count += 1
        return [
            (entry, content, module)
            for index, batch in enumerate(batches)
            for (entry, content), module in zip(batch, done[index], strict=True)
        ]

    def _submit(self, batches: list[list[Item]]) -> dict[Future[bytes], int]:
        if self._executor is None:
            return {}
        # Undecodable names hold lone surrogates, which pickle takes.
        return {
            self._executor.submit(
                summarise_sources, [(entry.path, content) for entry, content in batch], self._most_bytes
            ): index
            for index, batch in enumerate(batches)
        }


@contextlib.contextmanager
def summarise_beside(most_bytes: int) -> Iterator[Beside]:
    """Processes for one reading; on the way out, for whatever reason, they are ended."""
    before = {process.pid for process in multiprocessing.active_children()}
    with _safe_path():
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(min(os.cpu_count() or 1, _MOST_PROCESSES), mp_context=context)
        try:
            yield Beside(executor, most_bytes)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            # A process in the middle of a large file would go on for seconds after a cancel.
            for process in multiprocessing.active_children():
                if process.pid not in before:
                    process.kill()
                    process.join()


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


def summarise_sources(sources: list[Source], most_bytes: int) -> bytes:
    """Summaries of a batch in msgpack; runs in the other process."""
    return msgspec.msgpack.encode([summarise(path, content, most_bytes) for path, content in sources])


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
