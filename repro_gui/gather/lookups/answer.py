"""Answers look-ups: each kind by its own function, and only with the consent that it needs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from repro_gui.errors import Cancelled, ReproGuiError
from repro_gui.facts.addresses import host_of
from repro_gui.facts.image_edits import registry_of
from repro_gui.facts.lookup import (
    ALLOW_NETWORK,
    Answers,
    Consent,
    FileContent,
    FileDigest,
    FreeSpace,
    HubRevision,
    ImageDigest,
    InstalledPackages,
    LakefsCommit,
    Lookup,
    ProjectLock,
    RemoteCommit,
    ResolvedLock,
)
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
        return _needs_consent(lookup)
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
        FileDigest: _file_digest,
        FreeSpace: _free_space,
        HubRevision: _hub_revision,
        ImageDigest: _image_digest,
        InstalledPackages: _installed_packages,
        LakefsCommit: _lakefs_commit,
        ProjectLock: _project_lock,
        RemoteCommit: _remote_commit,
        ResolvedLock: _resolved_lock,
    }


def _needs_consent(lookup: Lookup) -> Unavailable:
    if isinstance(lookup, RemoteCommit | ImageDigest):
        return Unavailable(
            text("This fix asks a server on the network: {host}.", host=server_of(lookup)),
            ALLOW_NETWORK,
        )
    if isinstance(lookup, LakefsCommit):
        return Unavailable(text("This fix asks the lakeFS server of your configuration."), ALLOW_NETWORK)
    if lookup.consent is Consent.NETWORK:
        return Unavailable(
            text("This fix asks a package index on the network."),
            ALLOW_NETWORK,
        )
    return Unavailable(
        text("This fix runs code of the project."), text("Trust this folder first: `repro-gui trust PATH`.")
    )


def server_of(lookup: RemoteCommit | ImageDigest) -> str:
    """The host that a look-up asks."""
    if isinstance(lookup, ImageDigest):
        return registry_of(lookup.image)[0]
    return host_of(lookup.url.removeprefix("git+"))


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


def _project_lock(lookup: ProjectLock, opened: ProjectFiles, progress: Progress) -> bytes | Unavailable:
    from repro_gui.gather.lookups.project_lock import lock_project

    return lock_project(lookup, opened, progress)


def _remote_commit(lookup: RemoteCommit, _opened: ProjectFiles, progress: Progress) -> str | Unavailable:
    from repro_gui.gather.lookups.remote_commit import ask_for_commit

    return ask_for_commit(lookup, progress)


def _image_digest(lookup: ImageDigest, _opened: ProjectFiles, progress: Progress) -> str | Unavailable:
    from repro_gui.gather.lookups.image_digest import ask_for_digest

    return ask_for_digest(lookup, progress)


def _file_digest(lookup: FileDigest, opened: ProjectFiles, progress: Progress) -> str | Unavailable:
    from repro_gui.gather.lookups.file_digest import digest_of_file

    return digest_of_file(lookup, opened, progress)


def _hub_revision(lookup: HubRevision, _opened: ProjectFiles, _progress: Progress) -> str | Unavailable:
    from repro_gui.gather.lookups.hub_cache import cached_commit

    return cached_commit(lookup)


def _lakefs_commit(lookup: LakefsCommit, _opened: ProjectFiles, progress: Progress) -> str | Unavailable:
    from repro_gui.gather.lookups.lakefs_commit import ask_for_commit

    return ask_for_commit(lookup, progress)
