"""What is known of data: file formats, the calls that read and write files, and the folders that hold results.

The facts are in `resources/knowledge/data.toml`; these are their types. Names of calls are dotted and canonical, a
leading `.` stands for a method of anything.
"""

from __future__ import annotations

import posixpath
from enum import StrEnum
from functools import cached_property

import msgspec

from repro_gui.facts.known_randomness import NameTable


class FormatKind(StrEnum):
    """What a data format holds."""

    TABLE = "table"
    ARRAY = "array"
    IMAGE = "image"
    SOUND = "sound"
    VIDEO = "video"
    TEXT = "text"
    ARCHIVE = "archive"
    DATABASE = "database"
    WEIGHTS = "weights"


class DataFormat(msgspec.Struct, frozen=True):
    """A file format; `suffixes` are lower case with their dot, compressed ones included (`.csv.gz`).

    `is_ambiguous` marks formats that also hold configurations, prose or figures: they count as data by where they lie
    or because the program reads them with a reader of data, never by the suffix alone.
    """

    id: str
    title: str
    kind: FormatKind
    suffixes: tuple[str, ...]
    is_ambiguous: bool = False


class ReadSource(StrEnum):
    """Where a reading call takes its data from."""

    PATH = "path"
    FOLDER = "folder"
    DOWNLOAD = "download"
    HUB = "hub"
    BUNDLED = "bundled"


class DataReader(msgspec.Struct, frozen=True):
    """Calls that read data; `parameter` (`position` from 0) says what.

    `is_general`: reads anything, so only paths in a data format count. `reads_products`: mostly reads what runs left,
    so a path that is not known says nothing. `mode` is the position of a parameter of
    that name with which it may write ("w"), -1 for none. `is_checked`: the
    library compares what it fetched with a digest of its own. `revision` is the parameter that pins what a hub gives.
    `when` is a parameter that must be true for the call to fetch.
    """

    names: tuple[str, ...]
    parameter: str = ""
    position: int = 0
    source: ReadSource = ReadSource.PATH
    is_general: bool = False
    reads_products: bool = False
    mode: int = -1
    is_checked: bool = False
    revision: str = ""
    when: str = ""


class DataWriter(msgspec.Struct, frozen=True):
    """Calls that write a file or make a folder: what is read from there again is the program's own product.

    `fills`: they put files of names of their own into a folder. `on_path`: methods of the path that is written.
    """

    names: tuple[str, ...]
    parameter: str = ""
    position: int = 0
    fills: bool = False
    on_path: bool = False


class DataKnowledge(msgspec.Struct, frozen=True, dict=True):
    """Everything known of data. `smallest` is the size in bytes above which a file lying in the project counts.

    `result_folders` are names of folders that hold what runs leave behind, `data_folders` names of folders for data;
    both lower case.
    """

    smallest: int = 100_000
    formats: tuple[DataFormat, ...] = ()
    readers: tuple[DataReader, ...] = ()
    writers: tuple[DataWriter, ...] = ()
    result_folders: tuple[str, ...] = ()
    data_folders: tuple[str, ...] = ()

    def format_of(self, path: str) -> DataFormat | None:
        """The format that a file's name says it has; the longest suffix counts."""
        name = posixpath.basename(path).lower()
        position = name.find(".", 1)
        while position > 0:
            found = self._formats.get(name[position:])
            if found is not None:
                return found
            position = name.find(".", position + 1)
        return None

    def reader(self, name: str) -> DataReader | None:
        """How a call of that canonical name (or `.method`) reads data."""
        found: DataReader | None = self._readers.get(name)
        return found

    def writer(self, name: str) -> DataWriter | None:
        """How a call of that canonical name (or `.method`) writes."""
        found: DataWriter | None = self._writers.get(name)
        return found

    def is_result(self, path: str) -> bool:
        """True for what lies in a folder of results, logs or caches; of two names the outer one decides."""
        for part in posixpath.dirname(path).lower().split("/"):
            if part in self._result_folders or part in self._data_folders:
                return part in self._result_folders
        return False

    def is_in_data_folder(self, path: str) -> bool:
        """True for what lies in a folder named for data."""
        return any(part.lower() in self._data_folders for part in posixpath.dirname(path).split("/"))

    @cached_property
    def _formats(self) -> dict[str, DataFormat]:
        return {suffix: known for known in self.formats for suffix in known.suffixes}

    @cached_property
    def _readers(self) -> NameTable:
        return NameTable(self.readers)

    @cached_property
    def _writers(self) -> NameTable:
        return NameTable(self.writers)

    @cached_property
    def _result_folders(self) -> frozenset[str]:
        return frozenset(self.result_folders)

    @cached_property
    def _data_folders(self) -> frozenset[str]:
        return frozenset(self.data_folders)
