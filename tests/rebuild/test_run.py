"""Real environments made by the real uv, from wheels made here; each import really tried."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from uv import find_uv_bin

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.find_checks import find_check
from repro_gui.errors import Cancelled, NeedsTrust
from repro_gui.facts.rebuild import Rebuild, RebuildState, rebuild_from_json, tell_rebuild
from repro_gui.facts.rebuild_plan import NothingToRebuild
from repro_gui.facts.settings import Settings
from repro_gui.gather.gather import gather_snapshot
from repro_gui.knowledge import load_knowledge
from repro_gui.own_folders import rebuild_file
from repro_gui.processes import Finished, run_program
from repro_gui.progress import NoProgress
from repro_gui.rebuild import run as rebuild_run
from repro_gui.rebuild.run import CannotInstallHere, IndexUnreachable, NoSuchPython
from repro_gui.text import Text
from repro_gui.trust import remember_trust
from repro_gui.worker.rebuild_project import rebuild_project
from tests.gather.test_environment import make_wheel
from tests.package_index import package_index

THIS_PYTHON = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "zz-leaf", "1.0", package="zz_leaf", code="print('noise')\n")
    make_wheel(folder, "zz-leaf", "2.0", package="zz_leaf")
    make_wheel(folder, "zz-top", "1.0", package="zz_top", requires=("zz-leaf",), code="import zz_leaf\n")
    make_wheel(folder, "zz-broken", "1.0", package="zz_broken", code="raise RuntimeError('made\\nto fail')\n")
    make_wheel(folder, "zz-ends", "1.0", package="zz_ends", code="import os\nos._exit(0)\n")
    make_wheel(folder, "zz-crashes", "1.0", package="zz_crashes", code="import os\nos.abort()\n")
    make_wheel(folder, "zz-sleeps", "1.0", package="zz_sleeps", code="import time\ntime.sleep(600)\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.fixture
def project(tmp_path: Path, wheels: Path) -> Iterator[Path]:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".python-version").write_text(f"{THIS_PYTHON}\n")
    remember_trust(root)
    yield root
    assert list((tmp_path / "temporary").iterdir()) == [], "nothing is left behind"


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def rebuilt(root: Path, python: str = "") -> Rebuild:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    rebuild = rebuild_project(root, Settings(), NoProgress(), python=python)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before, (
        "the project was written to"
    )
    assert rebuild_from_json(rebuild_file(root).read_bytes()) == rebuild
    return rebuild


def test_pins_are_installed_and_imports_work(project: Path) -> None:
    write(project, {"requirements.txt": "zz-top==1.0\nzz-leaf==1.0\n", "train.py": "import zz_top\nimport zz_leaf\n"})
    rebuild = rebuilt(project)
    assert rebuild.state is RebuildState.PASSED
    assert [(one.module, one.path, one.line, one.error) for one in rebuild.imports] == [
        ("zz_leaf", "train.py", 2, ""),
        ("zz_top", "train.py", 1, ""),
    ]
    assert (rebuild.packages, rebuild.python, rebuild.is_lock) == (2, THIS_PYTHON, False)
    content = (project / "requirements.txt").read_bytes()
    assert rebuild.sources[0].sha256 == hashlib.sha256(content).hexdigest()
    assert str(tell_rebuild(rebuild)).endswith(f"with Python {THIS_PYTHON}: 2 packages installed, 2 imports worked.")


def test_each_failure_is_told_apart(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild_run, "_IMPORT_SECONDS", 5.0)
    names = ["zz-broken", "zz-ends", "zz-crashes", "zz-sleeps", "zz-leaf"]
    imports = "".join(f"import {name.replace('-', '_')}\n" for name in [*names, "zz-nowhere"])
    write(project, {"requirements.txt": "".join(f"{name}\n" for name in names), "train.py": imports})
    rebuild = rebuilt(project)
    assert rebuild.state is RebuildState.NOT_IMPORTED
    errors = {one.module: one.error for one in rebuild.imports}
    assert errors["zz_leaf"] == ""
    assert errors["zz_broken"] == "RuntimeError: made to fail"
    assert errors["zz_nowhere"] == "ModuleNotFoundError: No module named 'zz_nowhere'"
    assert errors["zz_ends"] == "it ended the interpreter"
    assert errors["zz_crashes"].startswith("the interpreter ended with code")
    assert "took longer than 5" in errors["zz_sleeps"]


def test_what_is_not_on_the_index_is_a_failed_rebuild(project: Path) -> None:
    write(project, {"requirements.txt": "zz-leaf==9.0\n", "train.py": "import zz_leaf\n"})
    rebuild = rebuilt(project)
    assert rebuild.state is RebuildState.NOT_INSTALLED
    assert "zz-leaf==9.0" in str(rebuild.why_not)
    assert "repro-gui-rebuild" not in str(rebuild.why_not)


def test_a_machine_in_the_way_says_nothing_of_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, {"requirements.txt": "zz-leaf==1.0\n", "train.py": "import zz_leaf\n"})
    # `uv venv` makes no use of the cache that is given for the installation only.
    real = run_program

    def with_a_broken_cache(argv: Sequence[str], **options: Any) -> Finished:
        if "install" in argv:
            options["environment"] = {**options["environment"], "UV_CACHE_DIR": "/dev/null/cache"}
        return real(argv, **options)

    monkeypatch.setattr(rebuild_run, "run_program", with_a_broken_cache)
    with pytest.raises(CannotInstallHere):
        rebuild_project(project, Settings(), NoProgress())
    assert not rebuild_file(project).exists()


def digest_of(wheels: Path, name: str) -> str:
    return hashlib.sha256(next(wheels.glob(f"{name}*.whl")).read_bytes()).hexdigest()


@pytest.mark.parametrize("is_right", [True, False])
def test_hashes_of_a_lock_are_held_to(project: Path, wheels: Path, is_right: bool) -> None:
    digest = digest_of(wheels, "zz_leaf-1.0") if is_right else "0" * 64
    lock = f"# autogenerated by pip-compile\n#    -r requirements.in\nzz-leaf==1.0 \\\n    --hash=sha256:{digest}\n"
    write(project, {"requirements.in": "zz-leaf\n", "requirements.txt": lock, "train.py": "import zz_leaf\n"})
    rebuild = rebuilt(project)
    assert rebuild.is_lock
    assert rebuild.is_hashed
    assert rebuild.state is (RebuildState.PASSED if is_right else RebuildState.NOT_INSTALLED)
    assert is_right or "hash" in str(rebuild.why_not).lower()


def test_a_lock_of_uv_from_an_index(project: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.delenv("UV_FIND_LINKS")
    with package_index(wheels) as address:
        listed = '[project]\nname = "mine"\nversion = "0"\nrequires-python = ">=3.9"\ndependencies = ["zz-top"]\n'
        listed += f'[tool.uv.sources]\n[[tool.uv.index]]\nurl = "{address}"\ndefault = true\n'
        write(project, {"pyproject.toml": listed, "train.py": "import zz_top\nimport mine_is_elsewhere as x\n"})
        subprocess.run([find_uv_bin(), "lock", "-q"], cwd=project, check=True)
        rebuild = rebuilt(project)
        assert [source.path for source in rebuild.sources] == ["uv.lock", "pyproject.toml"]
        assert rebuild.is_hashed
        assert rebuild.packages == 2
        assert {one.module: bool(one.error) for one in rebuild.imports} == {"mine_is_elsewhere": True, "zz_top": False}
    shutil.rmtree(os.environ["UV_CACHE_DIR"])
    before = rebuild_file(project).read_bytes()
    with pytest.raises(IndexUnreachable) as caught:
        rebuild_project(project, Settings(), NoProgress())
    assert "127.0.0.1" not in str(caught.value)
    assert rebuild_file(project).read_bytes() == before, "what was learnt before is kept"


def test_a_lock_that_uv_does_not_read_gives_the_versions(project: Path) -> None:
    listed = (
        '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\nzz-top = "*"\nlocal = {path = "lib"}\n'
    )
    lock = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\npython-versions = "*"\nfiles = []\n'
        for name in ("zz-top", "zz-leaf", "never-for-this-platform")
    )
    write(project, {"pyproject.toml": listed, "poetry.lock": lock, "train.py": "import zz_top\n"})
    rebuild = rebuilt(project)
    assert rebuild.state is RebuildState.PASSED, rebuild
    assert rebuild.packages == 2, "zz-leaf 2.0 is there, and the lock says 1.0"
    assert any("part of the project itself" in str(reason) for reason in rebuild.left_out)


def test_what_lies_in_the_project_is_left_out_and_includes_are_followed(project: Path) -> None:
    files = {
        "requirements.txt": "-r more/base.txt\n-c limits.txt\n-e .\nzz-top\n",
        "more/base.txt": "zz-leaf\n./wheels/own.whl\n",
        "limits.txt": "zz-leaf<2\n",
        "setup.py": "raise SystemExit('never run')\n",
        "train.py": "import zz_top\n",
    }
    write(project, files)
    rebuild = rebuilt(project)
    assert rebuild.state is RebuildState.PASSED, rebuild
    assert {source.path for source in rebuild.sources} == {"requirements.txt", "more/base.txt", "limits.txt"}
    assert len(rebuild.left_out) == 2


def test_optional_groups_are_named_and_not_tried(project: Path) -> None:
    listed = '[project]\nname = "x"\nversion = "0"\ndependencies = ["zz-leaf"]\n[project.optional-dependencies]\nplots = ["zz-broken"]\n'
    write(project, {"pyproject.toml": listed, "train.py": "import zz_leaf\nimport zz_broken\n"})
    rebuild = rebuilt(project)
    assert [one.module for one in rebuild.imports] == ["zz_leaf"]
    assert [str(reason) for reason in rebuild.left_out] == ["zz_broken was not tried: it belongs to the group plots."]


def test_an_empty_list_is_an_environment_too(project: Path) -> None:
    write(
        project,
        {"pyproject.toml": '[project]\nname = "x"\nversion = "0"\ndependencies = []\n', "train.py": "import json\n"},
    )
    with pytest.raises(NothingToRebuild):
        rebuild_project(project, Settings(), NoProgress())


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "No file says which packages"),
        ({"environment.yml": "dependencies:\n- numpy=1.26\n"}, "is made by conda"),
        ({"requirements.txt": "not a requirement !\n"}, "`not a requirement !`"),
    ],
)
def test_where_there_is_nothing_to_rebuild_it_says_why(project: Path, files: dict[str, str], words: str) -> None:
    write(project, files)
    with pytest.raises(NothingToRebuild, match=words):
        rebuild_project(project, Settings(), NoProgress())


def test_a_python_that_is_not_here(project: Path) -> None:
    write(project, {".python-version": "3.4.1\n", "requirements.txt": "zz-leaf\n"})
    with pytest.raises(NoSuchPython, match=r"3\.4\.1"):
        rebuild_project(project, Settings(), NoProgress())
    chosen = rebuilt(project, sys.executable)
    assert chosen.state is RebuildState.PASSED
    assert f"{THIS_PYTHON} (the project names 3.4.1)" in str(tell_rebuild(chosen))
    with pytest.raises(NoSuchPython, match="no Python that"):
        rebuild_project(project, Settings(), NoProgress(), python=str(project / "nothing"))


def test_without_trust_nothing_runs(tmp_path: Path, wheels: Path) -> None:
    root = tmp_path / "stranger"
    write(root, {"requirements.txt": "zz-leaf\n", "train.py": "import zz_leaf\n"})
    with pytest.raises(NeedsTrust):
        rebuild_project(root, Settings(), NoProgress())
    assert not (tmp_path / "cache").exists()
    assert not rebuild_file(root).exists()


class _CancelWhen:
    """Cancels at the first step that says this."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.steps: list[tuple[str, int, int]] = []

    def step(self, what: Text, done: int, total: int) -> None:
        self.steps.append((str(what), done, total))
        if self.words in str(what):
            raise Cancelled


