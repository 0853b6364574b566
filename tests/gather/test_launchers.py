"""Launchers gathered from a real folder, through the cache."""

from __future__ import annotations

import os
from pathlib import Path

from repro_gui.facts.launchers import Launchers
from repro_gui.facts.settings import Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.launchers import gather_launchers
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress


def gather(root: Path, cache: Cache) -> Launchers:
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, Settings().limits, NoProgress())
        return gather_launchers(opened, tree, Settings(), NoProgress(), cache)


def test_commands_know_the_file_they_stand_in(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "README.md").write_text("```\npython a.py\n```\n")
    os.mkfifo(project / "Makefile")
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        gather(project, cache)
    (project / "README.md").rename(project / "USAGE.md")
    for _ in range(2):
        with Cache(tmp_path / "cache", os.fspath(project)) as cache:
            (command,) = gather(project, cache).commands
        assert (command.path, command.script) == ("USAGE.md", "a.py")


def test_what_cannot_be_read_is_in_the_facts(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: [")
    with (tmp_path / "run.sh").open("wb") as file:
        file.truncate(3 * 1024**3)
    launchers = gather(tmp_path, Cache(None, os.fspath(tmp_path)))
    assert all(file.not_read is not None for file in launchers.files)
    assert [file.path for file in launchers.files] == ["dvc.yaml", "run.sh"]
