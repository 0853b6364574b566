"""All data of a project, what the program reads and what lies in it, with what pins each."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.data_files import DataFiles, Pin, UnreadMechanism
from repro_gui.facts.data_reads import DataRead, ReadKind, data_reads, files_in
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lakefs_refs import RefKind, ref_kind, ref_of_address
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.program import Program
from repro_gui.facts.tree import EntryKind, FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# From so many unpinned files directly in one folder on, the folder is what should be put under version control.
_MANY = 4
# Stores that keep versions give each an identifier.
_VERSION = re.compile(r"[?&#](versionId|generation)=\w|#\d{10,}$")
# A folder with one of these is not a folder of data only.
_SOURCES = (".py", ".ipynb", ".sh", ".yaml", ".yml", ".toml", ".cfg", ".md", ".R", ".cpp", ".cu")


class PinState(StrEnum):
    """Whether the content of some data is fixed."""

    PINNED = "pinned"
    CHECKED = "checked"
    UNPINNED = "unpinned"
    UNKNOWN = "unknown"


class DataItem(msgspec.Struct, frozen=True):
    """A file, a folder or a place outside that holds data.

    `path` is relative to the project where `kind` is file, folder or missing, as written otherwise. `reads` are the
    calls that read it, none for data that only lies in the project. `pins` fix it; of a folder, what fixes its files,
    each once. `unpinned` are the files without a pin, `size` is theirs in bytes. `reason` says why the state is
    unknown.
    """

    path: str
    kind: ReadKind
    state: PinState
    reads: tuple[DataRead, ...] = ()
    pins: tuple[Pin, ...] = ()
    unpinned: tuple[str, ...] = ()
    size: int = 0
    is_absent: bool = False
    is_ignored: bool = False
    reason: Text | None = None

    @property
    def location(self) -> Location | None:
        """The data's own place when it is in the project, else the first call that reads it."""
        if self.kind in {ReadKind.FILE, ReadKind.FOLDER} and not self.is_absent:
            return Location(self.path)
        return self.reads[0].location if self.reads else None


def data_items(
    tree: FileTree,
    data_files: DataFiles,
    git: GitFacts,
    program: Program | Unavailable,
    launchers: Launchers | Unavailable,
    knowledge: Knowledge,
) -> tuple[DataItem, ...]:
    """Everything that counts as the project's data: first what the program reads, in its order, then what lies in it."""
    items = _Items(tree, data_files, git, knowledge)
    reads: dict[tuple[ReadKind, str], list[DataRead]] = defaultdict(list)
    for read in () if isinstance(program, Unavailable) else data_reads(program, launchers, tree, data_files, knowledge):
        # Each unknown path stands for itself.
        key = read.path or (str(read.location) if read.kind is ReadKind.UNKNOWN else read.call)
        reads[read.kind, key].append(read)
    found = _without_parts([items.read(kind, tuple(group)) for (kind, _), group in reads.items()])
    found = _absent_together(found)
    covered = {path for item in found for path in (item.path, *item.unpinned) if item.kind is not ReadKind.UNKNOWN}
    downloads = [item.path for item in found if item.kind is ReadKind.DOWNLOAD and item.path]
    return (*found, *items.lying(covered, downloads))


def _without_parts(items: list[DataItem]) -> list[DataItem]:
    """Unpinned files in a folder that is an unpinned item itself are part of it: one cause, read in several places."""
    folders = [item for item in items if item.kind is ReadKind.FOLDER and item.state is PinState.UNPINNED]
    outer = [
        one
        for one in folders
        if not any(one.path.startswith(f"{other.path}/") for other in folders if other is not one)
    ]
    reads = {one.path: list(one.reads) for one in outer}
    left: list[DataItem] = []
    for item in items:
        is_loose = item.state is PinState.UNPINNED and item.kind in {ReadKind.FILE, ReadKind.FOLDER}
        home = next((one for one in outer if is_loose and item.path.startswith(f"{one.path}/")), None)
        if home is None:
            left.append(item)
        else:
            reads[home.path] += item.reads
    return [
        msgspec.structs.replace(item, reads=tuple(reads[item.path])) if any(item is one for one in outer) else item
        for item in left
    ]


