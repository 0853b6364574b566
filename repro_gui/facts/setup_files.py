"""`setup.cfg`, and `setup.py` by its syntax alone: it is never run."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Include, PythonVersion, Requirement, Unread
from repro_gui.facts.python_versions import python_requirement
from repro_gui.facts.requirement_lines import leading_name, parse_requirement
from repro_gui.location import LineIndex, Location
from repro_gui.text import text

_REQUIREMENTS_FILE = re.compile(r"[\w./-]*require[\w./-]*\.(?:txt|in|pip)")


def parse_setup_cfg(path: str, content: bytes) -> EnvironmentFile:
    """Read `install_requires`, `extras_require` and `python_requires` of a `setup.cfg`."""
    decoded = decode_text(content)
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(decoded.content if decoded else "\0")
    except configparser.Error as error:
        reason = text("{path} could not be read: {reason}", path=path, reason=str(error).split("\n", 1)[0])
        return EnvironmentFile(path, FileFormat.SETUP_CFG, unread=(Unread(reason, Location(path)),))
    assert decoded is not None
    requirements: list[Requirement] = []
    includes: list[Include] = []
    python_versions: list[PythonVersion] = []
    unread: list[Unread] = []
    places = _Lines(path, decoded.content)
    wanted: list[tuple[str, str]] = []
    if parser.has_section("options"):
        wanted.append(("", parser["options"].get("install_requires", "")))
        if python := parser["options"].get("python_requires", "").strip():
            python_versions.append(python_requirement(python, "requires-python", places.find(python)))
    if parser.has_section("options.extras_require"):
        wanted += list(parser["options.extras_require"].items())
    for group, block in wanted:
        # setuptools: a dangling list, or values with semicolons between them.
        for line in block.splitlines() if "\n" in block else block.split(";"):
            written = line.split(" #", 1)[0].strip()
            if not written or written.startswith("#"):
                continue
            if written.startswith("file:"):
                includes += [_include(path, name.strip(), places.find(written)) for name in written[5:].split(",")]
                continue
            location = places.find(written)
            entry = parse_requirement(written, location, group=group)
            if entry is None:
                unread.append(Unread(text("`{entry}` is not a requirement (PEP 508)", entry=written[:80]), location))
            else:
                requirements.append(entry)
    return EnvironmentFile(
        path,
        FileFormat.SETUP_CFG,
        is_list=any(block.strip() for _, block in wanted),
        requirements=tuple(requirements),
        includes=tuple(includes),
        python_versions=tuple(python_versions),
        unread=tuple(unread),
    )


class _Lines:
    """Finds the places of values in the order in which they are asked for."""

    def __init__(self, path: str, content: str) -> None:
        self._path, self._content, self._index, self._from = path, content, LineIndex(content), 0

    def find(self, written: str) -> Location:
        offset = self._content.find(written, self._from)
        if offset < 0:
            offset = self._content.find(written)
        if offset < 0:
            return Location(self._path)
        self._from = offset + len(written)
        return Location(self._path, *self._index.position(offset), *self._index.position(self._from))


def _include(path: str, name: str, location: Location) -> Include:
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    return Include("" if joined.startswith(("..", "/")) else joined, name, location)


def parse_setup_py(path: str, content: bytes) -> EnvironmentFile:
    """Read what `setup(…)` is given as literals, also through one name; what is computed stands in `unread`."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        reason = text("{path} is not Python that can be read here", path=path)
        return EnvironmentFile(
            path, FileFormat.SETUP_PY, is_list=True, unread=(Unread(reason, Location(path), is_fault=False),)
        )
    reader = _SetupReader(path, tree, content.decode("utf-8-sig", "replace"))
    call = next((node for node in _nodes(tree) if _is_setup(node)), None)
    if call is not None:
        reader.read(call)
    return EnvironmentFile(
        path,
        FileFormat.SETUP_PY,
        is_list=reader.is_list,
        requirements=tuple(reader.requirements),
        includes=tuple(reader.includes),
        python_versions=tuple(reader.python_versions),
        unread=tuple(reader.unread),
    )


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, without recursion: hostile files nest deeply."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(ast.iter_child_nodes(node))


def _is_setup(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Name) and called.id == "setup") or (
        isinstance(called, ast.Attribute)
        and called.attr == "setup"
        and isinstance(called.value, ast.Name)
        and called.value.id in {"setuptools", "core", "distutils"}
    )


