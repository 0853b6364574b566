"""Documents gathered from a real folder, through the cache."""

from __future__ import annotations

import os
from pathlib import Path

from repro_gui.facts.documents import Documents
from repro_gui.facts.settings import Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.documents import gather_documents
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress


def gather(root: Path, cache: Cache) -> Documents:
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, Settings().limits, NoProgress())
        return gather_documents(opened, tree, Settings(), NoProgress(), cache)


def test_passages_survive_the_cache_and_a_rename(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "README.md").write_text("The data are from https://zenodo.org/record/1.\n")
    os.mkfifo(project / "DATA.md")
    for name in ("README.md", "README.md", "about.md"):
        if not (project / name).exists():
            (project / "README.md").rename(project / name)
        with Cache(tmp_path / "cache", os.fspath(project)) as cache:
            ((place, _),) = gather(project, cache).about_data
        assert (place.path, place.line) == (name, 1)


def test_what_cannot_be_read_is_in_the_facts(tmp_path: Path) -> None:
    with (tmp_path / "README.md").open("wb") as file:
        file.truncate(3 * 1024**3)
    (document,) = gather(tmp_path, Cache(None, os.fspath(tmp_path))).files
    assert document.not_read is not None
