"""The data that the program reads: from where, and whether it is a file of the project."""

from __future__ import annotations

import posixpath
import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.events import Attribute, Call, Constant, Name, Value
from repro_gui.facts.fetch_commands import FetchCommand, fetch_commands
from repro_gui.facts.known_data import DataReader, ReadSource
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.path_values import NOTHING_KNOWN, PathReader, WrittenPath, path_reader
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program


class ReadKind(StrEnum):
    """Where the data of one reading call is."""

    FILE = "file"  # a file of the project, here or held by DVC
    FOLDER = "folder"  # a folder of the project
    MISSING = "missing"  # a path in the project at which there is nothing
    OUTSIDE = "outside"  # an absolute or home path, or one that leaves the project
    URL = "url"
    LAKEFS = "lakefs"
    STORAGE = "storage"  # s3://, gs:// and the like
    HUB = "hub"
    DOWNLOAD = "download"
    BUNDLED = "bundled"  # comes with the library
    UNKNOWN = "unknown"


class DataRead(msgspec.Struct, frozen=True):
    """One thing that a call reads.

    `call` is the canonical name of the call. `path` is relative to the project for files and folders, as written for
    the rest. `is_pinned_by_call`: a full commit as revision. `is_checked`: the library compares what it fetched with
    a digest of its own. `is_general`: the call reads anything, and only the format says that it is data.
    """

    call: str
    location: Location
    kind: ReadKind
    path: str = ""
    symbol: str = ""
    revision: str = ""
    is_pinned_by_call: bool = False
    is_checked: bool = False
    is_general: bool = False


_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_URL_SCHEMES = frozenset({"http", "https", "ftp"})
_PATH_NAMES = (
    "path", "file", "filename", "fname", "filepath", "fp", "root", "dir", "directory", "io", "uri", "source", "name",
    "filepath_or_buffer", "path_or_buf", "data_files", "data_dir", "url",
)  # fmt: skip
# What `datasets.load_dataset` reads by itself, given `data_files` (its documentation, "Load": local and remote files).
_BUILDERS = frozenset(
    {"csv", "json", "text", "parquet", "arrow", "pandas", "sql", "xml", "webdataset", "hdf5", "lance"}
    | {"imagefolder", "audiofolder", "videofolder", "pdffolder"}
)


def data_reads(
    program: Program, launchers: Launchers | Unavailable, tree: FileTree, data_files: DataFiles, knowledge: Knowledge
) -> tuple[DataRead, ...]:
    """Everything that the way to results reads as data, in the order of the program; each path once per call.

    What the project's programs write, and what lies in folders of results, is their product and left out. What a command
    of the project fetches stands for what is read of it.
    """
    return program.once(_find_reads, launchers, tree, data_files, knowledge)


def _find_reads(
    program: Program, launchers: Launchers | Unavailable, tree: FileTree, data_files: DataFiles, knowledge: Knowledge
) -> tuple[DataRead, ...]:
    return tuple(_Reads(program, launchers, tree, data_files, knowledge).find())


