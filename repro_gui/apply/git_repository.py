"""The repository of a project, for commands that write to it: what of it would run, its state, and the ways back."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import CannotUndo, ProgramFailed
from repro_gui.processes import Finished, ProgramLimits, find_program, run_program
from repro_gui.progress import NoProgress
from repro_gui.redact import redact_text
from repro_gui.text import Text, text
from repro_gui.trust import require_trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_gui.apply.journal import CommandTrace
    from repro_gui.progress import Progress

_LIMITS = ProgramLimits(seconds=600, keep_last_output=True)
# Nothing that goes on in the background, asks, colours, or guesses who the person is.
_OPTIONS = (
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false", "-c", "core.pager=cat"),
    *("-c", "color.ui=false", "-c", "user.useConfigOnly=true", "-c", "core.editor=:"),
)
# Sentences of Git are read by us: in English, whatever the person's language.
_ENGLISH = {"LC_ALL": "C.UTF-8", "LANGUAGE": "C"}

# Settings of a repository that cannot make `git add` and `git commit` run anything; all others need trust.
_HARMLESS = re.compile(
    r"core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf"
    r"|quotepath|compression|loosecompression|longpaths|sharedrepository|fscache|untrackedcache|preloadindex|whitespace|abbrev"
    r"|trustctime|checkstat|ignorestat|worktree|protectntfs|protecthfs|excludesfile|attributesfile|bigfilethreshold|fsync\w*|splitindex"
    r"|multipackindex|commitgraph|sparsecheckout\w*|commentchar|hidedotfiles|warnambiguousrefs|createobject|usereplacerefs|packed\w*"
    r"|deltabasecachelimit|checkroundtripencoding|maxtreedepth)"
    r"|(?:user|author|committer)\.(?:name|email|signingkey|useconfigonly)"
    r"|remote\..+\.(?:url|pushurl|fetch|push|mirror|prune|prunetags|tagopt|promisor|partialclonefilter|skipdefaultupdate|skipfetchall|gh-resolved)"
    r"|branch\..*|submodule\.(?:.+\.)?(?:url|active|branch|ignore|recurse|fetchrecursesubmodules|alternatelocation|alternateerrorstrategy)"
    r"|extensions\..*|init\.defaultbranch|pull\..*|push\..*|fetch\..*|color\..*|pack\..*|index\..*|feature\..*|advice\..*|status\..*|log\..*"
    r"|gc\.(?!recentobjectshook).*|checkout\..*|column\..*|format\.pretty|help\.autocorrect|i18n\..*|rerere\..*|stash\..*|tag\.(?:gpgsign|sort)"
    r"|diff\.(?:renames|renamelimit|algorithm|mnemonicprefix|noprefix|colormoved\w*|context|interhunkcontext|submodule|ignoresubmodules|wserrorhighlight)"
    r"|merge\.(?:conflictstyle|ff|log|renames|renamelimit|stat|autostash|verifysignatures|directoryrenames)"
    r"|commit\.(?:gpgsign|verbose|status|cleanup|template)|gpg\.format|lfs\.(?:repositoryformatversion|url|.+\.access|.+\.locksverify)"
    r"|maintenance\.strategy|maintenance\.auto|dvc\..*|vscode\..*|gui\..*|http\.(?!proxy).*",
)


class RepositoryState(msgspec.Struct, frozen=True):
    """Where a repository stands: HEAD, all refs, and what the index holds, the last two as digests."""

    head: str
    refs: str
    index: str


def run_git(
    root: Path,
    argv: Sequence[str],
    *,
    lock: int | None = None,
    progress: Progress | None = None,
    shown: str = "",
) -> Finished:
    """Run git in the project's folder, never asking anything; raises `ProgramFailed` in words when it fails."""
    with _silent_signing(root, argv) as signing:
        done = _git(root, (*signing, *argv), lock=lock, progress=progress)
    if done.code != 0:
        raise _failure(root, done, shown or shlex.join(("git", *argv)))
    return done


def project_programs(root: Path) -> tuple[str, ...]:
    """Everything of the repository that `git add` or `git commit` would run: hooks, and settings that may name a program."""
    if _git(root, ("rev-parse", "--git-dir")).code != 0:
        return ()
    found = [f"hook {name}" for name in _hooks(root)]
    found += _settings_that_may_run(root)
    return tuple(found)


def require_no_unknown_programs(root: Path) -> None:
    """Raise `NeedsTrust`, naming them, when something of the repository would run and the folder is not trusted."""
    programs = project_programs(root)
    if programs:
        require_trust(root, ", ".join(programs))


