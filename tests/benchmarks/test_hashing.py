"""How fast the bytes of data are compared with what DVC records, side by side with `dvc status` on the same 2 GB.

Both read every byte once and then remember what they read: a first look that knows nothing, and a second one. `dvc status` starts
a Python of its own each time, as it does for a person; `extra_info` holds the wall time of both.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.settings import Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.data_files import gather_data_files
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from tests.dvc_repositories import run_dvc

pytestmark = pytest.mark.benchmark(group="hashing 2 GB of data under DVC")

_FILES = 8
_FILE_BYTES = 256 * 1024 * 1024


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hashing") / "project"
    (root / "data").mkdir(parents=True)
    drawn = random.Random(0)
    for number in range(_FILES):
        block = drawn.randbytes(1024 * 1024)
        with (root / "data" / f"part_{number}.bin").open("wb") as part:
            for _ in range(_FILE_BYTES // len(block)):
                part.write(block)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    run_dvc(root, ["init", "--quiet"], ["add", "--quiet", "data"])
    time.sleep(0.1)  # the cache trusts no file that was written a moment ago
    return root


def _look(root: Path, kept: Path) -> DataFiles:
    with ProjectFiles(root) as opened, Cache(kept, os.fspath(root)) as cache:
        tree = walk_tree(opened, Settings().limits, NoProgress())
        return gather_data_files(opened, tree, Settings(), NoProgress(), cache)


@pytest.mark.parametrize("look", ["first", "second"])
def test_digests(benchmark: BenchmarkFixture, project: Path, tmp_path: Path, look: str) -> None:
    kept, known_to_dvc = tmp_path / "cache", project.parent / f"{project.name}-dvc-settings" / "site"
    if look == "second":
        _look(project, kept)
        run_dvc(project, ["status", "--quiet"])

    def beside() -> None:
        if look == "first":
            shutil.rmtree(kept, ignore_errors=True)
            shutil.rmtree(known_to_dvc, ignore_errors=True)
        started = time.perf_counter()
        run_dvc(project, ["status", "--quiet"])
        benchmark.extra_info["seconds of dvc status"] = round(time.perf_counter() - started, 3)

    found: DataFiles = benchmark.pedantic(lambda: _look(project, kept), setup=beside, rounds=1)  # type: ignore[no-untyped-call]
    assert len(found.hashes) == _FILES
    assert not found.unhashed
