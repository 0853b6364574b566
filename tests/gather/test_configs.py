"""Configuration files gathered from a real folder."""

from __future__ import annotations

import os
from pathlib import Path

from repro_gui.facts.configs import Configs
from repro_gui.facts.settings import Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.configs import gather_configs
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress


def gather(root: Path, cache: Cache | None = None) -> Configs:
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, Settings().limits, NoProgress())
        return gather_configs(opened, tree, Settings(), NoProgress(), cache or Cache(None, opened.root))


def test_configurations_good_and_bad(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.yaml").write_text("seed: 1\n")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "data.json").write_bytes(b" " * (3 * 1024 * 1024))
    (tmp_path / "pyproject.toml").write_text("")
    os.mkfifo(tmp_path / "pipe.yaml")
    configs = gather(tmp_path)
    assert [(file.path, file.not_read is None) for file in configs.files] == [
        ("bad.json", False), ("conf/a.yaml", True), ("data.json", False),
    ]  # fmt: skip


def test_equal_content_under_two_names_keeps_both(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "a.json").write_text('{"seed": 1}')
    for _ in range(2):
        with Cache(tmp_path / "cache", os.fspath(project)) as cache:
            configs = gather(project, cache)
        (project / "b.yaml").write_text('{"seed": 1}')
    assert [(file.path, file.kind, file.settings[0].line) for file in configs.files] == [
        ("a.json", "json", 1),
        ("b.yaml", "yaml", 1),
    ]
