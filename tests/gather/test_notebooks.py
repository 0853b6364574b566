"""Notebooks gathered from a real folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from repro_gui.facts.notebooks import Notebooks
from repro_gui.facts.settings import Limits, Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.notebooks import gather_notebooks
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress


def gather(root: Path, cache: Cache | None = None, settings: Settings | None = None) -> Notebooks:
    settings = settings or Settings()
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, settings.limits, NoProgress())
        return gather_notebooks(opened, tree, settings, NoProgress(), cache or Cache(None, opened.root))


CONTENT = json.dumps({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "f()", "outputs": []}]})


def test_notebooks_good_and_bad(tmp_path: Path) -> None:
    (tmp_path / "good.ipynb").write_text(CONTENT)
    (tmp_path / "cut.ipynb").write_text(CONTENT[:40])
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "good.ipynb").write_text(CONTENT)
    os.mkfifo(tmp_path / "pipe.ipynb")
    with (tmp_path / "huge.ipynb").open("wb") as file:
        file.truncate(2 * 1024**3)
    notebooks = gather(tmp_path)
    assert [(one.path, one.not_read is None) for one in notebooks.notebooks] == [
        ("cut.ipynb", False), ("good.ipynb", True), ("huge.ipynb", False),
    ]  # fmt: skip
    too_large = gather(tmp_path, settings=Settings(limits=Limits(notebook_bytes=10))).by_path["good.ipynb"]
    assert "10 bytes" in str(too_large.not_read)


def test_a_moved_notebook_has_its_new_path_in_every_place(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "a.ipynb").write_text(CONTENT)
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        gather(project, cache)
    (project / "a.ipynb").rename(project / "b.ipynb")
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        (notebook,) = gather(project, cache).notebooks
    assert notebook.module is not None
    assert (notebook.path, notebook.module.path) == ("b.ipynb", "b.ipynb")
