"""Takes the digest of a file of the project, piece by piece, so that a cancel is heard."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import FileDigest
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

_PIECE = 8 * 1024 * 1024


def digest_of_file(lookup: FileDigest, opened: ProjectFiles, progress: Progress) -> str | Unavailable:
    """The digest of all bytes of the file; a link out of the project or a special file is not read."""
    file = opened.open(lookup.path)
    if isinstance(file, NotRead):
        return file
    what = text("Reading {path}", path=lookup.path)
    digest = hashlib.new(lookup.algorithm, usedforsecurity=False)
    with file:
        size = os.fstat(file.fileno()).st_size
        done = 0
        progress.step(what, done, size)
        try:
            while piece := file.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                progress.step(what, done, max(size, done))
        except OSError as error:
            reason = text("{path} could not be read to its end ({error}).", path=lookup.path, error=str(error))
            return Unavailable(reason, text("Check the disk, and try again."))
    return digest.hexdigest()
