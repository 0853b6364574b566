"""Notebooks as documents: cells and their order of execution, and their code as one module each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.sources import ModuleSummary
from repro_gui.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotebookCell(msgspec.Struct, frozen=True, array_like=True):
    """A cell; `kind` is "code", "markdown" or "raw"; `execution_count` 0 = never ran or cleared."""

    kind: str
    execution_count: int = 0
    has_outputs: bool = False
    is_empty: bool = False


class Notebook(msgspec.Struct, frozen=True, array_like=True):
    """A notebook; with `not_read` nothing else is known, `module` is None for kernels that are not Python."""

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
        return self
