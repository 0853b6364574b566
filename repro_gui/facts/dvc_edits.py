"""Puts data under DVC: the commands and the edits that go with them, as values."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet, Command, FileChange, UndoKind
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.ignore_patterns import ignored_folder
from repro_gui.facts.lookup import Answers, FileContent, FreeSpace
from repro_gui.text import text


def put_under_dvc(
    check_id: str,
    targets: tuple[str, ...],
    *,
    data_files: DataFiles,
    git: GitFacts,
    answers: Answers,
    size: int,
) -> ChangeSet:
    """`dvc init` where there is no DVC yet, and `dvc add` of the targets.

    Raises `CannotPlan` when the disk is too full.
    """
    runs_code = isinstance(git, GitState) and bool(git.has_hooks or git.filters)
    free = answers.get(FreeSpace())
    if free < size + 10**7:
        raise CannotPlan(
            text(
                "DVC keeps a second copy of {size}, but only {free} are free.",
                size=shown_size(size),
                free=shown_size(free),
            ),
            text("Free some space, or set `cache.type` of DVC to `reflink,hardlink`."),
        )
    commands: list[Command] = []
    # Records without a configuration: the repository of DVC begins above this folder.
    if not data_files.configs and not data_files.metafiles:
        words: tuple[str, ...] = ("dvc", "init", "--quiet")
        if not isinstance(git, GitState):
            words += ("--no-scm",)
        elif git.prefix:
            words += ("--subdir",)
        touches = (".dvc/config", ".dvc/.gitignore", ".dvcignore")
        commands.append(Command(words, shlex.join(words), UndoKind.DVC_RESTORE, touches, runs_code))
    for target in targets:
        words = ("dvc", "add", "--quiet", "--", target)
        folder = posixpath.dirname(target)
        touches = (target, f"{target}.dvc", posixpath.join(folder, ".gitignore"))
        commands.append(Command(words, shlex.join(words), UndoKind.DVC_RESTORE, touches, runs_code))
    return ChangeSet(
        title=text(
            "Put {path} under DVC", path=targets[0] if len(targets) == 1 else posixpath.dirname(targets[0]) or "."
        ),
        check_id=check_id,
        files=tuple(_let_metafiles_through(targets, git, answers)),
        commands=tuple(commands),
        effect=text("The data stays where it is; results do not change."),
        notes=(
            text(
                "DVC takes {size} into its cache in .dvc/cache: as a reflink where the file system can share blocks, else "
                "as a copy; {free} are free.",
                size=shown_size(size),
                free=shown_size(free),
            ),
            text("Commit the new .dvc files and .gitignore afterwards."),
        ),
    )


def _let_metafiles_through(targets: tuple[str, ...], git: GitFacts, answers: Answers) -> Iterator[FileChange]:
    """Where Git ignores the folder itself, let it see DVC's files in it: DVC refuses a `.dvc` file that Git ignores."""
    if not isinstance(git, GitState):
        return
    rules: dict[str, bytes] = {}
    for target in targets:
        for folder in folders_down_to(target):
            name = posixpath.join(folder, ".gitignore")
            # Folders below the one that was asked about have no answer; dvc itself refuses what is left over.
            content = answers.file_or_none(name) if FileContent(name) in answers.by_lookup else None
            if content is not None:
                rules[name] = content
    top = {ignored_folder(f"{target}.dvc", rules) for target in targets} - {None}
    if not top:
        return
    deeper = {name: content for name, content in rules.items() if name != ".gitignore"}
    hidden = next((target for target in targets if ignored_folder(f"{target}.dvc", deeper) is not None), None)
    if "" in top or hidden is not None:
        raise CannotPlan(
            text("Git would ignore {path}.", path=f"{hidden or targets[0]}.dvc"),
            text("Take the pattern that covers it out of .gitignore, and try again."),
        )
    before = rules.get(".gitignore", b"")
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    lines: list[bytes] = []
    for folder in sorted(str(folder) for folder in top):
        at = folder.encode("utf-8", "surrogateescape")
        lines += [
            b"!/%s/" % at,
            b"/%s/**" % at,
            b"!/%s/**/" % at,
            b"!/%s/**/*.dvc" % at,
            b"!/%s/**/.gitignore" % at,
        ]
    after = before + (ending if before and not before.endswith(b"\n") else b"") + ending.join([*lines, b""])
    reason = text("Git may see DVC's own files, while the data stays ignored")
    yield FileChange(".gitignore", rules.get(".gitignore"), after, reason=reason)


def folders_down_to(path: str) -> Iterator[str]:
    """The project's folder ("") and every folder on the way to a path."""
    yield ""
    parts = path.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])


def shown_size(size: int) -> str:
    """A size as people write it: 250 KB, 1.4 GB."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= scale:
            amount = size / scale
            return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}"
    return f"{size} bytes"
