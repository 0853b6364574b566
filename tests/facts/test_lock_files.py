"""Locks that poetry and pdm write, from an index on this machine: what they say, and when their tools call them outdated."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from packaging.requirements import Requirement

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.find_checks import find_check
from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import EnvironmentFile
from repro_gui.facts.environment_files import parse_environment_file
from repro_gui.facts.installed import environment_of
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.pin_status import pin_statuses
from repro_gui.facts.rebuild_plan import plan_rebuild
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge
from repro_gui.text import text
from tests.foreign_environments import foreign_python
from tests.gather.test_environment import make_wheel
from tests.package_index import package_index
from tests.projects_in_memory import facts_of, plan_for, result_of, snapshot_of

PROJECT = """[project]
name = "mine"
version = "0.1"
requires-python = ">=3.11"
dependencies = [
    "zz-top[plots]>=1,<2",
    "zz-win ; sys_platform == 'win32'",
    "zz-gpu",
]

[project.optional-dependencies]
more = ["zz-extra"]

[dependency-groups]
dev = ["zz-dev~=0.4"]
"""
CLASSIC = """[tool.poetry]
name = "mine"
version = "0.1"
description = ""
authors = []
package-mode = false

[tool.poetry.dependencies]
python = "^3.11"
zz-top = {version = "^1.0", extras = ["plots"]}
zz-win = {version = "*", markers = "sys_platform == 'win32'"}
zz-gpu = "*"
zz-extra = {version = "*", optional = true}

[tool.poetry.extras]
more = ["zz-extra"]