def _absent_together(items: list[DataItem]) -> list[DataItem]:
    """Absent paths that one call reads, or of which one lies in the other, are one item: `…/train` and `…/val` of one root."""
    groups: list[list[DataItem]] = []
    for item in items:
        if item.kind not in {ReadKind.OUTSIDE, ReadKind.MISSING}:
            continue
        joined = [group for group in groups if any(_is_one_place(item, other) for other in group)]
        for group in joined:
            groups.remove(group)
        groups.append([one for group in joined for one in group] + [item])
    merged = {id(one): group for group in groups if len(group) > 1 for one in group}
    left: list[DataItem] = []
    for item in items:
        parts = merged.get(id(item), [item])
        if len(parts) == 1:
            left.append(item)
        elif item is parts[0]:
            path = posixpath.commonpath([one.path for one in parts])
            reads = {read.location: read for one in reversed(parts) for read in reversed(one.reads)}
            left.append(msgspec.structs.replace(item, path=path, reads=tuple(reversed(reads.values()))))
    return left


def _is_one_place(item: DataItem, other: DataItem) -> bool:
    if item.kind is not other.kind:
        return False
    shorter, longer = sorted((item.path.rstrip("/"), other.path.rstrip("/")), key=len)
    if longer == shorter or longer.startswith(f"{shorter}/"):
        return True
    if not {read.location for read in item.reads} & {read.location for read in other.reads}:
        return False
    # Nothing in common but the root of a file system is no place.
    return posixpath.dirname(item.path) == posixpath.dirname(other.path) not in {"", "/", "~"}


