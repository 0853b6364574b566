"""The locks hold what `pyproject.toml` asks for, with hashes and without an index; the environment holds the lock."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LOCKS = ROOT / "packaging" / "locks"
HASHED = sorted(path for path in LOCKS.rglob("*.txt") if not path.name.endswith(".unhashed.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Brought by venv itself.
SEEDS = {"pip", "setuptools", "wheel"}


def _locked(path: Path) -> list[tuple[Requirement, list[str]]]:
    text = re.sub(r"^\s*#.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    entries = []
    for line in text.splitlines():
        requirement, *hashes = line.split("--hash=")
        if requirement.strip():
            entries.append((Requirement(requirement.strip()), [item.strip() for item in hashes]))
    return entries


@pytest.mark.parametrize("path", HASHED, ids=lambda path: path.relative_to(LOCKS).as_posix())
def test_every_entry_is_one_version_with_hashes(path: Path) -> None:
    entries = _locked(path)
    assert entries
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", item) for item in hashes), requirement


def test_no_set_up_file_names_an_index() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [
        name
        for name in listed.split("\0")
        if name.startswith((".ci/", ".github/", "packaging/", "Makefile", "pyproject.toml", ".pre"))
    ]
    assert "Makefile" in files
    assert not [name for name in listed.split("\0") if name.endswith("uv.lock")]
    hosts = re.compile(
        r"(?i)\b(files\.python" + r"hosted|py" + r"pi\.org|download\.py" + r"torch|registry\.npm" + r"js)"
    )
    option = re.compile(r"(?m)^\s*--?(i|index-url|extra-index-url|find-links|f|trusted-host)[ =]")
    for name in files:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not hosts.search(text), name
        assert not option.search(text), name
        assert not re.search(r"(?<![\w.~$}/])/(work|root|opt)/", text), name


def test_the_lock_satisfies_what_is_asked_for() -> None:
    locked = {canonicalize_name(item.name): item for item, _ in _locked(LOCKS / "development.txt")}
    asked = [Requirement(line) for line in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]]
    for requirement in asked:
        found = locked[canonicalize_name(requirement.name)]
        (version,) = [specifier.version for specifier in found.specifier]
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_the_environment_holds_the_lock_and_nothing_else() -> None:
    wanted = {
        canonicalize_name(item.name): str(item.specifier).removeprefix("==")
        for item, _ in _locked(LOCKS / "development.txt")
        if item.marker is None or item.marker.evaluate()
    }
    present = {
        canonicalize_name(item.metadata["Name"]): item.version
        for item in importlib.metadata.distributions(path=[str(path) for path in _site_packages()])
    }
    own = {canonicalize_name(PROJECT["project"]["name"])}
    surplus = {
        name: version for name, version in present.items() if wanted.get(name) != version and name not in SEEDS | own
    }
    assert surplus == {}, "run `make lock` after a change of pyproject.toml; nothing else is installed by hand"
    assert set(wanted) <= set(present)


def test_every_import_of_the_application_is_declared() -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    # Of no use without the project's own: asked for before it is imported.
    optional = {"torch", "lakefs", "mlflow"}
    distributions = importlib.metadata.packages_distributions()
    for path in sorted((ROOT / "repro_gui").rglob("*.py")):
        for name in _imported(path):
            if name in sys.stdlib_module_names or name == "repro_gui" or name in optional:
                continue
            sources = {canonicalize_name(source) for source in distributions.get(name, [])}
            assert sources & declared, f"{path.relative_to(ROOT)} imports {name}, which pyproject.toml does not declare"


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _site_packages() -> set[Path]:
    # Debian and others have two; in a virtual environment both are in it.
    import sysconfig

    return {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
