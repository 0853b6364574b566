"""Pins that have no build for the project's Python, by what locks say: real ones of uv, and the ways of the others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch, Weight
from repro_gui.checks.find_checks import find_check
from repro_gui.export.causes import causes_of
from repro_gui.knowledge import load_knowledge
from tests.gather.test_environment import make_wheel
from tests.sketches import snapshot_of

LIST = '[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.10"\ndependencies = [{}]\n'
PYTHON = ".python-version"
POETRY_LIST = '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.8"\n{}\n'


def run(files: dict[str, str], installed: dict[str, str] | None = None) -> CheckResult:
    check = find_check("unsuitable-pin")
    assert check is not None
    result = run_check(FactsFor(snapshot_of(Sketch(files, installed=installed)), load_knowledge()), check)
    assert not str(result.why_not or "").startswith("The check broke"), result.why_not
    return result


def locked_by_uv(folder: Path, dependencies: str) -> dict[str, str]:
    """What the real uv locks from the wheels in a folder beside."""
    (folder / "pyproject.toml").write_text(LIST.format(dependencies))
    wheels = ["--no-index", "--find-links", folder / "wheels"]
    argv = [find_uv_bin(), "lock", "--offline", *wheels, "--cache-dir", folder / "cache"]
    subprocess.run([*map(str, argv)], cwd=folder, check=True, capture_output=True)
    return {name: (folder / name).read_text() for name in ("pyproject.toml", "uv.lock")}


def test_wheels_in_a_real_lock_of_uv(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    make_wheel(tmp_path / "wheels", "zz-built", "1.0", package="zz_built", tag="cp310-cp310-any")
    make_wheel(tmp_path / "wheels", "zz-pure", "1.0", package="zz_pure", requires=("zz-built",))
    make_wheel(tmp_path / "wheels", "zz-old", "1.0", package="zz_old", tag="cp310-cp310-any")
    files = locked_by_uv(tmp_path, '"zz-pure", "zz-old ; python_version < \'3.11\'"')
    assert run({**files, PYTHON: "3.10.4\n"}).outcome is Outcome.PASSED
    result = run({**files, PYTHON: "3.12.1\n"})
    (note,) = result.findings
    assert note.values["name"] == "zz-built"
    assert note.message == "zz-built 1.0 cannot be installed in Python 3.12.1: its wheels are for 3.10."
    assert (note.path, note.weight) == ("uv.lock", Weight.SHOULD)
    assert note.places[0].path == PYTHON


def package(name: str, *files: str, python: str = ">=3.8", more: str = "") -> str:
    listed = ", ".join(f'{{file = "{file}", hash = "sha256:aa"}}' for file in files)
    return f'[[package]]\nname = "{name}"\nversion = "1.0"\npython-versions = "{python}"\nfiles = [{listed}]\n{more}\n'


@pytest.mark.parametrize(
    ("lock", "found"),
    [
        (package("a", "a-1.0-cp38-cp38-linux_x86_64.whl"), {"a": Weight.SHOULD}),
        (package("a", "a-1.0-cp38-cp38-linux_x86_64.whl", "a-1.0.tar.gz"), {"a": Weight.ADVICE}),
        (package("a", "a-1.0-cp38-cp38-linux_x86_64.whl", "a-1.0-py3-none-any.whl"), {}),
        (package("a", "a-1.0-cp38-abi3-linux_x86_64.whl"), {}),
        # A source alone is how it is installed everywhere.
        (package("a", "a-1.0.tar.gz"), {}),
        (package("a", "a-1.0-py3-none-any.whl", python=">=3.8,<3.11"), {"a": Weight.SHOULD}),
        (package("a", "a-1.0-py3-none-any.whl", python="*"), {}),
        (package("a", "a-1.0-cp38-cp38-linux_x86_64.whl", more='markers = "python_version < \\"3.9\\""'), {}),
        # What is needed only sometimes is not judged, what is needed always is.
        (
            package("a", "a-1.0-py3-none-any.whl", more='[package.dependencies]\nb = "*"\n')
            + package("b", "b-1.0-cp38-cp38-linux_x86_64.whl"),
            {"b": Weight.SHOULD},
        ),
        (
            package(
                "a",
                "a-1.0-py3-none-any.whl",
                more='[package.dependencies]\nb = {version = "*", markers = "sys_platform == \\"win32\\""}\n',
            )
            + package("b", "b-1.0-cp38-cp38-linux_x86_64.whl"),
            {},
        ),
    ],
)
def test_poetry_locks(lock: str, found: dict[str, Weight]) -> None:
    files = {"pyproject.toml": POETRY_LIST.format('a = "1.0"'), "poetry.lock": lock, PYTHON: "3.12.8\n"}
    assert {note.values["name"]: note.weight for note in run(files).findings} == found


def test_a_lock_made_for_another_python_is_one_cause() -> None:
    lock = "".join(package(name, f"{name}-1.0-cp38-cp38-linux_x86_64.whl") for name in "abc")
    listed = "\n".join(f'{name} = "1.0"' for name in "abc")
    result = run({"pyproject.toml": POETRY_LIST.format(listed), "poetry.lock": lock, PYTHON: "3.12.8\n"})
    assert len(result.findings) == 3
    assert len(causes_of(result.findings)) == 1


def test_pylock_and_the_python_of_the_environment() -> None:
    lock = 'lock-version = "1.0"\n[[packages]]\nname = "bee"\nversion = "1.0"\nrequires-python = ">=3.12"\n'
    lock += 'wheels = [{ name = "bee-1.0-py3-none-any.whl", hashes = { sha256 = "aa" } }]\n'
    assert run({"pylock.toml": lock}, {"python": "3.12.4"}).outcome is Outcome.PASSED
    assert len(run({"pylock.toml": lock}, {"python": "3.11.9"}).findings) == 1
    assert run({"pylock.toml": lock}).outcome is Outcome.NOT_APPLICABLE


def test_each_lock_is_judged_by_the_python_beside_it() -> None:
    lock = package("a", "a-1.0-cp38-cp38-linux_x86_64.whl")
    files = {"old/pyproject.toml": POETRY_LIST.format('a = "1.0"'), "old/poetry.lock": lock}
    assert run({**files, "old/.python-version": "3.8.10\n", PYTHON: "3.12.8\n"}).outcome is Outcome.PASSED
    assert len(run({**files, "new/.python-version": "3.8.10\n", PYTHON: "3.12.8\n"}).findings) == 1


@pytest.mark.parametrize(
    ("build", "python", "count"),
    [
        ("py310h5f9d8c6_0", "3.10.13", 0),
        ("py310h5f9d8c6_0", "3.11.4", 1),
        ("py3.8_cuda11.1_cudnn8.0.5_0", "3.9.1", 1),
        ("np119py38_1", "3.8", 0),
        ("pyhd8ed1ab_0", "3.11.4", 0),
        ("h5f9d8c6_0", "3.11.4", 0),
    ],
)
def test_conda_builds(build: str, python: str, count: int) -> None:
    result = run({"environment.yml": f"dependencies:\n- python={python}\n- numpy=1.26.4={build}\n"})
    assert len(result.findings) == count


def test_files_of_the_wrong_kind_are_survived() -> None:
    lock = (
        '[[package]]\nname = "a"\nversion = "1"\nfiles = "x"\nwheels = [1, {url = 2}]\nsdist = 3\npython-versions = 4\n'
    )
    lock += "[package.dependencies]\nb = 5\n[metadata]\nfiles = {a = 7}\n"
    files = {"pyproject.toml": POETRY_LIST.format('a = "1"'), "poetry.lock": lock, PYTHON: "3.12.8\n"}
    assert run(files).outcome is Outcome.NOT_APPLICABLE
