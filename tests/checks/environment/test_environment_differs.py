"""Installed against pinned, in the ways in which files and environments really part."""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.environment.environment_differs import CHECK
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import Distribution, InstalledEnvironment, Interpreter
from repro_gui.knowledge import load_knowledge
from tests.sketches import snapshot_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
UV_LOCK = (
    'version = 1\n[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "https://index.example.org" }\n'
)
PROJECT = '[project]\nname = "me"\nversion = "0"\ndependencies = ["six"]\n'


def run(files: dict[str, str], installed: dict[str, str] | None) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files, installed=installed)), load_knowledge()), CHECK)


@pytest.mark.parametrize(
    ("files", "installed", "differ"),
    [
        ({"requirements.txt": "six==1.16.0\n"}, {"six": "1.16.0"}, []),
        ({"requirements.txt": "six==1.16.0\n"}, {"six": "1.15.0"}, ["six"]),
        ({"requirements.txt": "six==1.16.0\n"}, {"other": "1"}, ["six"]),
        ({"requirements.txt": "six\n"}, {"six": "1.15.0"}, []),
        ({"requirements.txt": "six>=1.16\n"}, {"six": "1.15.0"}, ["six"]),
        # A build of the same version is that version, another build is not.
        ({"requirements.txt": "torch==2.3.1\n"}, {"torch": "2.3.1+cu121"}, []),
        ({"requirements.txt": "torch==2.3.1+cu121\n"}, {"torch": "2.3.1+cpu"}, ["torch"]),
        # Markers.
        ({"requirements.txt": "a==1 ; python_version < '3.9'\na==2 ; python_version >= '3.9'\n"}, {"python": "3.11.4", "a": "2"}, []),
        ({"requirements.txt": "a==1 ; python_version < '3.9'\n"}, {"python": "3.11.4"}, []),
        ({"requirements.txt": "a==1 ; python_version < '3.9'\na==2 ; python_version >= '3.9'\n"}, {"python": "3.11.4", "a": "1"}, ["a"]),
        ({"requirements.txt": "pywin32==306 ; sys_platform == 'win32'\n"}, {"six": "1"}, []),
        # Tools, extras and lists of parts need not be there.
        ({"requirements.txt": "pytest==8.0.0\nsix==1.16.0\n"}, {"six": "1.16.0", "pytest": "7.0.0"}, []),
        ({"requirements.txt": "six==1.16.0\n", "part/requirements.txt": "numpy==1.26.4\n"}, {"six": "1.16.0"}, []),
        # Two lists for two purposes: the one that fits was installed.
        ({"requirements.txt": "a==1\n", "requirements-gpu.txt": "a==2\n"}, {"a": "2"}, []),
        # A lock says more than its list; one that is stale already is another check's.
        ({"pyproject.toml": PROJECT, "uv.lock": UV_LOCK}, {"six": "1.16.0"}, []),
        ({"pyproject.toml": PROJECT, "uv.lock": UV_LOCK}, {"six": "1.17.0"}, ["six"]),
        ({"pyproject.toml": PROJECT.replace("six", "six>=1.17"), "uv.lock": UV_LOCK}, {"six": "1.17.0"}, []),
        # Python itself.
        ({"requirements.txt": "six\n", ".python-version": "3.11.9\n"}, {"python": "3.12.1", "six": "1"}, ["python"]),
        ({"requirements.txt": "six\n", ".python-version": "3.12\n"}, {"python": "3.12.1", "six": "1"}, []),
        ({"pyproject.toml": PROJECT + 'requires-python = ">=3.13"\n'}, {"python": "3.12.1", "six": "1"}, ["python"]),
        # Images.
        ({"requirements.txt": "six==1.16.0\n", "Dockerfile": "FROM x\nRUN pip install six==1.15.0\n"}, {"six": "1.16.0"}, ["six"]),
        ({"requirements.txt": "six==1.16\n", "Dockerfile": "FROM x\nRUN pip install six==1.16.0\n"}, {"six": "1.16.0"}, []),
    ],
)  # fmt: skip
def test_where_versions_part(files: dict[str, str], installed: dict[str, str], differ: list[str]) -> None:
    result = run(files, installed)
    assert [note.values["name"] for note in result.findings] == differ, [note.message for note in result.findings]
    assert result.outcome is (Outcome.FAILED if differ else Outcome.PASSED)


def test_the_table_stands_in_the_evidence() -> None:
    files = {"pyproject.toml": PROJECT, "uv.lock": UV_LOCK, "train.py": "import six, yaml\n"}
    rows = {note.values["name"]: note.values for note in run(files, {"six": "1.16.0"}).evidence}
    assert rows["six"] == {
        "name": "six",
        "imported": "six",
        "declared": "any",
        "locked": "1.16.0",
        "installed": "1.16.0",
        "container": "",
    }
    assert rows["pyyaml"]["imported"] == "yaml"
    assert not rows["pyyaml"]["declared"]


def test_without_an_environment_nothing_is_told_and_the_table_is_there() -> None:
    result = run({"requirements.txt": "six==1.16.0\n"}, None)
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert [note.values["name"] for note in result.evidence] == ["six"]
    assert run({"train.py": "import six\n"}, None).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(("commit", "differs"), [(COMMIT, False), ("f" * 40, True), ("", False)])
def test_a_commit_is_compared_with_the_commit_that_was_installed(commit: str, differs: bool) -> None:
    snapshot = snapshot_of(Sketch({"requirements.txt": f"a @ git+https://example.org/a@{COMMIT}\n"}))
    assert isinstance(snapshot.environment, Environment)
    installed = InstalledEnvironment(
        Interpreter("", ".venv", "venv"), (Distribution("a", "1.0", source="git", commit=commit),)
    )
    environment = msgspec.structs.replace(snapshot.environment, installed=installed)
    result = run_check(FactsFor(msgspec.structs.replace(snapshot, environment=environment), load_knowledge()), CHECK)
    assert bool(result.findings) is differs


def test_conda_packages_are_compared_with_those_of_conda() -> None:
    snapshot = snapshot_of(Sketch({"environment.yml": "dependencies:\n- libfoo=1.2.3=h1\n- numpy=1.26.4\n"}))
    assert isinstance(snapshot.environment, Environment)
    interpreter = Interpreter("", "conda: x", "conda")
    for version, count in (("1.2.3", 0), ("1.2.4", 1)):
        installed = InstalledEnvironment(
            interpreter, (Distribution("numpy", "1.26.4"),), {"libfoo": version, "numpy": "1.26.4"}
        )
        environment = msgspec.structs.replace(snapshot.environment, installed=installed)
        facts = FactsFor(msgspec.structs.replace(snapshot, environment=environment), load_knowledge())
        assert len(run_check(facts, CHECK).findings) == count
