"""Runs `dvc init`, `dvc add` and `dvc commit` by the dvc library, and takes them back.

`apply/commands.py` calls `prepare_dvc` before, `run_dvc`, and for undo `why_dvc_stays` and `undo_dvc`; what they need
of one another is in the note that travels as text. dvc is imported only here and only when a command runs: it must be
in the worker, never in a window.
"""

from __future__ import annotations

import contextlib
import io
import os
import posixpath
import shutil
from typing import TYPE_CHECKING

import msgspec

from repro_gui.apply.dvc_data import (
    KeptFile,
    bring_back,
    cached_already,
    changed_data,
    describe_data,
    digests_of,
    forget_cached,
    remove_empty_above,
)
from repro_gui.apply.loose_files import restore_files, take_files
from repro_gui.errors import CannotApply, CannotUndo, ProgramFailed
from repro_gui.facts.dvc_metafiles import DvcMetafile, DvcRole, read_metafile, resolve_entries
from repro_gui.own_folders import cache_folder
from repro_gui.progress import NoProgress
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from repro_gui.progress import Progress

_INIT_FILES = (".dvc/config", ".dvc/.gitignore", ".dvcignore")


class _Note(msgspec.Struct, frozen=True):
    """What is needed to take a command back.

    `records` are the small files that it may write, before and after; `data` what lies at the targets; `cached` the
    digests that the cache held before, `runs` the entries of its cache of runs.
    """

    verb: str
    targets: tuple[str, ...] = ()
    data: tuple[KeptFile, ...] = ()
    records: dict[str, bytes | None] = {}
    records_after: dict[str, bytes | None] = {}
    cached: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    had_folder: bool = True
    had_temporary: bool = True
    is_done: bool = False


def prepare_dvc(root: Path, argv: Sequence[str], kept: Path) -> str:
    """Note what must be known to take the command back; raises `CannotApply` for data that cannot be brought back."""
    del kept  # the data itself is its own copy, in DVC's cache
    verb, targets = _verb_and_targets(argv)
    data = describe_data(root, _data_of(root, verb, targets), NoProgress())
    records = take_files(root, _records_of(verb, targets))
    if not records:
        raise CannotApply(
            text("A file of DVC's own cannot be read."),
            text("Run this command in a terminal: {words}", words=" ".join(argv)),
        )
    digests = digests_of(data, _data_of(root, verb, targets))
    note = _Note(
        verb=verb,
        targets=targets,
        data=data,
        records=records,
        cached=cached_already(root, digests),
        runs=_runs(root) if verb == "commit" else (),
        had_folder=os.path.lexists(root / ".dvc"),
        had_temporary=os.path.lexists(root / ".dvc/tmp"),
    )
    return msgspec.json.encode(note).decode()


def run_dvc(root: Path, argv: Sequence[str], note: str, progress: Progress) -> str:
    """Run the command; raises `ProgramFailed` with what dvc says. Cannot be stopped in its middle."""
    verb, targets = _verb_and_targets(argv)
    prepared = msgspec.json.decode(note, type=_Note)
    progress.step(text("Running {command}", command=" ".join(argv)), 0, 1)
    with _dvc_kept_quiet() as repo_class:
        from dvc.exceptions import DvcException

        try:
            if verb == "init":
                repo_class.init(str(root), no_scm="--no-scm" in argv, subdir="--subdir" in argv).close()
            else:
                # dvc takes targets from the current folder, stages of a pipeline only from there.
                with contextlib.chdir(root), contextlib.closing(repo_class(str(root))) as repo:
                    if verb == "add":
                        repo.add(list(targets))
                    else:
                        for target in targets:
                            repo.commit(target, force=True)
        except (DvcException, OSError) as error:
            raise ProgramFailed(
                text("DVC refused: {reason}", reason=_reason(error)),
                text("Run it in a terminal to see more: {command}", command=" ".join(argv)),
            ) from error
    progress.step(text("Running {command}", command=" ".join(argv)), 1, 1)
    after = take_files(root, tuple(prepared.records))
    return msgspec.json.encode(msgspec.structs.replace(prepared, records_after=after, is_done=True)).decode()


def why_dvc_stays(root: Path, argv: Sequence[str], note: str) -> CannotUndo | None:
    """Why the command cannot be taken back now: somebody has worked on the data or on DVC's files since."""
    del argv
    before = msgspec.json.decode(note, type=_Note)
    changed = list(changed_data(root, before.data))
    now = take_files(root, tuple(before.records))
    for path, content in before.records.items():
        # Lines that others added to a .gitignore since stay there.
        is_record = before.is_done and posixpath.basename(path) != ".gitignore"
        if is_record and now.get(path) not in {content, before.records_after.get(path)}:
            changed.append(path)
    if not changed:
        return None
    return CannotUndo(
        text("Changed since: {paths}. Undoing would lose that work.", paths=", ".join(changed[:5])),
        text("Bring back the state after the fix, or undo by hand."),
    )


def undo_dvc(root: Path, argv: Sequence[str], note: str, kept: Path, progress: Progress) -> None:
    """Take the command back as far as it got: first the real files, checked by digest, then DVC's own.

    A second time does nothing.
    """
    del argv, kept
    before = msgspec.json.decode(note, type=_Note)
    bring_back(root, before.data, progress)
    now = take_files(root, tuple(before.records))
    restore_files(root, {path: _as_before(path, before, now.get(path)) for path in before.records})
    digests = digests_of(before.data, before.targets if before.verb == "add" else _folders_of(before))
    forget_cached(root, [digest for digest in digests if digest not in before.cached])
    if before.verb == "commit":
        for path in set(_runs(root)) - set(before.runs):
            (root / path).unlink(missing_ok=True)
            remove_empty_above(root, path)
    if not before.had_temporary:
        shutil.rmtree(root / ".dvc/tmp", ignore_errors=True)
    if before.verb == "init" and not before.had_folder:
        _remove_repository(root)