class _SetupReader:
    def __init__(self, path: str, tree: ast.Module, content: str) -> None:
        self.path = path
        self.is_list = False
        self.lines = content.split("\n")
        self.assigned = {
            target.id: statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        self.tree = tree
        self.requirements: list[Requirement] = []
        self.includes: list[Include] = []
        self.python_versions: list[PythonVersion] = []
        self.unread: list[Unread] = []

    def read(self, call: ast.AST) -> None:
        assert isinstance(call, ast.Call)
        for keyword in call.keywords:
            if keyword.arg == "install_requires":
                self.is_list = True
                self._entries(keyword.value, "")
            elif keyword.arg == "extras_require":
                value = self._resolved(keyword.value)
                for key, entries in zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ():
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        self.is_list = True
                        self._entries(entries, key.value)
                if isinstance(keyword.value, ast.Name):
                    self._extras_added_to(keyword.value.id)
            elif keyword.arg == "python_requires":
                value = self._resolved(keyword.value)
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    self.python_versions.append(
                        python_requirement(value.value, "requires-python", self._location(value))
                    )
            elif keyword.arg is None:
                self.is_list = True
                self._not_literal(keyword.value)

    def _resolved(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Name):
            return self.assigned.get(value.id, value)
        return value

    def _entries(self, value: ast.expr, group: str) -> None:
        resolved = self._resolved(value)
        if isinstance(resolved, ast.Constant) and isinstance(resolved.value, str):
            parts: list[ast.expr] = [resolved]
        elif isinstance(resolved, ast.List | ast.Tuple):
            parts = resolved.elts
        else:
            self._not_literal(value)
            return
        for written_part in parts:
            part = self._looked_up(written_part)
            if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
                self._not_literal(part)
                continue
            for written in part.value.splitlines():
                if written.strip():
                    entry = parse_requirement(written, self._location(part), group=group)
                    if entry is None:
                        reason = text("`{entry}` is not a requirement (PEP 508)", entry=written[:80])
                        self.unread.append(Unread(reason, self._location(part)))
                    else:
                        self.requirements.append(entry)

    def _extras_added_to(self, name: str) -> None:
        """`extras["plots"] = deps_list("numpy", "torch")`: names of a list of literals; what is put together otherwise is left out."""
        lists = [value for value in self.assigned.values() if isinstance(value, ast.List | ast.Tuple)]
        known = {
            leading_name(entry.value): entry
            for one in lists
            for entry in one.elts
            if isinstance(entry, ast.Constant) and isinstance(entry.value, str)
        }
        for statement in self.tree.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if not (
                isinstance(target, ast.Subscript)
                and isinstance(target.value, ast.Name)
                and target.value.id == name
                and isinstance(target.slice, ast.Constant)
            ):
                continue
            assert isinstance(statement, ast.Assign)
            self.is_list = True
            group = str(target.slice.value)
            if isinstance(statement.value, ast.List | ast.Tuple):
                self._entries(statement.value, group)
            elif isinstance(statement.value, ast.Call):
                named = [part.value for part in statement.value.args if isinstance(part, ast.Constant)]
                found = [known[key] for part in named if (key := canonicalize_name(str(part))) in known]
                self._entries(ast.Tuple(elts=list(found), ctx=ast.Load()), group)

    def _looked_up(self, value: ast.expr) -> ast.expr:
        """`deps["numpy"]`, where `deps` is a dictionary of literals, or made from a list of them by name (as Hugging Face's are)."""
        if not (
            isinstance(value, ast.Subscript)
            and isinstance(value.value, ast.Name)
            and isinstance(value.slice, ast.Constant)
            and isinstance(value.slice.value, str)
        ):
            return value
        key = value.slice.value
        table = self.assigned.get(value.value.id)
        if isinstance(table, ast.Dict):
            found = (
                entry
                for name, entry in zip(table.keys, table.values, strict=True)
                if isinstance(name, ast.Constant) and name.value == key
            )
        elif isinstance(table, ast.DictComp):
            lists = [self._resolved(node) for node in _nodes(table) if isinstance(node, ast.Name)]
            entries = [entry for one in lists if isinstance(one, ast.List | ast.Tuple) for entry in one.elts]
            found = (
                entry
                for entry in entries
                if isinstance(entry, ast.Constant)
                and isinstance(entry.value, str)
                and leading_name(entry.value) == canonicalize_name(key)
            )
        else:
            return value
        return next(found, value)

    def _not_literal(self, value: ast.expr) -> None:
        """Computed: a requirements file that `setup.py` names anywhere is most likely where it comes from."""
        named = [
            node.value
            for node in _nodes(self.tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _REQUIREMENTS_FILE.fullmatch(node.value)
        ]
        location = self._location(value)
        self.includes += [_include(self.path, name, location) for name in dict.fromkeys(named)]
        if not named:
            reason = text("{path} works out its dependencies when it runs, and it is never run", path=self.path)
            self.unread.append(Unread(reason, location, is_fault=False))

    def _location(self, node: ast.expr) -> Location:
        """`ast` counts columns in UTF-8 bytes."""
        start = self._column(node.lineno, node.col_offset)
        end = self._column(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return Location(self.path, node.lineno, start, node.end_lineno or node.lineno, end)

    def _column(self, line: int, byte_offset: int) -> int:
        if line > len(self.lines) or self.lines[line - 1].isascii():
            return byte_offset + 1
        return len(self.lines[line - 1].encode()[:byte_offset].decode("utf-8", "ignore")) + 1
