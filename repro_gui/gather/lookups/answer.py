"""Answers look-ups: each kind by its own function, and only with the consent that it needs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from repro_gui.errors import Cancelled, ReproGuiError
from repro_gui.facts.lookup import Answers, Consent, FileContent, FreeSpace, InstalledPackages, Lookup, ResolvedLock
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, ProjectFiles, WhyNot
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from repro_gui.facts.installed import InstalledEnvironment
    from repro_gui.progress import Progress

    Answerer = Callable[[Any, ProjectFiles, Progress], Any]

# A file that a person edits by a fix; larger ones are nobody's source.
_MOST_BYTES = 256 * 1024 * 1024


def answer_lookups(
    opened: ProjectFiles, lookups: Iterable[Lookup], allowed: frozenset[Consent], progress: Progress
) -> Answers:
    """One answer for each request; what cannot or may not be answered is `Unavailable` with the reason."""
    answerers = _answerers()
    return Answers({lookup: _answer(opened, lookup, allowed, progress, answerers) for lookup in lookups})


def _answer(
    opened: ProjectFiles,
    lookup: Lookup,
    allowed: frozenset[Consent],
    progress: Progress,
    answerers: Mapping[type[Lookup], Answerer],
) -> Any:
    if lookup.consent not in allowed:
        return _needs_consent(lookup.consent)
    answer = answerers.get(type(lookup))
    if answer is None:
        return Unavailable(text("Nothing here can answer {kind}.", kind=type(lookup).__name__))
    try:
        return answer(lookup, opened, progress)
    except Cancelled:
        raise
    except ReproGuiError as error:
        return Unavailable(error.what, error.mend)


def _answerers() -> Mapping[type[Lookup], Answerer]:
    """What answers each kind of request; a new kind is its file and its line here."""
    return {
        FileContent: _file_content,
        FreeSpace: _free_space,
        InstalledPackages: _installed_packages,
        ResolvedLock: _resolved_lock,
    }


def _needs_consent(consent: Consent) -> Unavailable:
    if consent is Consent.NETWORK:
        return Unavailable(
            text("This fix asks a package index on the network."),
            text("Allow it: tick *Ask the package index*, or add --network on the command line."),
        )
    return Unavailable(
        text("This fix runs code of the project."), text("Trust this folder first: `repro-gui trust PATH`.")
    )


def _file_content(lookup: FileContent, opened: ProjectFiles, progress: Progress) -> bytes | Unavailable | None:
    progress.step(text("Reading {path}", path=lookup.path), 0, 0)
    content = opened.read(lookup.path, _MOST_BYTES)
    if isinstance(content, NotRead) and content.why is WhyNot.MISSING:
        return None
    return content


def _free_space(_lookup: FreeSpace, opened: ProjectFiles, _progress: Progress) -> int | Unavailable:
    try:
        return shutil.disk_usage(opened.root).free
    except OSError as error:
        return Unavailable(
            text("The free space on the disk is not known ({error}).", error=error.strerror or str(error))
        )


def _installed_packages(
    lookup: InstalledPackages, _opened: ProjectFiles, progress: Progress
) -> InstalledEnvironment | Unavailable:
    from repro_gui.gather.installed import read_installed
    from repro_gui.gather.interpreters import interpreter_at

    interpreter = interpreter_at(lookup.interpreter)
    if interpreter is None:
        return Unavailable(
            text("{path} is no Python environment.", path=lookup.interpreter), text("Choose another interpreter.")
        )
    if interpreter.problem is not None:
        return Unavailable(interpreter.problem, text("Choose another interpreter."))
    return read_installed(interpreter, progress)


def _resolved_lock(lookup: ResolvedLock, _opened: ProjectFiles, progress: Progress) -> bytes | Unavailable:
    from repro_gui.gather.lookups.resolved_lock import resolve_lock

    return resolve_lock(lookup, progress)