class _Items:
    def __init__(self, tree: FileTree, data_files: DataFiles, git: GitFacts, knowledge: Knowledge) -> None:
        self._tree = tree
        self._data_files = data_files
        self._git = git
        self._known = knowledge.data
        self._ignored = frozenset(git.ignored) if isinstance(git, GitState) else frozenset[str]()

    def read(self, kind: ReadKind, reads: tuple[DataRead, ...]) -> DataItem:
        """What one or more calls read from one place."""
        first = reads[0]
        item = DataItem(first.path, kind, PinState.UNKNOWN, reads)
        replace = msgspec.structs.replace
        match kind:
            case ReadKind.FILE:
                return self._files(item, [first.path])
            case ReadKind.FOLDER:
                return self._files(item, list(self._in_folder(first)))
            case ReadKind.MISSING | ReadKind.OUTSIDE:
                return replace(item, state=PinState.UNPINNED, is_absent=True)
            case ReadKind.URL:
                return replace(item, state=PinState.UNPINNED, is_absent=True)
            case ReadKind.STORAGE:
                state = PinState.PINNED if _VERSION.search(first.path) else PinState.UNPINNED
                return replace(item, state=state, is_absent=True)
            case ReadKind.DOWNLOAD:
                state = PinState.CHECKED if first.is_checked else PinState.UNPINNED
                return replace(item, state=state, is_absent=True)
            case ReadKind.BUNDLED:
                return replace(item, state=PinState.PINNED)
            case ReadKind.LAKEFS if (kind_of_ref := ref_kind(ref_of_address(first.path))) is not RefKind.UNKNOWN:
                if kind_of_ref is RefKind.MAYBE_TAG:
                    reason = text("{path} may name a tag, which stays, or a branch, which moves.", path=first.path)
                    return replace(item, is_absent=True, reason=reason)
                state = PinState.PINNED if kind_of_ref is RefKind.COMMIT else PinState.UNPINNED
                return replace(item, state=state, is_absent=True)
            case ReadKind.HUB:
                is_pinned = all(read.is_pinned_by_call for read in reads)
                return replace(item, state=PinState.PINNED if is_pinned else PinState.UNPINNED, is_absent=True)
            case _:
                return replace(item, is_absent=True, reason=_why_unknown(kind, first))

    def lying(self, covered: set[str], downloads: list[str]) -> Iterator[DataItem]:
        """Data files that no reading call was seen for; many without a pin in one folder are one item."""
        loose: dict[str, list[DataItem]] = defaultdict(list)
        for entry in self._tree.entries:
            path = entry.path
            if path in covered or not self._counts(path, entry.size) or entry.kind is EntryKind.OTHER:
                continue
            if any(path.startswith(f"{folder}/") for folder in downloads):
                # A library keeps there what it fetches and compares.
                continue
            item = self._files(DataItem(path, ReadKind.FILE, PinState.UNKNOWN), [path])
            if item.state is PinState.UNPINNED:
                loose[posixpath.dirname(path)].append(item)
            else:
                yield item
        for folder in sorted(loose, key=lambda one: one.count("/")):
            items = loose[folder]
            whole = all(not self._pins(path) for path in files_in(folder, self._tree))
            if folder and len(items) >= _MANY and whole:
                # What lies in folders below goes with it.
                for below in [one for one in loose if one.startswith(f"{folder}/")]:
                    items = items + loose[below]
                    loose[below] = []
                paths = tuple(item.path for item in items)
                size = sum(item.size for item in items)
                ignored = all(item.is_ignored for item in items)
                yield DataItem(
                    folder, ReadKind.FOLDER, PinState.UNPINNED, unpinned=paths, size=size, is_ignored=ignored
                )
            else:
                yield from items

    def _counts(self, path: str, size: int) -> bool:
        known = self._known.format_of(path)
        if known is None or size <= self._known.smallest or self._known.is_result(path):
            return False
        return not known.is_ambiguous or self._known.is_in_data_folder(path)

    def _in_folder(self, read: DataRead) -> Iterator[str]:
        """Files of a folder that count when the folder is read: data formats, whatever their size.

        Else all but sources.
        """
        inside = [path for path in files_in(read.path, self._tree) if not path.endswith((".dvc", ".gitignore"))]
        known = [path for path in inside if self._known.format_of(path) is not None]
        yield from known or (path for path in inside if not path.endswith(_SOURCES))

    def _files(self, item: DataItem, paths: list[str]) -> DataItem:
        replace = msgspec.structs.replace
        held = self._data_files.entry_of(item.path)
        here = [path for path in paths if path in self._tree]
        if held is not None and (item.kind is ReadKind.FOLDER or not here):
            return replace(item, state=PinState.PINNED, pins=self._pins(item.path), is_absent=not here)
        pins: dict[tuple[str, str], Pin] = {}
        unpinned: list[str] = []
        for path in here:
            found = self._pins(path)
            if not found:
                unpinned.append(path)
            for pin in found:
                pins.setdefault((pin.kind, pin.identifier), pin)
        known = tuple(pins.values())
        if not unpinned:
            # A folder without a file of data in it says nothing about data.
            state = PinState.PINNED if here else PinState.UNKNOWN
            reason = None if here else text("No file in {path} has a format of data.", path=item.path)
            return replace(item, state=state, pins=known, reason=reason)
        sizes = self._tree.by_path
        item = replace(
            item,
            pins=known,
            unpinned=tuple(unpinned),
            size=sum(sizes[path].size for path in unpinned),
            is_ignored=all(path in self._ignored for path in unpinned),
        )
        if isinstance(self._git, Unavailable):
            reason = text("Git could not be read, so it is not known whether {path} is committed.", path=item.path)
            return replace(item, reason=reason)
        mechanism = self._unread_above(item.path)
        if mechanism is not None:
            reason = text(
                "{path} may be held by {mechanism}, which is not read yet.", path=item.path, mechanism=mechanism
            )
            return replace(item, reason=reason)
        return replace(item, state=PinState.UNPINNED)

    def _pins(self, path: str) -> tuple[Pin, ...]:
        return self._data_files.pins(path, self._git)

    def _unread_above(self, path: str) -> str | None:
        """A mechanism that is not read and whose mark lies beside the path or above it."""
        for mechanism in self._data_files.unread:
            if _may_hold(mechanism, path):
                return mechanism.name
        return None


