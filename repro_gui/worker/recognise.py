"""What a folder seems to be, before it is audited: for the wizard."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING

from repro_gui.audit.report import EntryPointNote
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.program import trace_program
from repro_gui.facts.tree import EntryKind
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.knowledge import load_knowledge
from repro_gui.text import Text, escape_undecodable, text
from repro_gui.trust import is_trusted
from repro_gui.worker.messages import InterpreterChoice, Recognised, RecognisedItem

if TYPE_CHECKING:
    from repro_gui.facts.installed import InstalledEnvironment, Interpreter
    from repro_gui.facts.snapshot import ProjectSnapshot
    from repro_gui.progress import Progress
    from repro_gui.worker.open_project import OpenProject

_SAMPLE = 5
_MOST_PROJECTS = 50
_STARTS_A_PROJECT = frozenset(
    {
        ".git",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "requirements.txt",
        "environment.yml",
        "environment.yaml",
        "dvc.yaml",
        "MLproject",
    }
)


def recognise(project: OpenProject, snapshot: ProjectSnapshot, number: int, root: str) -> Recognised:
    """Describe a project by its last snapshot, or by what a look over it gave."""
    tree = snapshot.tree
    entries = [] if isinstance(tree, Unavailable) else [e.path for e in tree.entries if e.kind is EntryKind.FILE]
    items = [item for item in _items(snapshot, entries) if item is not None]
    program = trace_program(snapshot, load_knowledge())
    with ProjectFiles(project.root) as opened:
        projects = _projects_inside(opened, entries)
    return Recognised(
        number=number,
        root=root,
        items=tuple(items),
        file_count=len(entries),
        over_limit=len(entries) >= snapshot.settings.limits.files,
        projects=projects,
        trusted=is_trusted(project.root),
        entry_points=(
            ()
            if isinstance(program, Unavailable)
            else tuple(
                EntryPointNote(
                    escape_undecodable(e.path), e.how, e.makes_results, "person" if e.is_chosen else "found", e.symbol
                )
                for e in program.entry_points[:200]
            )
        ),
        data_folders=_data_folders(snapshot),
    )


def _items(snapshot: ProjectSnapshot, paths: list[str]) -> Iterable[RecognisedItem | None]:
    git = snapshot.git
    if isinstance(git, GitState):
        branch = git.branch or git.head[:12] or "no commit yet"
        yield RecognisedItem("git", text("A Git repository on {branch}", branch=branch), len(git.tracked))
    elif isinstance(git, NoRepository):
        yield RecognisedItem("git", text("Not in a Git repository"))
    else:
        yield RecognisedItem("git", git.reason)
    python = [path for path in paths if path.endswith((".py", ".pyw"))]
    yield _files("python", text("{count} Python {count:file|files}", count=len(python)), python)
    notebooks = [path for path in paths if path.endswith(".ipynb")]
    yield _files("notebooks", text("{count} {count:notebook|notebooks}", count=len(notebooks)), notebooks)
    if not isinstance(snapshot.environment, Unavailable):
        files = [file.path for file in snapshot.environment.files]
        yield _files(
            "environment",
            text("{count} {count:file that describes|files that describe} the environment", count=len(files)),
            files,
        )
    if not isinstance(snapshot.data_files, Unavailable):
        metafiles = sorted(snapshot.data_files.metafiles)
        yield _files("dvc", text("{count} {count:file|files} of DVC", count=len(metafiles)), metafiles)
    known = load_knowledge().data
    data = [path for path in paths if (found := known.format_of(path)) is not None and not found.is_ambiguous]
    yield _files("data", text("{count} data {count:file|files}", count=len(data)), data)
    if not isinstance(snapshot.tracking, Unavailable):
        stores = [store.path for store in snapshot.tracking.stores]
        yield _files("tracking", text("{count} {count:place|places} with recorded runs", count=len(stores)), stores)


def _files(kind: str, wording: Text, paths: list[str]) -> RecognisedItem | None:
    if not paths:
        return None
    return RecognisedItem(kind, wording, len(paths), tuple(escape_undecodable(path) for path in paths[:_SAMPLE]))


def _projects_inside(opened: ProjectFiles, paths: list[str]) -> tuple[str, ...]:
    """Folders down to two levels that are projects of their own; none when the folder itself is one."""
    listed = opened.list_folder("")
    own = set() if isinstance(listed, NotRead) else {entry.path for entry in listed}
    starts = {posixpath.dirname(path) for path in paths if posixpath.basename(path) in _STARTS_A_PROJECT}
    found = {folder for folder in starts if folder and folder.count("/") < 2}
    folders = {"/".join(path.split("/")[:depth]) for path in paths for depth in (1, 2) if path.count("/") >= depth}
    for folder in sorted(folders)[:500]:
        if opened.status(f"{folder}/.git") and not isinstance(opened.status(f"{folder}/.git"), NotRead):
            found.add(folder)
    if own & _STARTS_A_PROJECT and not any(_has_git(opened, folder) for folder in found):
        return ()
    # A project inside a project is a part of it.
    outermost = [f for f in sorted(found) if not any(f.startswith(f"{other}/") for other in found)]
    return tuple(escape_undecodable(folder) for folder in outermost[:_MOST_PROJECTS]) if len(outermost) > 1 else ()


def _has_git(opened: ProjectFiles, folder: str) -> bool:
    return not isinstance(opened.status(f"{folder}/.git"), NotRead)


def _data_folders(snapshot: ProjectSnapshot) -> tuple[str, ...]:
    if isinstance(snapshot.tree, Unavailable):
        return ()
    known = {"data", "datasets", "dataset", "input", "inputs", "raw"}
    found = {path.split("/")[0] for path in (entry.path for entry in snapshot.tree.entries) if "/" in path}
    return tuple(escape_undecodable(folder) for folder in sorted(found) if folder.lower() in known)


# ---- interpreters ----


def describe_interpreters(snapshot: ProjectSnapshot, progress: Progress) -> tuple[InterpreterChoice, ...]:
    """The environments found, with what is installed in each; the one that counts first."""
    from repro_gui.gather.installed import read_installed

    if isinstance(snapshot.environment, Unavailable):
        return ()
    environment = snapshot.environment
    counts = None if isinstance(environment.installed, Unavailable) else environment.installed.interpreter.path
    choices: list[InterpreterChoice] = []
    ordered = sorted(environment.interpreters, key=lambda interpreter: interpreter.path != counts)
    for done, interpreter in enumerate(ordered):
        progress.step(text("Looking at {label}", label=interpreter.label), done, len(ordered))
        installed = None if interpreter.problem is not None else read_installed(interpreter, progress)
        choices.append(_choice(interpreter, installed))
    return tuple(choices)


def _choice(interpreter: Interpreter, installed: InstalledEnvironment | None) -> InterpreterChoice:
    if installed is None:
        return InterpreterChoice(interpreter.path, interpreter.kind, interpreter.version, broken=interpreter.problem)
    torch = installed.by_name.get("torch")
    version = torch.version if torch is not None else ""
    return InterpreterChoice(
        interpreter.path,
        interpreter.kind,
        interpreter.version,
        version,
        _cuda(version, installed),
        len(installed.distributions),
    )


def _cuda(torch: str, installed: InstalledEnvironment) -> str:
    """The CUDA that torch was built for: its local version (`+cu121`), else the runtime it brought along."""
    local = torch.partition("+")[2]
    if local.startswith("cu") and local[2:].isdigit():
        return f"{local[2:-1]}.{local[-1]}"
    for name, distribution in installed.by_name.items():
        if name.startswith("nvidia-cuda-runtime"):
            return ".".join(distribution.version.split(".")[:2])
    return ""
