"""Which files of a project a result comes from, and how surely that is known."""

from __future__ import annotations

import msgspec

from repro_gui.facts.file_roles import PYTHON_SUFFIXES, ROLES_OF_THE_PROGRAM, FileRole, role_of
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable


class FileUse(msgspec.Struct, frozen=True):
    """How the program uses a file: `is_used` is None when that cannot be told from what is known."""

    role: FileRole
    is_used: bool | None


def use_of(path: str, tree: FileTree | Unavailable, program: Program | Unavailable, knowledge: Knowledge) -> FileUse:
    """The use of one file.

    Python modules and notebooks are used when a result entry point reaches them; without a known entry point they
    count as perhaps used. Configuration and environment files and other sources are used wherever they lie, except
    in folders of results (copies that runs leave behind).
    """
    entry = None if isinstance(tree, Unavailable) else tree.by_path.get(path)
    role = role_of(path, entry.size if entry else 0)
    if role not in ROLES_OF_THE_PROGRAM:
        return FileUse(role, is_used=False)
    if isinstance(program, Program) and path in program.reached:
        return FileUse(role, is_used=True)
    if knowledge.data.is_result(path):
        return FileUse(role, is_used=False)
    if path.endswith(PYTHON_SUFFIXES) and role is FileRole.SOURCE:
        if isinstance(program, Unavailable) or not program.result_entry_points:
            return FileUse(role, is_used=None)
        return FileUse(role, is_used=False)
    return FileUse(role, is_used=True)