class _Reads:
    def __init__(
        self,
        program: Program,
        launchers: Launchers | Unavailable,
        tree: FileTree,
        data_files: DataFiles,
        knowledge: Knowledge,
    ) -> None:
        self._program = program
        self._paths = path_reader(program)
        self._tree = tree
        self._data_files = data_files
        self._known = knowledge.data
        self._canonical = knowledge.randomness.canonical
        self._folders = {folder for entry in tree.entries for folder in _folders_above(entry.path)} | {
            folder for path in data_files.output_paths for folder in _folders_above(path)
        }
        self._products: set[str] = set()
        self._homes: dict[str, list[str]] = {}
        # Folders in which the program makes files whose names are known only when it runs.
        self._made_in: set[str] = set()
        self._fetched: dict[str, list[FetchCommand]] = {}
        self._note_products()
        if isinstance(launchers, Launchers):
            self._note_fetched(launchers)

    def find(self) -> Iterator[DataRead]:
        seen: set[tuple[Location, ReadKind, str]] = set()
        for site in self._program.calls():
            reader = self._reader(site)
            if reader is None:
                continue
            for read in self._reads(site, reader):
                key = (read.location, read.kind, read.path)
                if key not in seen:
                    seen.add(key)
                    yield read

    def _reader(self, site: CallSite) -> DataReader | None:
        name = self._name(site)
        return self._known.reader(name) or self._known.reader(_method_of(name)) if name else None

    def _name(self, site: CallSite) -> str:
        if site.target.name:
            return self._canonical(site.target.name)
        return f".{site.target.method}" if site.target.method else ""

    def _reads(self, site: CallSite, reader: DataReader) -> Iterator[DataRead]:
        call = site.call
        blank = DataRead(
            self._name(site), site.location, ReadKind.UNKNOWN, symbol=site.symbol, is_general=reader.is_general
        )
        argument = _argument(call, reader)
        match reader.source:
            case ReadSource.BUNDLED:
                yield msgspec.structs.replace(blank, kind=ReadKind.BUNDLED)
            case ReadSource.DOWNLOAD if _fetches(call, reader):
                path = next((self._download_folder(site, one) for one in self._written_by(site, argument)), "")
                yield msgspec.structs.replace(blank, kind=ReadKind.DOWNLOAD, path=path, is_checked=reader.is_checked)
            case ReadSource.HUB:
                yield from self._hub(site, reader, argument, blank)
            case _:
                # What a library does not fetch here must be there already.
                if not _writes(call, reader):
                    yield from self._files(site, reader, argument, blank)

    def _download_folder(self, site: CallSite, one: WrittenPath) -> str:
        """Where a library keeps what it fetches, as a path of the project where it lies in it; an address as it is."""
        if _SCHEME.match(one.path):
            return one.path
        found = self._candidates(site, one.path, from_project=one.from_project) if one.is_known else []
        return next((path for path in found if path in self._folders), found[0] if found else one.path)

    def _hub(self, site: CallSite, reader: DataReader, argument: Value | None, blank: DataRead) -> Iterator[DataRead]:
        local = site.call.argument("data_files") or site.call.argument("data_dir")
        written = self._written_by(site, argument)
        name = written[0].path if written and written[0].is_known else ""
        # load_dataset("csv", data_files=…) and load_dataset("./folder") read files; `data_files` of anything else lie in it.
        is_folder = name.startswith((".", "/", "~")) or (name in self._folders and "/" not in name.strip("/"))
        if local is not None and name in _BUILDERS:
            yield from self._files(site, reader, local, blank)
            return
        if is_folder:
            yield from self._files(site, reader, argument if local is None else local, blank)
            return
        given = site.call.argument(reader.revision) if reader.revision else None
        revision = next((one.path for one in self._written_by(site, given)), "") if given is not None else ""
        yield msgspec.structs.replace(
            blank,
            kind=ReadKind.HUB,
            path=name,
            revision=revision,
            is_pinned_by_call=bool(_COMMIT.fullmatch(revision) or _COMMIT.fullmatch(name.rpartition(":")[2]))
            or (
                reader.revision == "data_id" and (revision.isdecimal() or _is_number(site.call.argument("version", 1)))
            ),
        )

    def _files(self, site: CallSite, reader: DataReader, argument: Value | None, blank: DataRead) -> Iterator[DataRead]:
        if argument is None:
            if site.call.has_star and not reader.is_general and not reader.reads_products:
                yield blank
            return
        written = self._written_by(site, argument)
        if not written and not site.is_conditional and not isinstance(argument, Constant):
            # An option without a default that is used all the same: somebody must give it.
            written = (NOTHING_KNOWN,)
        for one in written:
            read = self._placed(site, reader, one, blank)
            if read is None:
                continue
            if not self._is_product(read):
                yield read
                continue
            for command in self._fetches_of(read):
                place = msgspec.structs.replace
                yield place(
                    read,
                    kind=ReadKind.DOWNLOAD,
                    path=", ".join(command.urls) or command.program,
                    location=command.location,
                    call=command.program,
                    is_checked=command.is_compared,
                )

    def _placed(self, site: CallSite, reader: DataReader, one: WrittenPath, blank: DataRead) -> DataRead | None:
        """Where a written path leads; None where it says nothing about data."""
        place = msgspec.structs.replace
        scheme = _SCHEME.match(one.path)
        if one.open_start:
            found = self._by_end(one)
            if found is not None:
                return self._of_format(place(blank, kind=ReadKind.FILE, path=found))
            return None if reader.is_general or reader.reads_products else blank
        if not one.path:
            return None
        if scheme is not None and scheme[1].lower() != "file":
            name = scheme[1].lower()
            kind = ReadKind.URL if name in _URL_SCHEMES else ReadKind.LAKEFS if name == "lakefs" else ReadKind.STORAGE
            return place(blank, kind=kind, path=one.path)
        return self._in_project(site, reader, one, blank)

    def _in_project(self, site: CallSite, reader: DataReader, one: WrittenPath, blank: DataRead) -> DataRead | None:
        place = msgspec.structs.replace
        written = one.path.removeprefix("file://")
        if written.startswith(("/", "~")) or _WINDOWS_DRIVE.match(written):
            return self._of_format(place(blank, kind=ReadKind.OUTSIDE, path=written))
        path = written
        if pattern := re.search(r"[*?\[]", written):
            path = written[: pattern.start()].rpartition("/")[0] or "."
        candidates = self._candidates(site, path, from_project=one.from_project)
        if not candidates:
            leads_out = posixpath.normpath(path).startswith("..")
            return self._of_format(place(blank, kind=ReadKind.OUTSIDE, path=written)) if leads_out else None
        for candidate in candidates:
            kind = self._kind(candidate)
            if kind is not None:
                return self._of_format(place(blank, kind=kind, path=candidate))
        if reader.is_general or (reader.reads_products and not one.open_end):
            return None
        return place(blank, kind=ReadKind.MISSING, path=candidates[0])

    def _candidates(self, site: CallSite, path: str, *, from_project: bool) -> list[str]:
        """Places in the project that a relative path may mean: from its top, where the module or an entry point lies."""
        folders = [""]
        if not from_project:
            # The kernel of a notebook works in the notebook's folder.
            folders = [*self._notebook_folders(site.module.path), ""]
            folders += [posixpath.dirname(site.module.path)]
            folders += [posixpath.dirname(entry.path) for entry in self._program.result_entry_points]
            # Programs are also started from folders in between (`cd src && python pkg/train.py`).
            folders += [above for folder in folders[1:] for above in _folders_above(folder)]
        found = dict.fromkeys(posixpath.normpath(posixpath.join(folder, path)) for folder in folders)
        return [place for place in found if place not in {".", ".."} and not place.startswith(("../", "/"))]

    def _kind(self, path: str) -> ReadKind | None:
        if path in self._tree or path in self._data_files.output_paths:
            entry = self._data_files.output_paths.get(path)
            return ReadKind.FOLDER if entry is not None and entry.is_folder else ReadKind.FILE
        if path in self._folders:
            return ReadKind.FOLDER
        held = self._data_files.entry_of(path)
        return None if held is None else ReadKind.FILE

    def _by_end(self, one: WrittenPath) -> str | None:
        """The one file of the project that ends like a path of which only the end is known."""
        if one.open_end or not self._known.format_of(one.path):
            return None
        end = "/" + one.path.removeprefix("./")
        paths = {entry.path for entry in self._tree.entries} | set(self._data_files.output_paths)
        found = [path for path in paths if f"/{path}".endswith(end)]
        return found[0] if len(found) == 1 else None

    def _of_format(self, read: DataRead) -> DataRead | None:
        """Of a call that reads anything, only what is in a format of data."""
        if not read.is_general:
            return read
        if read.kind is ReadKind.FOLDER:
            return read if any(True for _ in self.data_in(read.path)) else None
        return read if self.is_data(read.path) else None

    def data_in(self, folder: str) -> Iterator[str]:
        """Files of a folder that are data by their format."""
        return (path for path in files_in(folder, self._tree) if self.is_data(path))

    def is_data(self, path: str) -> bool:
        """True for a data format; for one that may be something else only in a folder for data, or when it is large."""
        known = self._known.format_of(path)
        if known is None or not known.is_ambiguous:
            return known is not None
        entry = self._tree.by_path.get(path)
        return self._known.is_in_data_folder(path) or (entry is not None and entry.size > self._known.smallest)

    def _is_product(self, read: DataRead) -> bool:
        if read.kind not in {ReadKind.FILE, ReadKind.FOLDER, ReadKind.MISSING}:
            return False
        if read.path in self._data_files.output_paths:
            return False
        above = (read.path, *_folders_above(read.path))
        is_written = any(path in self._products for path in above)
        is_here = read.kind is ReadKind.FILE or any(True for _ in files_in(read.path, self._tree))
        is_written = is_written or (not is_here and any(path in self._made_in for path in above))
        if read.kind is ReadKind.FOLDER and not any(True for _ in self.data_in(read.path)):
            # A folder of folders that programs fill: which one it is, is known only when it runs.
            is_written |= any(path.startswith(f"{read.path}/") for path in (*self._made_in, *self._products))
        return is_written or self._known.is_result(read.path) or self._known.is_result(f"{read.path}/")

    def _notebook_folders(self, path: str) -> list[str]:
        """Folders of the notebooks that reach a module, where no script does."""
        if path not in self._homes:
            starts = [
                entry.path for entry in self._program.entry_points if path in self._program.reached_from(entry.path)
            ]
            are_notebooks = all(self._program.modules[start].is_notebook for start in starts)
            self._homes[path] = [posixpath.dirname(start) for start in starts] if are_notebooks else []
        return self._homes[path]

    def _note_products(self) -> None:
        """Paths that programs of the project write, folders that they make, and where they let a library put what it fetches.

        What one of them prepares, another one reads; what tests write, none does.
        """
        entries = [one for one in self._program.entry_points if one.role != "tests"]
        reach = self._program.code.reach([entry.start for entry in entries])
        calls = [step for step in self._program.code.steps(reach) if isinstance(step, CallSite)]
        paths = PathReader(self._program, calls)
        for site in calls:
            name = self._name(site)
            writer = self._known.writer(name) or self._known.writer(_method_of(name)) if name else None
            reader = self._reader(site)
            argument: Value | None = None
            fills = False
            if writer is not None and writer.on_path:
                argument = _owner(site.call)
            elif writer is not None:
                argument = site.call.argument(writer.parameter, writer.position) or _by_usual_name(site.call)
                fills = writer.fills
            elif reader is not None and (_writes(site.call, reader) or _fetches(site.call, reader)):
                argument = _argument(site.call, reader)
            for one in () if argument is None else paths.paths(site.module.path, site.symbol, argument):
                if not one.is_known or _SCHEME.match(one.path):
                    continue
                for path in self._candidates(site, one.path, from_project=one.from_project)[:1]:
                    if one.open_end or fills or path in self._folders:
                        # What the folder holds already may be data all the same.
                        self._made_in.add(path)
                    else:
                        # numpy.save adds its suffix to a name without one.
                        self._products.update(
                            {path, f"{path}.npy", f"{path}.npz"} if name.startswith("numpy.save") else {path}
                        )

    def _note_fetched(self, launchers: Launchers) -> None:
        """Where commands of the project put what they fetch or unpack, seen from the project's folder and from theirs."""
        for command in fetch_commands(self._program, launchers):
            if not command.into or set(command.into) & set("$`{*"):
                continue
            for folder in dict.fromkeys(("", posixpath.dirname(command.location.path))):
                path = posixpath.normpath(posixpath.join(folder, command.into))
                if path in {".", ".."} or path.startswith(("../", "/", "~")):
                    continue
                if command.is_folder or path in self._folders:
                    self._made_in.add(path)
                else:
                    self._products.add(path)
                if command.urls or command.program in {"kaggle", "huggingface-cli", "hf"}:
                    self._fetched.setdefault(path, []).append(command)

    def _fetches_of(self, read: DataRead) -> Iterator[FetchCommand]:
        """The commands that fetch what is read, when a program of the project does not make it from something else."""
        for path in (read.path, *_folders_above(read.path)):
            if path in self._fetched:
                yield from self._fetched[path]
                return

    def _written_by(self, site: CallSite, argument: Value | None) -> tuple[WrittenPath, ...]:
        return () if argument is None else self._paths.paths(site.module.path, site.symbol, argument)


