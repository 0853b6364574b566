"""The built program does what the checkout does, keeps its libraries to itself, and fits on the systems it is for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.git_repositories import commit_all, make_repository, write_files

ROOT = Path(__file__).parent.parent.parent
FLOOR = (2, 35)
INSTALLED_MEGABYTES = 300

pytestmark = pytest.mark.frozen


def run(program: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    done = subprocess.run(
        [program, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {
        "train.py": "import random\n\nprint(random.random())\n",
        "requirements.txt": "numpy\n",
        "README.md": "python train.py\n",
    }
    return make_repository(tmp_path_factory.mktemp("project") / "project", files)


def test_every_part_works_and_nothing_stays_behind(program: Path) -> None:
    said = run(program, "--self-test")
    states = re.findall(r"^(works|missing|BROKEN) +(\S+)", said, re.MULTILINE)
    assert len(states) == 13
    assert {state for state, _ in states} == {"works"}, said
    assert "built program" in said
    left = [process.pid for process in psutil.process_iter(["exe"]) if process.info["exe"] == str(program.resolve())]
    assert left == []


def test_it_has_the_checks_and_explanations_of_its_sources(program: Path, sources: str) -> None:
    asked = "from repro_gui.checks.find_checks import all_checks; print(*[check.id for check in all_checks()])"
    ids = subprocess.run([sources, "-I", "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert [check["id"] for check in json.loads(run(program, "list", "--format", "json"))] == ids
    for check in ("unpinned-split", ids[0], ids[-1]):
        explained = run(program, "explain", check)
        assert len(explained.splitlines()) > 8
        assert explained == _of_sources(sources, "explain", check)


def test_it_reports_what_its_sources_report(program: Path, sources: str, project: Path) -> None:
    asked = ("audit", str(project), "--fail-on", "never", "--format", "json")
    theirs = json.loads(run(program, *asked))
    assert len(theirs["results"]) > 50
    assert _lasting(theirs) == _lasting(json.loads(_of_sources(sources, *asked)))


def _of_sources(sources: str, *arguments: str) -> str:
    argv = [sources, "-I", "-m", "repro_gui", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _lasting(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in {"when", "seconds"}}


def test_other_programs_get_the_persons_own_environment(program: Path, project: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    git = shutil.which("git")
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "git"
    stand_in.write_text(f'#!/bin/sh\nenv >>{seen}\nexec {git} "$@"\n')
    stand_in.chmod(0o755)
    search = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    mine = "/somewhere/of/mine"
    audit = ("audit", str(project), "--fail-on", "never")
    run(program, *audit, PATH=search, LD_LIBRARY_PATH=mine, QT_PLUGIN_PATH=mine, QML2_IMPORT_PATH=mine)
    lines = set(seen.read_text().splitlines())
    values = dict(line.split("=", maxsplit=1) for line in lines if "=" in line)
    assert values["LD_LIBRARY_PATH"] == mine
    assert {values[name] for name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH") if name in values} <= {mine}
    # A shell writes into `_` what it starts; the tests' own variables are the person's here.
    started_with = {f"{name}={value}" for name, value in os.environ.items()}
    others = {line for line in lines - started_with if not line.startswith("_=")}
    bundle = str(program.resolve().parent)
    assert [line for line in others if bundle in line or line.startswith(("_PYI", "_MEI", "PYTHON"))] == []


def test_its_children_start_in_no_folder_of_the_project(program: Path, project: Path) -> None:
    """A spawned copy of us imports nothing from the folder we are in."""
    write_files(project, {"random.py": "raise SystemExit(9)\n", "msgspec.py": "raise SystemExit(9)\n"})
    commit_all(project, "Names of libraries")
    done = subprocess.run([program, "--self-test", "beside"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_screen_it_says_what_to_do(program: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not re.match("DISPLAY|WAYLAND|QT_QPA", name)}
    done = subprocess.run([program], env=kept, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "There is no screen here" in done.stderr
    assert "repro-gui audit PATH" in done.stderr


def test_without_git_or_python_it_says_what_still_works(program: Path, tmp_path: Path) -> None:
    said = run(program, "--self-test", "git", "audit", "edits", "uv", "probe", PATH=str(tmp_path))
    assert re.findall(r"^(works|missing|BROKEN) +(\S+)", said, re.MULTILINE) == [
        ("missing", "git"),
        ("works", "audit"),
        ("works", "edits"),
        ("missing", "uv"),
        ("missing", "probe"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="a screen of X")
def test_a_window_opens_without_drivers_for_3d(program: Path, project: Path, tmp_path: Path) -> None:
    """On a screen without GLX, where no driver can be found, the window opens, works and quits in peace."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("Xvfb and xdotool come with what `make test-installer` needs")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    without = {"LIBGL_DRIVERS_PATH": str(nothing), "__EGL_VENDOR_LIBRARY_DIRS": str(nothing), "HOME": str(tmp_path)}
    told, tells = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tells), "-extension", "GLX", "-nolisten", "tcp", "-screen", "0", "1400x900x24"],
        pass_fds=[tells],
        stderr=subprocess.DEVNULL,
    )
    os.close(tells)
    kept = {name: value for name, value in os.environ.items() if not re.match("WAYLAND|QT_QPA|XDG_", name)}
    with os.fdopen(told) as number, screen:
        environment = {**kept, **without, "DISPLAY": f":{number.readline().strip()}"}
        try:
            window = subprocess.Popen([program, "open", project], env=environment, stderr=subprocess.PIPE, text=True)
            search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Repro GUI"]
            found = subprocess.run(search, env=environment, capture_output=True, text=True, check=True, timeout=120)
            quit_it = ["xdotool", "windowfocus", "--sync", found.stdout.split()[0], "key", "ctrl+q"]
            subprocess.run(quit_it, env=environment, check=True, timeout=60)
            _, said = window.communicate(timeout=60)
        finally:
            window.kill()
            screen.terminate()
    assert (window.returncode, said) == (0, "")


def test_no_file_names_the_folder_of_the_build(program: Path) -> None:
    wanted = [os.fsencode(ROOT), b"build/installer/environment"]
    found = [path for path in _files(program) if any(name in path.read_bytes() for name in wanted)]
    assert found == []


def test_it_fits(program: Path) -> None:
    size = sum(path.stat().st_size for path in _files(program))
    assert size <= INSTALLED_MEGABYTES * 1_000_000, f"{size / 1e6:.0f} MB"


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("objdump"), reason="ELF and binutils")
def test_it_starts_on_systems_as_old_as_promised_and_names_no_place_of_its_own(program: Path) -> None:
    too_new = {}
    for path in _files(program):
        if path.read_bytes()[:4] != b"\x7fELF":
            continue
        shown = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout
        asked = [tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_(\d+\.\d+)", shown)]
        if asked and max(asked) > FLOOR:
            too_new[path.name] = max(asked)
        assert not re.search(r"R(UN)?PATH\s+/", shown), path
    assert too_new == {}


def test_licences_lie_beside(program: Path) -> None:
    licences = {path.name for path in (program.resolve().parent / "_internal" / "licences").iterdir()}
    for name in ("dvc", "gitpython", "libcst", "msgspec", "pyside6", "typst", "uv"):
        assert [licence for licence in licences if licence.lower().startswith(name)], name


def _files(program: Path) -> list[Path]:
    folder = program.resolve().parent
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
