"""Notebooks as documents: cells and their order of execution, and their code as one module each."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.sources import CellStart, ModuleSummary, NotParsed, WideLine
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Mapping

# Goes into the cache key of notebooks, as `sources.SUMMARISER_VERSION` does.
NOTEBOOK_VERSION = 1
_LONGEST_NAME = 100


class NotebookCell(msgspec.Struct, frozen=True, array_like=True):
    """A cell; `kind` is "code", "markdown" or "raw"; `execution_count` 0 = never ran or cleared."""

    kind: str
    execution_count: int = 0
    has_outputs: bool = False
    is_empty: bool = False


class Notebook(msgspec.Struct, frozen=True, array_like=True):
    """A notebook; with `not_read` nothing else is known, `module` is None for kernels that are not Python.

    `cells` holds all cells; the index in it is the `cell` of locations.
    """

    path: str
    version: int = 4
    kernel: str = ""
    language: str = ""
    cells: tuple[NotebookCell, ...] = ()
    module: ModuleSummary | None = None
    not_read: Text | None = None


class Notebooks(msgspec.Struct, frozen=True, dict=True):
    """All notebooks of the project in path order."""

    notebooks: tuple[Notebook, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, Notebook]:
        """Notebooks by path."""
        return {notebook.path: notebook for notebook in self.notebooks}

    def after(self, contents: Mapping[str, bytes | None]) -> Notebooks:
        """The facts as they would be with these file contents (None = gone)."""
        changed = {path: content for path, content in contents.items() if is_notebook(path)}
        if not changed:
            return self
        notebooks = dict(self.by_path)
        for path, content in changed.items():
            if content is None:
                notebooks.pop(path, None)
            else:
                notebooks[path] = read_notebook(path, content)
        return msgspec.structs.replace(self, notebooks=tuple(notebooks[path] for path in sorted(notebooks)))


def is_notebook(path: str) -> bool:
    """True for the names of notebooks; Jupyter's own copies are none."""
    return path.endswith(".ipynb") and "/.ipynb_checkpoints/" not in f"/{path}"


class _CellDocument(msgspec.Struct):
    """What is read of a cell of the formats 3 and 4; outputs are skipped, they can be large."""

    cell_type: Any = "code"
    source: Any = None
    input: Any = None
    execution_count: Any = None
    prompt_number: Any = None
    outputs: msgspec.Raw = msgspec.Raw(b"[]")


class _Worksheet(msgspec.Struct):
    cells: list[_CellDocument] = []


class _Kernel(msgspec.Struct):
    name: Any = ""
    language: Any = ""


class _Metadata(msgspec.Struct):
    kernelspec: _Kernel | None = None
    language_info: _Kernel | None = None


class _Document(msgspec.Struct):
    nbformat: Any = 4
    metadata: _Metadata | None = None
    cells: list[_CellDocument] | None = None
    worksheets: list[_Worksheet] | None = None


def read_notebook(path: str, content: bytes) -> Notebook:
    """Read a notebook of format 3 or 4; never raises: what cannot be read is `not_read` with its reason."""
    document = _decode(content)
    if isinstance(document, Text):
        return Notebook(path, not_read=document)
    raw = document.cells
    if raw is None:
        raw = [cell for sheet in document.worksheets or () for cell in sheet.cells]
        if document.worksheets is None:
            return Notebook(path, not_read=text("It is JSON, but not a notebook: it has no cells."))
    metadata = document.metadata or _Metadata()
    kernel = metadata.kernelspec or _Kernel()
    language = _word((metadata.language_info or _Kernel()).name) or _word(kernel.language) or _language_of(kernel.name)
    sources = [_source(cell) for cell in raw]
    cells = tuple(_cell(cell, source) for cell, source in zip(raw, sources, strict=True))
    is_python = language.lower() in {"", "python", "python2", "python3", "ipython", "pyspark", "pythonjvm"}
    return Notebook(
        path,
        version=document.nbformat if isinstance(document.nbformat, int) and 0 < document.nbformat < 100 else 0,
        kernel=_word(kernel.name),
        language=language or "python",
        cells=cells,
        module=_module(path, cells, sources) if is_python else None,
    )


