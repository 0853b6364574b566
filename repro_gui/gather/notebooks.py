"""Reads the notebooks of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.notebooks import NOTEBOOK_VERSION, Notebook, Notebooks, is_notebook, read_notebook
from repro_gui.facts.sources import SUMMARISER_VERSION
from repro_gui.gather.read_each import FileKind, entries_named, read_each
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress


def gather_notebooks(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Notebooks:
    """Read every notebook; one that is no notebook or was cut off is in the facts with its reason."""
    kind = FileKind(
        Notebook,
        f"notebook/{NOTEBOOK_VERSION}.{SUMMARISER_VERSION}",
        settings.limits.notebook_bytes,
        read_notebook,
        _not_read,
        _moved,
        text("Reading notebooks"),
    )
    return Notebooks(tuple(read_each(kind, opened, entries_named(opened, tree, is_notebook), progress, cache)))


def _not_read(path: str, reason: Text) -> Notebook:
    return Notebook(path, not_read=reason)


def _moved(notebook: Notebook, path: str) -> Notebook:
    module = None if notebook.module is None else msgspec.structs.replace(notebook.module, path=path)
    return msgspec.structs.replace(notebook, path=path, module=module)