def _as_before(path: str, note: _Note, now: bytes | None) -> bytes | None:
    """What a record becomes; of a `.gitignore` that others changed since, only the lines that dvc added go."""
    before, after = note.records[path], note.records_after.get(path)
    if posixpath.basename(path) != ".gitignore" or now in {before, after} or now is None or after is None:
        return before
    added = after.splitlines(keepends=True)
    for line in (before or b"").splitlines(keepends=True):
        if line in added:
            added.remove(line)
    left = now.splitlines(keepends=True)
    for line in added:
        if line in left:
            left.remove(line)
    return b"".join(left) or before


def _runs(root: Path) -> tuple[str, ...]:
    """Files in DVC's cache of runs."""
    folder = root / ".dvc/cache/runs"
    return tuple(sorted(path.relative_to(root).as_posix() for path in folder.rglob("*") if path.is_file()))


def _remove_repository(root: Path) -> None:
    """The folder that `dvc init` made, when nothing is left in it but what dvc makes by itself."""
    folder = root / ".dvc"
    if not folder.is_dir() or folder.is_symlink():
        return
    left = [path for path in folder.rglob("*") if not path.is_dir() and "tmp" not in path.relative_to(folder).parts[:1]]
    if left:
        raise CannotUndo(
            text("{count} files are in .dvc by now.", count=len(left)),
            text("Undo what put them there first, or remove .dvc by hand."),
        )
    shutil.rmtree(folder)


def _verb_and_targets(argv: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    verb = argv[1]
    if verb not in {"init", "add", "commit"}:
        raise ProgramFailed(
            text("dvc {verb} is not a command that a fix may run.", verb=verb),
            text("Report this as a fault of Repro GUI."),
        )
    words = list(argv[2:])
    targets = words[words.index("--") + 1 :] if "--" in words else [word for word in words if not word.startswith("-")]
    return verb, tuple(targets)


def _data_of(root: Path, verb: str, targets: Sequence[str]) -> tuple[str, ...]:
    """Paths of the data that a command takes: the targets, or what the stages of `dvc commit` make."""
    if verb != "commit":
        return tuple(targets)
    found: dict[str, None] = {}
    for target in targets:
        pipeline, _, stage = target.rpartition(":")
        lock = posixpath.join(posixpath.dirname(pipeline), "dvc.lock")
        contents = take_files(root, (lock, pipeline))
        recorded, promised = contents.get(lock), contents.get(pipeline)
        if recorded is None:
            continue
        defined: DvcMetafile | None = None if promised is None else read_metafile(pipeline, promised)
        for entry in resolve_entries(read_metafile(lock, recorded), defined):
            if (
                entry.stage == stage
                and entry.role is DvcRole.OUTPUT
                and entry.path
                and os.path.lexists(root / entry.path)
            ):
                found[entry.path] = None
    return tuple(found)


def _folders_of(note: _Note) -> tuple[str, ...]:
    """Folders that hold the data of a `dvc commit`; only a listing that DVC made of one of them is ever removed."""
    return tuple(dict.fromkeys(posixpath.dirname(kept.path) for kept in note.data if "/" in kept.path))


def _records_of(verb: str, targets: Sequence[str]) -> tuple[str, ...]:
    """The small files that a command may write."""
    if verb == "init":
        return _INIT_FILES
    found: dict[str, None] = {}
    for target in targets:
        folder = posixpath.dirname(target)
        if verb == "add":
            found[f"{target}.dvc"] = None
        else:
            found[posixpath.join(folder, "dvc.lock")] = None
        found[posixpath.join(folder, ".gitignore")] = None
    return tuple(found)


@contextlib.contextmanager
def _dvc_kept_quiet() -> Iterator[Any]:
    """The class of DVC's repositories, with its telemetry off and nothing of it on our outputs."""
    os.environ["DVC_NO_ANALYTICS"] = "1"
    os.environ["DVC_CHECK_UPDATE"] = "0"
    os.environ.setdefault("DVC_SITE_CACHE_DIR", str(cache_folder("dvc")))
    import logging

    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with quiet[0], quiet[1], _certificates_or_none():
        from dvc.repo import Repo

        logging.getLogger("dvc").setLevel(logging.CRITICAL)
        yield Repo


@contextlib.contextmanager
def _certificates_or_none() -> Iterator[None]:
    """Where the system has no certificates pygit2 cannot be imported; a folder without any serves: nothing here asks a network."""
    import ssl

    found = ssl.get_default_verify_paths()
    if found.cafile or found.capath:
        yield
        return
    earlier = os.environ.get("SSL_CERT_DIR")
    os.environ["SSL_CERT_DIR"] = str(cache_folder("dvc"))
    try:
        yield
    finally:
        if earlier is None:
            del os.environ["SSL_CERT_DIR"]
        else:
            os.environ["SSL_CERT_DIR"] = earlier


def _reason(error: BaseException) -> str:
    """What dvc says, with the cause that it hides behind it, in one line."""
    said = [str(error)]
    if error.__cause__ is not None:
        said.append(str(error.__cause__))
    return " ".join(" ".join(dict.fromkeys(part for part in said if part)).split())[:500]