def require_identity(root: Path) -> None:
    """Raise `ProgramFailed` when Git does not know who commits."""
    for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if _git(root, ("var", name)).code != 0:
            raise ProgramFailed(
                text("Git does not know your name and e-mail address, which every commit bears."),
                text('Set them once: git config --global user.name "…" and git config --global user.email "…".'),
            )


def read_state(root: Path) -> RepositoryState | None:
    """The state now; None when the folder is in no repository."""
    if _git(root, ("rev-parse", "--git-dir")).code != 0:
        return None
    refs = _git(root, ("for-each-ref", "--format=%(refname) %(objectname)")).require_success().output
    index = _git(root, ("ls-files", "--stage", "-z")).require_success().output
    return RepositoryState(_head(root), hashlib.sha256(refs).hexdigest(), hashlib.sha256(index).hexdigest())


# ---- commits ----


def why_commit_stays(root: Path, trace: CommandTrace) -> CannotUndo | None:
    """Why the commit of a finished command cannot be taken back; None when it can."""
    mend = text("Use `git revert` instead.")
    head = _head(root)
    if head == trace.head_before:
        return None
    if head != trace.head_after:
        return CannotUndo(text("HEAD is not that commit any more; there is work after it."), mend)
    remotes = _git(root, ("for-each-ref", "--contains", trace.head_after, "--format=%(refname:short)", "refs/remotes"))
    if remotes.output.strip():
        where = ", ".join(remotes.output_text.split())
        return CannotUndo(text("The commit is on {remote} already; others may have it.", remote=where), mend)
    return None


def uncommit(root: Path, trace: CommandTrace) -> None:
    """Move HEAD back to where it was before the command, if the command moved it; the files stay."""
    head = _head(root)
    if not trace.had_repository or head == trace.head_before:
        return
    if trace.is_done:
        reason = why_commit_stays(root, trace)
        if reason is not None:
            raise reason
    elif _parents(root, head) != ([trace.head_before] if trace.head_before else []):
        raise CannotUndo(text("HEAD moved in a way that is not known."), text("Look at `git reflog`."))
    if trace.head_before:
        run_git(root, ("update-ref", "-m", "repro-gui: undo", "HEAD", trace.head_before, head))
    else:
        run_git(root, ("update-ref", "-m", "repro-gui: undo", "-d", "HEAD", head))


def _head(root: Path) -> str:
    return _git(root, ("rev-parse", "--verify", "--quiet", "HEAD^{commit}")).output_text.strip()


def _parents(root: Path, commit: str) -> list[str]:
    return _git(root, ("rev-list", "--parents", "--max-count=1", commit)).output_text.split()[1:]


# ---- the index ----


def keep_index(root: Path, target: Path) -> str:
    """Copy the index to a file of ours and return its name; empty when there is none."""
    index = _git_path(root, "index")
    try:
        target.write_bytes(index.read_bytes())
    except FileNotFoundError:
        return ""
    return target.name