def _may_hold(mechanism: UnreadMechanism, path: str) -> bool:
    folder = posixpath.dirname(mechanism.location.path)
    return not folder or f"{path}/".startswith(f"{folder}/")


def _why_unknown(kind: ReadKind, read: DataRead) -> Text:
    match kind:
        case ReadKind.LAKEFS:
            return text("Which ref of lakeFS {path} names is known only when the program runs.", path=read.path)
        case _:
            return text("Which file {call} reads is decided only when the program runs.", call=read.call)


class DataAnswer(msgspec.Struct, frozen=True):
    """What the answer to "Is the data versioned?" rests on, the split apart.

    `state` is "yes", "partly", "no" or "cannot-tell" for the data alone; `why` is one sentence for it. `has_reads`
    tells a project whose data is known from one where nothing was found that reads any.
    """

    state: str
    why: Text
    pinned: tuple[DataItem, ...] = ()
    checked: tuple[DataItem, ...] = ()
    unpinned: tuple[DataItem, ...] = ()
    unknown: tuple[DataItem, ...] = ()


def data_answer_facts(
    tree: FileTree,
    data_files: DataFiles,
    git: GitFacts,
    program: Program | Unavailable,
    launchers: Launchers | Unavailable,
    knowledge: Knowledge,
) -> DataAnswer:
    """How the data stands; `partly` already when one item is pinned and another is not, `no` when none is."""
    items = data_items(tree, data_files, git, program, launchers, knowledge)
    groups = {state: tuple(item for item in items if item.state is state) for state in PinState}
    pinned, checked = groups[PinState.PINNED], groups[PinState.CHECKED]
    unpinned, unknown = groups[PinState.UNPINNED], groups[PinState.UNKNOWN]
    names = {"pinned": len(pinned), "total": len(items)}
    state, why = "yes", text("All data that the program reads, or that lies in the project, is pinned.")
    if not items:
        state, why = "cannot-tell", text("Nothing was found that reads data, and no data lies in the project.")
        if isinstance(program, Unavailable):
            why = program.reason
    elif unpinned and not pinned and not checked:
        state, why = "no", text("None of the data is pinned.")
    elif checked and not unpinned and not pinned:
        state, why = "partly", text("Data is downloaded and compared with a checksum; nothing else pins it.")
    elif checked:
        names["checked"] = len(checked)
        more = (
            "{pinned} of {total} {total:piece|pieces} of data {pinned:is|are} pinned; "
            "{checked} more {checked:is|are} compared with a checksum."
        )
        state, why = "partly", text(more, **names)
    elif unpinned:
        state, why = "partly", text("{pinned} of {total} {total:piece|pieces} of data {pinned:is|are} pinned.", **names)
    elif unknown:
        state, why = "cannot-tell", unknown[0].reason or text("Some of the data could not be judged.")
    return DataAnswer(state, why, pinned, checked, unpinned, unknown)


def shown_names(paths: Iterable[str], most: int = 3) -> str:
    """The first few names of many, for a sentence."""
    listed = list(paths)
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")


def dvc_targets(path: str, is_folder: bool, tree: FileTree, data_files: DataFiles, git: GitFacts) -> tuple[str, ...]:
    """What to give to `dvc add` for one item: the folder as a whole where it holds nothing else, else its files."""
    if not is_folder:
        return () if data_files.pins(path, git) else (path,)
    inside = list(files_in(path, tree))
    loose = [one for one in inside if not data_files.pins(one, git)]
    if len(loose) == len(inside) and not any(one.endswith(_SOURCES) for one in inside):
        return (path,) if inside else ()
    return tuple(one for one in loose if not one.endswith((*_SOURCES, ".gitignore", ".dvc")))
