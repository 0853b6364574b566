"""Edits of dependency lists: exactly the intended entry changes, and nothing else in the file."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.errors import CannotPlan
from repro_gui.facts import config_edits
from repro_gui.facts.config_edits import (
    add_comment,
    add_index,
    add_requirement,
    pin_commit,
    pin_requirement,
    write_python_version,
)
from repro_gui.facts.dependencies import EnvironmentFile, Pin
from repro_gui.facts.environment_files import parse_environment_file
from repro_gui.facts.toml_places import find_toml_places
from repro_gui.text import text

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def pinned(path: str, content: str, name: str, version: str = "9.8.7") -> str:
    before = content.encode()
    entry = next(entry for entry in parse_environment_file(path, before).requirements if entry.name == name)
    change = pin_commit(before, entry, COMMIT) if entry.pin is Pin.MOVING else pin_requirement(before, entry, version)
    return change.decode()


@pytest.mark.parametrize(
    ("path", "before", "name", "after"),
    [
        ("requirements.txt", "a\nb>=1 # c\n", "b", "a\nb==9.8.7 # c\n"),
        ("requirements.txt", "b >= 1 ; python_version < '3.9'\r\n", "b", "b == 9.8.7 ; python_version < '3.9'\r\n"),
        ("requirements.txt", "b[x, y]~=2.8 \\\n  --hash=sha256:aa\n", "b", "b[x, y]==9.8.7 \\\n  --hash=sha256:aa\n"),
        ("requirements.txt", "b (>=1.2)", "b", "b (==9.8.7)"),
        ("requirements.txt", "b>=1.2, <2\n", "b", "b==9.8.7\n"),
        ("requirements.txt", "a, b\n", "b", "a, b==9.8.7\n"),
        ("requirements.txt", "\ufeffb\n", "b", "\ufeffb==9.8.7\n"),
        (
            "requirements.txt",
            "-e git+https://u:tok@github.com/a/b.git@main#egg=b\n",
            "b",
            f"-e git+https://u:tok@github.com/a/b.git@{COMMIT}#egg=b\n",
        ),
        (
            "requirements.txt",
            "git+ssh://git@github.com/a/b#egg=b\n",
            "b",
            f"git+ssh://git@github.com/a/b@{COMMIT}#egg=b\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname='x'\ndependencies = [\n  'b>=1', # c\n]\n",
            "b",
            "[project]\nname='x'\ndependencies = [\n  'b==9.8.7', # c\n]\n",
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nb = "^1.2" # c\n',
            "b",
            '[tool.poetry.dependencies]\nb = "9.8.7" # c\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nb = {version = "^1", extras = ["x"]}\n',
            "b",
            '[tool.poetry.dependencies]\nb = {version = "9.8.7", extras = ["x"]}\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nb = {git = "https://github.com/a/b", branch = "main"}\n',
            "b",
            f'[tool.poetry.dependencies]\nb = {{git = "https://github.com/a/b", rev = "{COMMIT}"}}\n',
        ),
        ("environment.yml", "dependencies:\n- b=1.2 # c\n", "b", "dependencies:\n- b=9.8.7 # c\n"),
        ("environment.yml", "dependencies:\n- x::b>=1\n", "b", "dependencies:\n- x::b=9.8.7\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - 'b>=1'\n", "b", "dependencies:\n- pip:\n  - 'b==9.8.7'\n"),
        ("setup.py", "setup(install_requires=['b>=1', \"é\"])", "b", "setup(install_requires=['b==9.8.7', \"é\"])"),
        ("setup.cfg", "[options]\ninstall_requires =\n  b>=1\n", "b", "[options]\ninstall_requires =\n  b==9.8.7\n"),
        ("Pipfile", "[packages]\nb = '*'\n", "b", "[packages]\nb = '==9.8.7'\n"),
        ("Dockerfile", "FROM x\nRUN pip install a 'b>=1'\n", "b", "FROM x\nRUN pip install a 'b==9.8.7'\n"),
    ],
)
def test_one_entry_is_pinned(path: str, before: str, name: str, after: str) -> None:
    if path == "Dockerfile":
        file = parse_environment_file(path, before.encode())
        entry = next(e for install in file.installs for e in install.requirements if e.name == name)
        assert pin_requirement(before.encode(), entry, "9.8.7").decode() == after
    else:
        assert pinned(path, before, name) == after


def test_utf_16_stays_utf_16() -> None:
    before = "a\r\nb>=1\r\n".encode("utf-16")
    entry = parse_environment_file("requirements.txt", before).requirements[1]
    assert pin_requirement(before, entry, "2").decode("utf-16") == "a\r\nb==2\r\n"


def test_what_moved_is_refused() -> None:
    entry = parse_environment_file("requirements.txt", b"a\nb>=1\n").requirements[1]
    for changed in (b"a\n", b"b>=1\na\n", b"a\nc>=1\n"):
        with pytest.raises(CannotPlan):
            pin_requirement(changed, entry, "2")


@pytest.mark.parametrize("version", ["1.0\nevil", "1.0; python_version<'3'", "", "1 2", "1.0#x", "$(id)"])
def test_a_version_that_is_none_is_never_written(version: str) -> None:
    entry = parse_environment_file("requirements.txt", b"b>=1\n").requirements[0]
    with pytest.raises(CannotPlan):
        pin_requirement(b"b>=1\n", entry, version)


_names = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
_specifiers = st.sampled_from(["", ">=1", "~=1.2", ">=1,<2", " >= 1.0", "==1.*", "!=1.3", "<3 , >1", " (>=1)"])
_extras = st.sampled_from(["", "[x]", "[x,y]", " [x]"])
_markers = st.sampled_from(["", ' ; python_version > "3.6"', ';sys_platform=="linux"'])
_comments = st.sampled_from(["", "  # why: é", " #", " \\\n  --hash=sha256:ab"])
_line_ends = st.sampled_from(["\n", "\r\n"])


@st.composite
def requirement_files(draw: st.DrawFn) -> tuple[str, int]:
    """A requirements file with unlike names, and which entry to pin."""
    names = draw(st.lists(_names, min_size=1, max_size=6, unique_by=lambda name: name.replace("-", "")))
    end = draw(_line_ends)
    rows = [
        name + draw(_extras) + draw(_specifiers) + draw(_markers) + draw(_comments).replace("\n", end) for name in names
    ]
    fillers = draw(
        st.lists(st.sampled_from(["", "# c", "   ", "--pre", "-i https://index.example.org/simple"]), max_size=3)
    )
    content = end.join([*fillers, *rows]) + draw(st.sampled_from(["", end]))
    return draw(st.sampled_from(["", "\ufeff"])) + content, draw(st.integers(0, len(names) - 1))


@given(requirement_files())
def test_any_requirements_file(case: tuple[str, int]) -> None:
    content, position = case
    before = content.encode()
    old = parse_environment_file("requirements.txt", before).requirements
    after = pin_requirement(before, old[position], "3.4.5")
    new = parse_environment_file("requirements.txt", after).requirements
    assert (new[position].pin, new[position].version) == (Pin.EXACT, "3.4.5")
    for at, (was, now) in enumerate(zip(old, new, strict=True)):
        assert (was.name, was.extras, was.marker, was.hashes) == (now.name, now.extras, now.marker, now.hashes)
        if at != position:
            assert was.written == now.written
    unchanged = [line for line in content.splitlines() if old[position].name not in line]
    assert [line for line in after.decode().splitlines() if old[position].name not in line] == unchanged
    _assert_reversible(before, after)


def _assert_reversible(before: bytes, after: bytes) -> None:
    change = ChangeSet(text("x"), "x", files=(FileChange("f", before, after),))
    assert change.reversed().reversed().files == change.files
    assert change.reversed().files[0].after == before


_toml_strings = st.sampled_from(["'{}'", '"{}"'])


@st.composite
def project_tables(draw: st.DrawFn) -> tuple[str, int]:
    names = draw(st.lists(_names, min_size=1, max_size=5, unique_by=lambda name: name.replace("-", "")))
    entries = [name + draw(st.sampled_from(["", ">=1", "~=1.2", "[x]>=2", " >= 1,<2"])) for name in names]
    gap = draw(st.sampled_from([" ", "\n    ", "\r\n\t", " # c ] ' \"\n  "]))
    body = f",{gap}".join(draw(_toml_strings).format(entry) for entry in entries)
    trailing = draw(st.sampled_from(["", ","]))
    head = draw(st.sampled_from(["", "# [project]\n", "[tool.x]\ny = '''\n[project]\ndependencies=[]\n'''\n"]))
    tail = draw(st.sampled_from(["", "\n[[a.b]]\nc={d=1}\n", "\nrequires-python='>=3.9'"]))
    content = f"{head}[project]\nname='p'\ndependencies = [{gap}{body}{trailing}{gap}]{tail}\n"
    return content, draw(st.integers(0, len(names) - 1))


@given(project_tables())
def test_any_pyproject(case: tuple[str, int]) -> None:
    content, position = case
    assume(_is_toml(content))
    before = content.encode()
    old = parse_environment_file("pyproject.toml", before).requirements
    after = pin_requirement(before, old[position], "3.4.5")
    expected = tomllib.loads(content)
    written = expected["project"]["dependencies"][position]
    got = tomllib.loads(after.decode())
    new = got["project"]["dependencies"].pop(position)
    expected["project"]["dependencies"].pop(position)
    assert got == expected
    assert new.replace(" ", "").endswith("==3.4.5")
    assert new.startswith(written.split(">")[0].split("~")[0].strip())
    _assert_reversible(before, after)


def _is_toml(content: str) -> bool:
    try:
        tomllib.loads(content)
    except tomllib.TOMLDecodeError:
        return False
    return True


@given(project_tables())
def test_adding_to_any_pyproject(case: tuple[str, int]) -> None:
    content, _ = case
    assume(_is_toml(content) and "zed" not in content)
    after = tomllib.loads(add_requirement(content.encode(), "pyproject.toml", "zed==1.2.3").decode())
    before = tomllib.loads(content)
    before["project"]["dependencies"].append("zed==1.2.3")
    assert after == before


@given(requirement_files())
def test_adding_to_any_requirements_file(case: tuple[str, int]) -> None:
    content, _ = case
    assume("zed" not in content)
    # A file that ends in a continued line has no end to add to.
    assume(not content.rstrip("\r\n").endswith("\\"))
    before = content.encode()
    after = add_requirement(before, "requirements.txt", "zed==1.2.3")
    assert after.startswith(before.rstrip(b"\r\n"))
    names = [entry.name for entry in parse_environment_file("requirements.txt", before).requirements]
    assert [entry.name for entry in parse_environment_file("requirements.txt", after).requirements] == [*names, "zed"]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", '[project]\ndependencies=["a"]\n', '[project]\ndependencies=["a", "zed==1.2.3"]\n'),
        (
            "pyproject.toml",
            '[project]\ndependencies=[\n  "a", # c\n  "b" # d\n]\n',
            '[project]\ndependencies=[\n  "a", # c\n  "b", # d\n  "zed==1.2.3"\n]\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\na="1" # c\n[x]\n',
            '[tool.poetry.dependencies]\na="1" # c\nzed = "1.2.3"\n[x]\n',
        ),
        ("environment.yml", "dependencies:\n- a\n- b=1\n", "dependencies:\n- a\n- b=1\n- zed=1.2.3\n"),
        (
            "environment.yml",
            "dependencies:\n- a\n- pip:\n  - b\nx: 1\n",
            "dependencies:\n- a\n- pip:\n  - b\n  - zed==1.2.3\nx: 1\n",
        ),
    ],
)
def test_an_entry_is_added(path: str, before: str, after: str) -> None:
    assert add_requirement(before.encode(), path, "zed==1.2.3").decode() == after


def test_a_public_index_gets_its_own_line_with_its_reason_once() -> None:
    option = "--extra-index-url https://download.pytorch.org/whl/cu121"
    before = b"# heading\n\ntorch==2.3.1+cu121\n"
    after = add_index(before, "requirements.txt", option, "torch 2.3.1+cu121")
    assert after.decode().splitlines() == [
        "# heading",
        "",
        "# Only this public index has torch 2.3.1+cu121.",
        option,
        "torch==2.3.1+cu121",
    ]
    assert add_index(after, "requirements.txt", option, "torch") == after


def test_a_comment_stands_below_interpreter_and_encoding() -> None:
    assert add_comment(b"#!/usr/bin/python\n# -*- coding: utf-8 -*-\nx\n", "setup.py", "c") == (
        b"#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# c\nx\n"
    )
    assert add_comment("\ufeffa\r\n".encode(), "requirements.txt", "c").decode() == "\ufeff# c\r\na\r\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "3.11.9\n"),
        ("", "3.11.9\n"),
        ("3.11\n", "3.11.9\n"),
        ("# c\r\n3.11 # d\r\n3.10\r\n", "# c\r\n3.11.9 # d\r\n3.10\r\n"),
    ],
)
def test_python_version_is_written(before: str | None, after: str) -> None:
    content = None if before is None else before.encode()
    assert write_python_version(content, "3.11.9").decode() == after


# ---- places in TOML ----

_toml_values = st.recursive(
    st.one_of(
        st.integers(-(2**40), 2**40),
        st.booleans(),
        st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=8),
    ),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_names, below, max_size=3),
    max_leaves=12,
)


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[" + " , ".join(_as_toml(item) for item in value) + "]"
    assert isinstance(value, dict)
    return "{" + ", ".join(f"{key} = {_as_toml(item)}" for key, item in value.items()) + "}"


@given(st.dictionaries(_names, _toml_values, max_size=4), st.dictionaries(_names, _toml_values, max_size=4))
def test_places_of_toml_values_hold_what_tomllib_reads(top: dict[str, object], table: dict[str, object]) -> None:
    assume("zz" not in top)
    lines = [f"{key} = {_as_toml(value)} # c" for key, value in top.items()]
    lines += ["[[zz]]", "[[zz]]", *(f"{key}={_as_toml(value)}" for key, value in table.items())]
    content = "\n".join(lines)
    read = tomllib.loads(content)
    places = find_toml_places(content)
    for keys, place in places.items():
        value: object = read
        for key in keys:
            value = value[key]  # type: ignore[index]
        again = tomllib.loads(f"x = {content[place.start : place.end]}")["x"]
        assert again == value
    assert {keys[0] for keys in places} == {*top, *(["zz"] if table else [])}


@st.composite
def conda_files(draw: st.DrawFn) -> tuple[str, int]:
    names = draw(st.lists(_names, min_size=1, max_size=5, unique_by=lambda name: name.replace("-", "")))
    end, indent = draw(_line_ends), draw(st.sampled_from(["", "  "]))
    quote = st.sampled_from(["", "'", '"'])
    rows = []
    for name in names:
        mark = draw(quote)
        entry = draw(st.sampled_from(["", "c-forge::"])) + name
        entry += draw(st.sampled_from(["", "=1", "=1.2", ">=1", " >=1,<2", "=1.2.*", "==1.2"]))
        rows.append(f"{indent}- {mark}{entry}{mark}{draw(st.sampled_from(['', '  # c é']))}")
    split = draw(st.integers(0, len(rows)))
    pip = [
        f"{indent}- pip:",
        *(f"{indent}  {row}".replace("c-forge::", "").replace("=1.2.*", "==1.2.*") for row in rows[split:]),
    ]
    pip = [re.sub(r"(?<=[a-z0-9])=(?=1)", "==", row) for row in pip]
    lines = ["# top", "name: x", "dependencies:", *rows[:split], *(pip if split < len(rows) else []), "prefix: /x"]
    return end.join(lines) + end, draw(st.integers(0, len(names) - 1))


@given(conda_files())
def test_any_conda_file(case: tuple[str, int]) -> None:
    content, position = case
    before = content.encode()
    old = parse_environment_file("environment.yml", before).requirements
    after = pin_requirement(before, old[position], "3.4.5")
    new = parse_environment_file("environment.yml", after).requirements
    assert (new[position].pin, new[position].version) == (Pin.EXACT, "3.4.5")
    changed = [
        at for at, (was, now) in enumerate(zip(before.split(b"\n"), after.split(b"\n"), strict=True)) if was != now
    ]
    assert changed in ([], [old[position].location.line - 1])
    others = [(entry.name, entry.written) for at, entry in enumerate(old) if at != position]
    assert [(entry.name, entry.written) for at, entry in enumerate(new) if at != position] == others
    _assert_reversible(before, after)


@st.composite
def poetry_tables(draw: st.DrawFn) -> tuple[str, int]:
    names = draw(st.lists(_names, min_size=1, max_size=5, unique_by=lambda name: name.replace("-", "")))
    assume("python" not in names)
    specifiers = st.sampled_from(["^1.2", "~1", "*", ">=1,<2", "1.*", "2.0"])
    rows = []
    for name in names:
        specifier = draw(_toml_strings).format(draw(specifiers))
        form = draw(st.sampled_from(["{}", "{{version = {}, extras = ['x']}}", "{{ optional=true, version={} }}"]))
        rows.append(f"{name} = {form.format(specifier)}{draw(st.sampled_from(['', ' # c']))}")
    end = draw(_line_ends)
    return end.join(["[tool.poetry.dependencies]", 'python = "^3.10"', *rows, "[tool.x]", "y = 1", ""]), draw(
        st.integers(0, len(names) - 1)
    )


@given(poetry_tables())
def test_any_poetry_table(case: tuple[str, int]) -> None:
    content, position = case
    before = content.encode()
    old = parse_environment_file("pyproject.toml", before).requirements
    after = pin_requirement(before, old[position], "3.4.5")
    expected, got = tomllib.loads(content), tomllib.loads(after.decode())
    name = list(expected["tool"]["poetry"]["dependencies"])[position + 1]
    was, now = (table["tool"]["poetry"]["dependencies"].pop(name) for table in (expected, got))
    assert got == expected
    if isinstance(was, dict):
        assert now == {**was, "version": "3.4.5"}
    else:
        assert now == "3.4.5"
    _assert_reversible(before, after)


@given(st.text(alphabet=st.sampled_from("3.1 #\r\n\tpython-x"), max_size=30))
@example("#\r3")
def test_python_version_in_any_file(content: str) -> None:
    after = write_python_version(content.encode(), "3.11.9")
    versions = parse_environment_file(".python-version", after).python_versions
    assert [version.version for version in versions] == ["3.11.9"]


def test_a_long_list_is_not_read_for_each_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def reading(path: str, content: bytes) -> EnvironmentFile:
        read.append(len(content))
        return parse_environment_file(path, content)

    monkeypatch.setattr(config_edits, "parse_environment_file", reading)
    content = "".join(f"package{number}>=1  # of many\n" for number in range(400)).encode()
    entries = parse_environment_file("requirements.txt", content).requirements
    config_edits.parsed_file.cache_clear()
    for entry in entries:
        after = pin_requirement(content, entry, "2")
        assert after == content.replace(entry.written.encode(), f"{entry.name}==2".encode(), 1)
    assert sum(read) < 4 * len(content)


@pytest.mark.parametrize(
    "content",
    ["a \\\n  --hash=sha256:00\nb>=1\n", "# c \\\nb>=1\n", "a\rb>=1\n", "b>=1 ; python_version > '3' \\\n  # c\n"],
)
def test_lines_that_belong_together_are_read_with_the_rest(content: str) -> None:
    before = content.encode()
    entries = parse_environment_file("requirements.txt", before).requirements
    for entry in (one for one in entries if one.name == "b"):
        assert pin_requirement(before, entry, "2").decode() == content.replace("b>=1", "b==2")