def _decode(content: bytes) -> _Document | Text:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        return text("It is empty.")
    try:
        return msgspec.json.decode(content, type=_Document)
    except msgspec.ValidationError as error:
        return text("It is JSON, but not a notebook ({problem}).", problem=str(error))
    except RecursionError:
        return text("It is nested too deeply to be read.")
    except msgspec.DecodeError as error:
        problem = str(error)
    except UnicodeDecodeError:
        return text("It is not in UTF-8, as notebooks are.")
    # Python's own json also takes NaN, which some tools write into outputs, and lone surrogates.
    try:
        loaded = json.loads(content)
        for cell in loaded.get("cells", ()):
            cell["outputs"] = cell.get("outputs") and [None]
        return msgspec.convert(json.loads(json.dumps(loaded)), _LooseDocument).strict()
    except (ValueError, TypeError, AttributeError, RecursionError, KeyError):
        return text("It is not valid JSON; perhaps it was cut off ({problem}).", problem=problem)


class _LooseCell(msgspec.Struct):
    cell_type: Any = "code"
    source: Any = None
    input: Any = None
    execution_count: Any = None
    prompt_number: Any = None
    outputs: Any = None


class _LooseSheet(msgspec.Struct):
    cells: list[_LooseCell] = []


class _LooseDocument(msgspec.Struct):
    """As `_Document`, for values that are already Python's."""

    nbformat: Any = 4
    metadata: _Metadata | None = None
    cells: list[_LooseCell] | None = None
    worksheets: list[_LooseSheet] | None = None

    def strict(self) -> _Document:
        """The document as the fast reader gives it."""
        sheets = (
            None if self.worksheets is None else [_Worksheet([_strict(c) for c in s.cells]) for s in self.worksheets]
        )
        cells = None if self.cells is None else [_strict(cell) for cell in self.cells]
        return _Document(self.nbformat, self.metadata, cells, sheets)


def _strict(cell: _LooseCell) -> _CellDocument:
    outputs = msgspec.Raw(b"[0]" if cell.outputs else b"[]")
    return _CellDocument(cell.cell_type, cell.source, cell.input, cell.execution_count, cell.prompt_number, outputs)


def _source(cell: _CellDocument) -> str:
    given = cell.source if cell.source is not None else cell.input
    if isinstance(given, list):
        given = "".join(part for part in given if isinstance(part, str))
    return given.replace("\r\n", "\n").replace("\r", "\n") if isinstance(given, str) else ""


def _cell(cell: _CellDocument, source: str) -> NotebookCell:
    kind = cell.cell_type if cell.cell_type in {"code", "markdown", "raw"} else "markdown"
    count = cell.execution_count if cell.execution_count is not None else cell.prompt_number
    return NotebookCell(
        kind,
        count if isinstance(count, int) and 0 < count < 2**31 else 0,
        has_outputs=bytes(cell.outputs).strip() not in {b"[]", b"null", b""},
        is_empty=not source.strip(),
    )


def _word(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def _language_of(kernel: object) -> str:
    """The language, for notebooks that name only their kernel."""
    name = _word(kernel).lower()
    if name in {"ir", "r"} or name.startswith("julia"):
        return "julia" if name.startswith("julia") else "R"
    return ""


def _module(path: str, cells: tuple[NotebookCell, ...], sources: list[str]) -> ModuleSummary:
    from repro_gui.facts.magics import foreign_cell_record, put_back_magics, take_out_magics
    from repro_gui.facts.summarise import parse_cell, summarise_cells, wide_lines

    starts: list[CellStart] = []
    trees: list[tuple[int, int, list[Any]]] = []
    broken: list[tuple[int, NotParsed]] = []
    wide: list[WideLine] = []
    line = 1
    for index, (cell, source) in enumerate(zip(cells, sources, strict=True)):
        if cell.kind != "code" or cell.is_empty:
            continue
        starts.append(CellStart(line, index))
        wide += wide_lines(source, line)
        statements: list[Any] | NotParsed = parse_cell(source, line)
        if isinstance(statements, NotParsed):
            plain = take_out_magics(source)
            if plain.is_foreign:
                statements = [foreign_cell_record(plain.magics[0], source, line)]
            elif plain.magics or plain.source != source:
                statements = parse_cell(plain.source, line)
                if not isinstance(statements, NotParsed):
                    put_back_magics(statements, plain.magics, source, line)
        if isinstance(statements, NotParsed):
            broken.append((index, statements))
            statements = []
        trees.append((index, cell.execution_count, statements))
        line += source.count("\n") + 1
    return summarise_cells(
        path, trees, lines=line - 1, wide=tuple(wide), cells=tuple(starts), broken_cells=tuple(broken)
    )