[tool.poetry.group.dev.dependencies]
zz-dev = "~0.4"
"""
# Where poetry takes a requirement of `[project]` from, and a name that needs an index of its own.
POETRY = PROJECT + '\n[tool.poetry]\npackage-mode = false\n\n[tool.poetry.dependencies]\nzz-gpu = {source = "here"}\n'
POETRY_INDEX = '\n[[tool.poetry.source]]\nname = "here"\nurl = "{}"\npriority = "primary"\n'
PDM = (
    PROJECT
    + '\n[tool.pdm]\ndistribution = false\n\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{}"\nverify_ssl = false\n'
)
# Every version that a lock must hold.
LOCKED = {"zz-top": "1.5", "zz-base": "1.1", "zz-plots": "3.1", "zz-win": "1.0", "zz-gpu": "2.0+cu121", "zz-dev": "0.4"}
# What the tools themselves say of a project and its lock, for many folders in one process.
VERDICTS = {
    "poetry": "from poetry.factory import Factory\nfresh = lambda path: Factory().create_poetry(path).locker.is_fresh()",
    "pdm": "from pdm.core import Core\nfresh = lambda path: Core().create_project(path).is_lockfile_fresh()",
}
NO_PROGRAM = Unavailable(text("Nothing was read."))
KINDS = {"classic": "poetry", "poetry": "poetry", "pdm": "pdm", "pdm-all": "pdm"}


def run_tool(tool: str, *arguments: str, folder: Path) -> str:
    home = folder.parent / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "POETRY_VIRTUALENVS_CREATE": "false",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PDM_CHECK_UPDATE": "0",
        "PDM_USE_VENV": "0",
    }
    done = subprocess.run(
        [str(foreign_python(tool)), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    wheels = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "1.5", "2.0"):
        needs = ("zz-base>=1", 'zz-plots>=3 ; extra == "plots"')
        make_wheel(wheels, "zz-top", version, package="zz_top", requires=needs, extras=("plots",))
    for version in ("1.0", "1.1"):
        make_wheel(wheels, "zz-base", version, package="zz_base", requires=('zz-win>=1 ; sys_platform == "win32"',))
    others = {"zz-win": "1.0", "zz-plots": "3.1", "zz-dev": "0.4", "zz-gpu": "2.0+cu121", "zz-extra": "5"}
    for name, version in others.items():
        make_wheel(wheels, name, version, package=name.replace("-", "_"))
    with package_index(wheels) as address:
        yield address


def lock_name(kind: str) -> str:
    return f"{KINDS[kind]}.lock"


def lock(kind: str, folder: Path) -> dict[str, bytes]:
    """Let the real tool lock the folder; its list and lock."""
    if KINDS[kind] == "poetry":
        run_tool("poetry", "-m", "poetry", "lock", "--no-interaction", folder=folder)
    else:
        run_tool("pdm", "-m", "pdm", "lock", *(["-G", ":all"] if kind == "pdm-all" else []), folder=folder)
    return {name: (folder / name).read_bytes() for name in ("pyproject.toml", lock_name(kind))}


@pytest.fixture(scope="module")
def locked(index: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, bytes]]:
    made: dict[str, dict[str, bytes]] = {}
    lists = {"classic": CLASSIC + POETRY_INDEX, "poetry": POETRY + POETRY_INDEX, "pdm": PDM, "pdm-all": PDM}

    def files(kind: str) -> dict[str, bytes]:
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            (folder / "pyproject.toml").write_text(lists[kind].replace("{}", index))
            made[kind] = lock(kind, folder)
        return made[kind]

    return files


def read(files: Mapping[str, bytes], path: str) -> EnvironmentFile:
    return parse_environment_file(path, files[path])


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_is_read_as_its_tool_wrote_it(kind: str, locked: Callable[[str], dict[str, bytes]]) -> None:
    files = locked(kind)
    file = read(files, lock_name(kind))
    assert not file.unread
    assert not read(files, "pyproject.toml").unread
    # pdm locks optional groups when it is asked to, poetry always.
    expected = LOCKED if kind == "pdm" else {**LOCKED, "zz-extra": "5"}
    assert {package.name: package.version for package in file.locked} == expected
    assert len(file.locked) == len(expected), "a package with extras is one package"
    assert all(package.hashes == 1 and package.source == "index" for package in file.locked)
    assert {package.name for package in file.locked if package.is_conditional} >= {"zz-win"}
    by_name = {package.name: package for package in file.locked}
    assert "zz-base" in by_name["zz-top"].requires
    assert "zz-win" not in by_name["zz-base"].requires, "only under Windows"
    assert [version.written for version in file.python_versions] == ["^3.11" if kind == "classic" else ">=3.11"]
    result = result_of("stale-lock", files)
    assert result.outcome is Outcome.PASSED, result.findings


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_lock_holds_is_pinned(kind: str, locked: Callable[[str], dict[str, bytes]]) -> None:
    files = locked(kind)
    environment = snapshot_of(files).environment
    assert not isinstance(environment, Unavailable)
    open_entries = {status.requirement.name for status in pin_statuses(environment) if not status.is_fixed}
    assert open_entries == ({"zz-extra"} if kind == "pdm" else set())
    assert result_of("undeclared-import", {**files, "train.py": b"import zz_top\n"}).outcome is Outcome.PASSED


@pytest.mark.parametrize("kind", KINDS)
def test_the_consistency_table_of_a_locked_project(kind: str, locked: Callable[[str], dict[str, bytes]]) -> None:
    check = find_check("environment-differs")
    assert check is not None
    snapshot = snapshot_of({**locked(kind), "train.py": b"import zz_top\n"})
    assert not isinstance(snapshot.environment, Unavailable)

    def judged(installed: dict[str, str]) -> CheckResult:
        environment = msgspec.structs.replace(snapshot.environment, installed=environment_of(installed))
        facts = FactsFor(msgspec.structs.replace(snapshot, environment=environment), load_knowledge())
        return run_check(facts, check)

    everything = {**LOCKED, "python": "3.11.9", **({} if kind == "pdm" else {"zz-extra": "5"})}
    del everything["zz-win"]  # only under Windows
    result = judged(everything)
    assert result.findings == (), [finding.message for finding in result.findings]
    rows = {str(note.values["name"]): note.values for note in result.evidence if "locked" in note.values}
    assert (rows["zz-top"]["imported"], rows["zz-top"]["locked"], rows["zz-top"]["installed"]) == (
        "zz_top",
        "1.5",
        "1.5",
    )
    assert (rows["zz-gpu"]["locked"], rows["zz-gpu"]["installed"]) == ("2.0+cu121", "2.0+cu121")
    (finding,) = judged({**everything, "zz-base": "1.0"}).findings
    assert "zz-base" in finding.message


EDITS: dict[str, tuple[str, str]] = {
    "nothing that counts": ('name = "mine"', 'name = "ours"'),
    "an entry less": ('    "zz-gpu",\n', ""),
    "a narrower range": ("zz-top[plots]>=1,<2", "zz-top[plots]>=1,<1.9"),
    "another version": ("zz-top[plots]>=1,<2", "zz-top[plots]>=2"),
    "another Python": ('requires-python = ">=3.11"', 'requires-python = ">=3.12"'),
    "a group more": ("[dependency-groups]\n", '[dependency-groups]\nlint = ["zz-win"]\n'),
    "an entry less in a group": ('dev = ["zz-dev~=0.4"]', "dev = []"),
    "an extra less": ('more = ["zz-extra"]', "more = []"),
}
CLASSIC_EDITS: dict[str, tuple[str, str]] = {
    "nothing that counts": ('description = ""', 'description = "new"'),
    "an entry less": ('zz-gpu = "*"\n', ""),
    "a narrower range": ('version = "^1.0"', 'version = ">=1.2,<2"'),
    "another version": ('version = "^1.0"', 'version = "^2.0"'),
    "another Python": ('python = "^3.11"', 'python = "^3.12"'),
    "a group less": ("\n[tool.poetry.group.dev.dependencies]\n" + 'zz-dev = "~0.4"\n', ""),
}


@pytest.mark.parametrize("kind", ["classic", "poetry", "pdm"])
def test_a_lock_is_stale_where_its_tool_says_so(
    kind: str, locked: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    files = locked(kind)
    edits = CLASSIC_EDITS if kind == "classic" else EDITS
    ours, folders = [], []
    for number, (old, new) in enumerate(edits.values()):
        assert old.encode() in files["pyproject.toml"]
        edited = {**files, "pyproject.toml": files["pyproject.toml"].replace(old.encode(), new.encode(), 1)}
        result = result_of("stale-lock", edited)
        ours.append(result.outcome is Outcome.PASSED)
        # One cause, one finding.
        assert len(result.findings) <= 1
        folder = tmp_path / str(number)
        folder.mkdir()
        folders.append(str(folder))
        for name, content in edited.items():
            (folder / name).write_bytes(content)
    code = f"import json\n{VERDICTS[KINDS[kind]]}\nprint(json.dumps([fresh(path) for path in {folders!r}]))"
    theirs = json.loads(run_tool(KINDS[kind], "-c", code, folder=tmp_path).splitlines()[-1])
    assert dict(zip(edits, ours, strict=True)) == dict(zip(edits, theirs, strict=True))
    assert ours == [name == "nothing that counts" for name in edits]


@pytest.mark.parametrize("kind", ["poetry", "pdm"])
def test_a_stale_lock_is_mended_by_its_tool(
    kind: str, locked: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    files = dict(locked(kind))
    files["pyproject.toml"] = files["pyproject.toml"].replace(b"zz-top[plots]>=1,<2", b"zz-top[plots]>=2")
    (finding,) = result_of("stale-lock", files).findings
    assert finding.message == f"pyproject.toml wants zz-top[plots]>=2, but {lock_name(kind)} has 1.5."
    with pytest.raises(CannotPlan) as caught:
        plan_for(["stale-lock"], files)
    assert f"`{kind} lock`" in str(caught.value)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert result_of("stale-lock", lock(kind, tmp_path)).outcome is Outcome.PASSED


def test_a_digest_that_cannot_be_compared_says_nothing(locked: Callable[[str], dict[str, bytes]]) -> None:
    for kind in ("poetry", "pdm"):
        files = locked(kind)
        name = lock_name(kind)
        for digest in (b"", b"not-a-digest", b"md5:d41d8cd98f00b204e9800998ecf8427e"):
            key = b"content-hash" if kind == "poetry" else b"content_hash"
            lines = [
                key + b' = "' + digest + b'"' if line.startswith(key) else line for line in files[name].splitlines()
            ]
            assert result_of("stale-lock", {**files, name: b"\n".join(lines)}).outcome is Outcome.PASSED
    # A workspace is hashed with its members.
    files = dict(locked("pdm"))
    files["pyproject.toml"] += b'[tool.pdm.workspace]\nmembers = ["lib"]\n'
    assert result_of("stale-lock", files).outcome is Outcome.PASSED
    old = files["pdm.lock"].replace(b'lock_version = "4.5.1"', b'lock_version = "4.3"')
    assert not msgspec.structs.asdict(parse_environment_file("pdm.lock", old))["digests"]


def test_a_list_that_was_not_read_whole_leaves_open_whether_its_lock_fits() -> None:
    listed = '[project]\nname = "mine"\nversion = "0"\ndependencies = ["six>=1", "???"]\n'
    written = 'version = 1\n[[package]]\nname = "six"\nversion = "{}"\nsource = {{ registry = "https://index.example.org/simple" }}\n'
    files = {"pyproject.toml": listed.encode(), "uv.lock": written.format("1.16.0").encode()}
    assert result_of("stale-lock", files).outcome is Outcome.COULD_NOT_RUN
    # What was read still counts.
    assert len(result_of("stale-lock", {**files, "uv.lock": written.format("0.9").encode()}).findings) == 1


def test_a_table_of_poetry_says_where_a_requirement_comes_from() -> None:
    commit = "0" * 40
    listed = f"""[project]