def restore_index(root: Path, trace: CommandTrace, kept: Path, paths: Sequence[str]) -> None:
    """Bring the index back to what it was before the command.

    When the person staged something since, theirs stays and only `paths` are taken out of it.
    """
    state = read_state(root)
    if not trace.had_repository or state is None:
        return
    if trace.is_done and state.index != trace.index_after:
        if paths and state.head:
            run_git(root, ("--literal-pathspecs", "reset", "--quiet", "--", *paths))
        elif paths:
            run_git(root, ("--literal-pathspecs", "rm", "--cached", "--quiet", "--ignore-unmatch", "--", *paths))
        return
    index = _git_path(root, "index")
    lock = index.with_name("index.lock")
    try:
        # Git's own way to change the index: whoever makes the lock file may, and the rename puts it in place.
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError as error:
        raise CannotUndo(
            text("Another Git program is at work in this repository (index.lock)."),
            text("Wait for it, then try again."),
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        if trace.kept_index:
            file.write((kept / trace.kept_index).read_bytes())
    if trace.kept_index:
        lock.replace(index)
    else:
        index.unlink(missing_ok=True)
        lock.unlink()


# ---- the repository itself ----


def why_repository_stays(root: Path, trace: CommandTrace, last: CommandTrace) -> CannotUndo | None:
    """Why the repository that a change set made cannot be taken away; None when it can. `last` is its last command's trace."""
    state = read_state(root)
    if trace.had_repository or state is None or not (root / ".git").is_dir():
        return None  # nothing is left to take away
    if state.refs != last.refs_after or state.head != last.head_after:
        return CannotUndo(
            text("There are commits, branches or tags in the repository that came later."),
            text("Keep the repository; delete `.git` yourself if you want none of it."),
        )
    return None


def move_repository_away(root: Path, trace: CommandTrace, kept: Path) -> None:
    """Move the `.git` that the command made into the journal; nothing of it is lost."""
    repository = root / ".git"
    if trace.had_repository or repository.is_symlink() or not repository.is_dir():
        return
    target = kept / "git"
    number = 1
    while target.exists():
        number += 1
        target = kept / f"git-{number}"
    try:
        repository.rename(target)
    except OSError:
        # The journal is on another file system. Copied whole under another name first, so that a kill leaves one whole `.git`.
        beside = target.with_name(f"{target.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(repository, beside, symlinks=True)
        beside.rename(target)
        shutil.rmtree(repository)


# ---- what would run ----


def _hooks(root: Path) -> list[str]:
    """Names of the hooks that are switched on."""
    folder = _git_path(root, "hooks")
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    return [
        entry.name
        for entry in entries
        if entry.suffix != ".sample" and entry.is_file() and (sys.platform == "win32" or os.access(entry, os.X_OK))
    ]


def _settings_that_may_run(root: Path) -> list[str]:
    """Settings of the repository itself, included files too, that are not known to be harmless."""
    listed = _git(root, ("config", "--list", "--show-scope", "--includes", "-z"))
    words = listed.output.decode("utf-8", "replace").split("\0")
    found: dict[str, None] = {}
    for scope, entry in zip(words[::2], words[1::2], strict=False):
        name = entry.partition("\n")[0]
        if scope in {"local", "worktree"} and not _HARMLESS.fullmatch(name.lower()):
            found[f"setting {name}"] = None
    return list(found)


@contextlib.contextmanager
def _silent_signing(root: Path, argv: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Options that keep a signing program from asking for a pass phrase; one that is remembered by its agent works."""
    is_asked = "commit" in argv and _git(root, ("config", "--type=bool", "commit.gpgsign")).output.strip() == b"true"
    kind = _git(root, ("config", "gpg.format")).output_text.strip() or "openpgp" if is_asked else ""
    if kind not in {"openpgp", "x509"} or sys.platform == "win32":
        yield ()
        return
    setting = "gpg.program" if kind == "openpgp" else "gpg.x509.program"
    program = _git(root, ("config", setting)).output_text.strip() or ("gpg" if kind == "openpgp" else "gpgsm")
    with tempfile.TemporaryDirectory(prefix="repro-gui-") as folder:
        script = Path(folder) / "sign"
        script.write_text(
            f'#!/bin/sh\nexec {shlex.quote(program)} --batch --pinentry-mode error "$@"\n', encoding="utf-8"
        )
        script.chmod(0o700)
        yield ("-c", f"{setting}={script}")


def _failure(root: Path, done: Finished, shown: str) -> ProgramFailed:
    said = redact_text((done.error_text.strip() or done.output_text.strip())[-2000:])
    what = text("{command} did not work: {said}", command=shown, said=said)
    if "dubious ownership" in said:
        return ProgramFailed(
            text("The repository belongs to another user, so Git does not work in it."),
            text("Make it yours, or allow it yourself: git config --global --add safe.directory FOLDER."),
        )
    if "index.lock" in said:
        mend = text("Another Git program is at work there; wait for it, then try again.")
    elif re.search(r"failed to sign|gpg failed|signing failed|Couldn't (?:load|sign)", said):
        mend = text(
            "Your commits are signed and the key is locked: unlock it by signing something in a terminal, then try again."
        )
    elif hooks := _hooks(root):
        mend = text(
            "Hooks of this repository ran ({hooks}); mend what they ask for, then try again.", hooks=", ".join(hooks)
        )
    else:
        mend = _RUN_IT_YOURSELF
    return ProgramFailed(what, mend)


_RUN_IT_YOURSELF: Text = text("Nothing was changed. Run it in a terminal to see what it needs.")


def _git(root: Path, argv: Sequence[str], *, lock: int | None = None, progress: Progress | None = None) -> Finished:
    return run_program(
        (find_program("git", root), *_OPTIONS, *argv),
        folder=root,
        environment=_ENGLISH,
        limits=_LIMITS,
        progress=progress or NoProgress(),
        keep_open=() if lock is None else (lock,),
    )


def _git_path(root: Path, name: str) -> Path:
    shown = _git(root, ("rev-parse", "--git-path", name)).require_success().output
    return root / os.fsdecode(shown.rstrip(b"\n"))
