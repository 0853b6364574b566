"""What a folder holds, to the last bit, for comparing before and after."""

from __future__ import annotations

import os
import stat
from pathlib import Path

Tree = dict[str, tuple[object, ...]]


def tree_of(root: Path) -> Tree:
    """Kind, mode, owner, target and bytes of everything in a folder."""
    found: Tree = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in [*folders, *files]:
            path = os.path.join(folder, name)  # noqa: PTH118 -- bytes
            status = os.lstat(path)
            content: bytes = b""
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)  # noqa: PTH115 -- bytes
            elif stat.S_ISREG(status.st_mode):
                content = Path(os.fsdecode(path)).read_bytes()
            attributes = tuple(os.listxattr(path, follow_symlinks=False)) if hasattr(os, "listxattr") else ()
            links = 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink
            relative = os.fsdecode(os.path.relpath(path, os.fsencode(root)))
            found[relative] = (status.st_mode, status.st_uid, status.st_gid, links, attributes, content)
    return found