name = "mine"
dependencies = ["six>=1", "lib", "tool", "torch>=2"]
[tool.poetry.dependencies]
six = {{source = "here"}}
lib = {{path = "../lib", develop = true}}
tool = {{git = "https://git.example.org/tool.git", rev = "{commit}"}}
torch = [{{platform = "darwin", source = "pypi"}}, {{platform = "linux", source = "torch"}}]
own = {{version = "^1"}}
"""
    file = parse_environment_file("pyproject.toml", listed.encode())
    assert not file.unread
    pins = {entry.name: entry.pin.value for entry in file.requirements}
    assert pins == {"six": "range", "lib": "local", "tool": "commit", "torch": "range", "own": "range"}
    assert len(file.requirements) == len(pins)


def test_old_locks_of_poetry_have_files_under_names_as_they_are_written() -> None:
    written = """[[package]]
name = "flufl.lock"
version = "6.0"

[metadata]
content-hash = "x"

[metadata.files]
"flufl.lock" = [
    {file = "flufl.lock-6.0-py3-none-any.whl", hash = "sha256:aa"},
]
"""
    (package,) = parse_environment_file("poetry.lock", written.encode()).locked
    assert (package.name, package.hashes, package.tags) == ("flufl-lock", 1, ("py3-none",))


def test_a_package_that_is_locked_in_two_versions(index: str, tmp_path: Path) -> None:
    two = "\"zz-top==1.0 ; sys_platform == 'win32'\", \"zz-top==2.0 ; sys_platform != 'win32'\""
    listed = (POETRY + POETRY_INDEX).replace("{}", index).replace('"zz-top[plots]>=1,<2"', two)
    (tmp_path / "pyproject.toml").write_text(listed)
    files = lock("poetry", tmp_path)
    versions = {
        package.version: package.marker for package in read(files, "poetry.lock").locked if package.name == "zz-top"
    }
    assert {version: "win32" in marker for version, marker in versions.items()} == {"1.0": True, "2.0": True}
    assert result_of("stale-lock", files).outcome is Outcome.PASSED
    facts = facts_of({**files, "train.py": b"import zz_top\n"})
    assert not isinstance(facts.snapshot.environment, Unavailable)
    plan = plan_rebuild(facts.snapshot.environment, NO_PROGRAM, ImportNames())
    constraints = [Requirement(line) for line in plan.constraints]
    holding = [
        str(one.specifier)
        for one in constraints
        if one.name == "zz-top" and (not one.marker or one.marker.evaluate({"sys_platform": "linux"}))
    ]
    assert holding == ["==2.0"]
    # Without its marker nothing is said of it but that.
    bare = files["poetry.lock"].replace(b"marker", b"was-marker")
    facts = facts_of({**files, "poetry.lock": bare})
    assert not isinstance(facts.snapshot.environment, Unavailable)
    plan = plan_rebuild(facts.snapshot.environment, NO_PROGRAM, ImportNames())
    assert not [line for line in plan.constraints if line.startswith("zz-top")]
    assert any("zz-top is locked in 2 versions" in str(reason) for reason in plan.left_out)