@pytest.mark.parametrize("at", ["Making an environment", "Installing", "Importing zz_sleeps"])
def test_a_cancel_ends_it_and_leaves_nothing(project: Path, at: str) -> None:
    write(project, {"requirements.txt": "zz-sleeps\n", "train.py": "import zz_sleeps\n"})
    # Tests before this one may have left processes that are still on their way out (a server of MLflow is "uvicorn").
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(Cancelled):
        rebuild_project(project, Settings(), _CancelWhen(at))
    assert not rebuild_file(project).exists()
    assert set(psutil.Process().children(recursive=True)) - before == set()


def test_progress_is_measured(project: Path) -> None:
    write(project, {"requirements.txt": "zz-top\n", "train.py": "import zz_top\nimport zz_leaf\n"})
    heard = _CancelWhen("never")
    rebuild_project(project, Settings(), heard)
    imports = [(done, total) for what, done, total in heard.steps if what.startswith("Importing")]
    assert imports == sorted(imports)
    assert {total for _, total in imports} == {2}


def outcome(root: Path) -> Outcome:
    check = find_check("rebuild-fails")
    assert check is not None
    return run_check(FactsFor(gather_snapshot(root), load_knowledge()), check).outcome


def test_it_speaks_only_of_the_files_it_was_made_from(project: Path) -> None:
    write(project, {"requirements.txt": "zz-leaf==1.0\n", "train.py": "import zz_leaf\n"})
    assert outcome(project) is Outcome.NOT_APPLICABLE
    rebuilt(project)
    assert outcome(project) is Outcome.PASSED
    snapshot = gather_snapshot(project)
    assert isinstance(snapshot.rebuild, Rebuild)
    assert snapshot.rebuild.after({"requirements.txt"}).is_current is False
    assert snapshot.rebuild.after({"train.py"}).is_current is True
    (project / "requirements.txt").write_text("zz-leaf==2.0\n")
    assert outcome(project) is Outcome.NOT_APPLICABLE
    (project / "requirements.txt").unlink()
    assert outcome(project) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"state": "fine"}', b"[" * 100_000])
def test_a_broken_record_is_a_reason(project: Path, content: bytes) -> None:
    rebuild_file(project).write_bytes(content)
    check = find_check("rebuild-fails")
    assert check is not None
    result = run_check(FactsFor(gather_snapshot(project), load_knowledge()), check)
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "kept rebuild could not be read" in str(result.why_not)
