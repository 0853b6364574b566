"""Reads runs of Weights & Biases from its folder, synchronised or not; nothing is run and no server asked."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING

from repro_gui.facts.wandb_records import BLOCK, WandbRun, one_run, read_wandb_file
from repro_gui.gather.files import NotRead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.gather.files import ProjectFiles

# `run-DATE_TIME-ID`, and `offline-run-…`: the id may hold hyphens.
_FOLDER = re.compile(r"(?:offline-)?run-(\d{8}_\d{6})-(.+)")
# Of a long run, the first and the last bytes are read: what it began with, and what it came to.
NAMES_ONLY = 4 * BLOCK
ALL_VALUES = 256 * BLOCK


def run_folders(names: Iterable[str]) -> dict[str, list[str]]:
    """Folders by the id of their run, in the order of time: a run that was resumed without a server has several."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        match = _FOLDER.fullmatch(posixpath.basename(name))
        if match is not None:
            found.setdefault(match[2], []).append((match[1], name))
    return {run: [name for _, name in sorted(folders)] for run, folders in found.items()}


def read_run_files(opened: ProjectFiles, run_id: str, folders: Iterable[str], size: int) -> WandbRun | None:
    """What the `.wandb` files of a run say, from at most `size` bytes at either end of each; None without one."""
    parts = (_read(opened, f"{folder}/run-{run_id}.wandb", size) for folder in folders)
    return one_run(part for part in parts if part is not None)


def _read(opened: ProjectFiles, path: str, size: int) -> WandbRun | None:
    file = opened.open(path)
    if isinstance(file, NotRead):
        return None
    try:
        with file:
            # A file that is being written to may grow meanwhile: what is longer by then is not looked at.
            length = file.seek(0, os.SEEK_END)
            file.seek(0)
            if length <= 2 * size:
                return read_wandb_file([file.read(2 * size)])
            pieces = [file.read(size)]
            file.seek((length - size) // BLOCK * BLOCK)
            return read_wandb_file([*pieces, file.read(size + BLOCK)])
    except OSError:
        return None
