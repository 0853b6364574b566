"""`repro-gui rebuild` as a person types it; and, slowly, real projects from the real index."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from uv import find_uv_bin

from repro_gui.audit.report import Answer, Outcome
from repro_gui.facts.rebuild import RebuildState
from repro_gui.facts.settings import Settings
from repro_gui.progress import NoProgress
from repro_gui.trust import remember_trust
from repro_gui.worker.open_project import OpenProject
from repro_gui.worker.rebuild_project import rebuild_project
from tests.gather.test_environment import make_wheel
from tests.test_cli import repro, start

THIS_PYTHON = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels, "zz-leaf", "1.0", package="zz_leaf")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    root.mkdir()
    (root / ".python-version").write_text(f"{THIS_PYTHON}\n")
    (root / "requirements.txt").write_text("zz-leaf==1.0\n")
    (root / "train.py").write_text("import zz_leaf\n")
    return root


def test_exit_codes_and_words(project: Path) -> None:
    refused = repro("rebuild", str(project))
    assert refused.code == 2
    assert "repro-gui trust" in refused.err
    fine = repro("rebuild", str(project), "--trust")
    assert (fine.code, fine.err) == (0, "")
    assert fine.out.startswith("Rebuilt on ")
    assert "1 package installed, 1 import worked." in fine.out
    (project / "train.py").write_text("import zz_leaf\nimport zz_nowhere\n")
    failing = repro("rebuild", str(project), "--trust", "--format", "json")
    assert failing.code == 1
    told = json.loads(failing.out)
    assert told["state"] == "not-imported"
    assert [one["module"] for one in told["imports"] if one["error"]] == ["zz_nowhere"]
    said = repro("rebuild", str(project), "--trust").out
    assert "  train.py:2  zz_nowhere: ModuleNotFoundError" in said


def test_what_cannot_be_rebuilt_is_a_sentence(project: Path) -> None:
    (project / "requirements.txt").unlink()
    nothing = repro("rebuild", str(project), "--trust")
    assert nothing.code == 2
    assert "No file says which packages" in nothing.err
    (project / "requirements.txt").write_text("zz-leaf==1.0\n")
    nowhere = repro("rebuild", str(project), "--trust", UV_FIND_LINKS="")
    assert nowhere.code == 2
    assert "No package index answered" in nowhere.err
    gone = repro("rebuild", str(project / "gone"), "--trust")
    assert gone.code == 2


@pytest.mark.skipif(os.name == "nt", reason="no interrupt from elsewhere")
def test_an_interrupt_ends_it_and_leaves_nothing(project: Path, tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "zz-sleeps", "1.0", package="zz_sleeps", code="import time\ntime.sleep(600)\n")
    (project / "requirements.txt").write_text("zz-sleeps\n")
    (project / "train.py").write_text("import zz_sleeps\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with start(["rebuild", str(project), "--trust"], tmp_path, TMPDIR=str(temporary)) as process:
        while not any(
            "zz_sleeps" in " ".join(one.cmdline()) or one.name().startswith("python") for one in children(process.pid)
        ):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Cancelled." in err
    assert list(temporary.iterdir()) == []


def children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


REAL = {
    # What each kind of lock is made with, and the files.
    "uv.lock": (
        ["lock", "-q"],
        {
            "pyproject.toml": '[project]\nname = "small"\nversion = "0"\nrequires-python = ">=3.10"\ndependencies = ["pyyaml", "six"]\n'
        },
    ),
    "requirements.txt": (
        ["pip", "compile", "-q", "requirements.in", "-o", "requirements.txt", "--generate-hashes"],
        {"requirements.in": "pyyaml\nsix\n"},
    ),
    "pylock.toml": (
        ["pip", "compile", "-q", "pyproject.toml", "-o", "pylock.toml", "--no-header"],
        {"pyproject.toml": '[project]\nname = "small"\nversion = "0"\ndependencies = ["pyyaml", "six"]\n'},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("lock", REAL)
def test_a_real_lock_is_rebuilt_in_a_clean_room_and_the_answer_says_so(tmp_path: Path, lock: str) -> None:
    """Packages from the real index; a machine without one cannot tell."""
    command, files = REAL[lock]
    for name, content in {
        **files,
        ".python-version": f"{THIS_PYTHON}\n",
        "train.py": "import yaml\nimport six.moves\n",
    }.items():
        (tmp_path / name).write_text(content)
    done = subprocess.run([find_uv_bin(), *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package index can be reached: {done.stderr.strip()[-200:]}")
    remember_trust(tmp_path)
    rebuild = rebuild_project(tmp_path, Settings(), NoProgress())
    assert rebuild.state is RebuildState.PASSED, rebuild
    assert rebuild.sources[0].path == lock
    assert (rebuild.is_lock, rebuild.is_hashed, rebuild.packages) == (True, True, 2)
    with OpenProject(tmp_path) as opened:
        report = opened.audit(Settings(), NoProgress())
    answered = next(one for one in report.answers if one.question.value == "environment")
    assert answered.answer is Answer.YES, answered.why
    assert answered.evidence[0].message.startswith("Rebuilt on ")
    assert next(one for one in report.results if one.check_id == "rebuild-fails").outcome is Outcome.PASSED
