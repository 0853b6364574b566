"""Reads what a project's READMEs and data sheets say about its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.documents import (
    DOCUMENT_VERSION,
    MOST_BYTES,
    Document,
    Documents,
    is_document,
    read_document,
)
from repro_gui.gather.read_each import FileKind, entries_named, never_moved, read_each
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress


def gather_documents(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Documents:
    """Look through READMEs, data sheets and documentation; one that cannot be read says so in its record."""
    kind = FileKind(
        Document,
        f"documents/{DOCUMENT_VERSION}",
        min(MOST_BYTES, settings.limits.config_bytes),
        read_document,
        _not_read,
        never_moved,
        text("Reading documents"),
    )
    return Documents(tuple(read_each(kind, opened, entries_named(opened, tree, is_document), progress, cache)))


def _not_read(path: str, reason: Text) -> Document:
    return Document(path, not_read=reason)