def files_in(folder: str, tree: FileTree) -> Iterator[str]:
    """Paths of all files of the tree in a folder and below."""
    prefix = f"{folder}/"
    return (entry.path for entry in tree.entries if entry.path.startswith(prefix))


def _method_of(name: str) -> str:
    """The method's name of a thing whose type is known, as knowledge lists methods of anything."""
    return f".{name.rpartition('.')[2]}"


def _argument(call: Call, reader: DataReader) -> Value | None:
    return call.argument(reader.parameter, reader.position) or _by_usual_name(call)


def _owner(call: Call) -> Value | None:
    """What a method is called on."""
    target = call.target
    if isinstance(target, Attribute):
        return target.of
    if isinstance(target, Name) and "." in target.dotted:
        dotted = target.dotted.rpartition(".")[0]
        return Name(target.line, target.column, target.end_line, target.end_column, dotted)
    return None


def _by_usual_name(call: Call) -> Value | None:
    """Libraries name the first parameter differently; so do their versions."""
    return next((keyword.value for keyword in call.keywords if keyword.name in _PATH_NAMES), None)


def _fetches(call: Call, reader: DataReader) -> bool:
    """True for a call that has a library fetch its data."""
    is_download = reader.source is ReadSource.DOWNLOAD
    return is_download and (not reader.when or _is_true(call.argument(reader.when)))


def _writes(call: Call, reader: DataReader) -> bool:
    """True for `open(path, "w")` and its kin."""
    if reader.mode < 0:
        return False
    mode = call.argument("mode", reader.mode)
    return isinstance(mode, Constant) and isinstance(mode.value, str) and bool(set(mode.value) & set("wax"))


def _is_number(value: Value | None) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, int)


def _is_true(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, Constant) and value.value in {False, None})


def _folders_above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
