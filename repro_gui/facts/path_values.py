"""Which paths a value in the program stands for, as far as its source says."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import (
    Attribute,
    Call,
    Conditional,
    Constant,
    FormattedString,
    Mapping,
    Name,
    Operation,
    Parameter,
    Sequence,
    Subscript,
    Value,
)
from repro_gui.facts.program_options import Option, program_options
from repro_gui.facts.scopes import BindingKind
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from repro_gui.facts.program import Program
    from repro_gui.facts.scopes import Scope

_DEEPEST = 12
_MOST_ALTERNATIVES = 12

_JOIN = frozenset({"os.path.join", "posixpath.join", "ntpath.join"})
_PATH = frozenset({
    "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "upath.UPath", "anyio.Path",
})  # fmt: skip
_SAME = frozenset({
    "builtins.str", "os.fspath", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser",
    "os.path.expandvars", "hydra.utils.to_absolute_path", "builtins.open", "io.open", "gzip.open", "bz2.open", "lzma.open",
    "codecs.open", "builtins.sorted", "builtins.list", "zipfile.ZipFile", "tarfile.open",
})  # fmt: skip
_SAME_METHODS = frozenset({
    "resolve", "absolute", "expanduser", "as_posix", "open", "strip", "rstrip", "__str__", "__fspath__", "readlink",
})  # fmt: skip
_HERE = frozenset({"os.getcwd", "pathlib.Path.cwd", "hydra.utils.get_original_cwd"})
_FROM_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "os.environ.setdefault"})
# What people call the thing that holds the options.
_OPTION_HOLDERS = frozenset({
    "args", "opt", "opts", "options", "params", "hparams", "cfg", "config", "conf", "FLAGS", "flags", "arguments", "parsed",
    "flags_obj", "hp", "parameters", "cli_args", "script_args", "data_args", "model_args", "ns", "namespace", "p", "a",
})  # fmt: skip


class WrittenPath(msgspec.Struct, frozen=True):
    """A path as far as it is known.

    `from_project` is true where it starts at the project's folder (`Path(__file__)…`), else it starts where the
    program does. `open_start`: something unknown stands before it; `open_end`: something unknown stands after it, so
    that it names a folder.
    """

    path: str
    from_project: bool = False
    open_start: bool = False
    open_end: bool = False

    @property
    def is_known(self) -> bool:
        """True when at least where it starts is known."""
        return not self.open_start and bool(self.path)


NOTHING_KNOWN = WrittenPath("", open_start=True, open_end=True)


def path_reader(program: Program) -> PathReader:
    """The reader of paths for all calls on the way to results, made once."""
    return program.once(PathReader)


class PathReader:
    """Reads paths out of the values of one program.

    `calls` are those whose arguments and options count, else all on the way to results.
    """

    def __init__(self, program: Program, calls: list[CallSite] | None = None) -> None:
        self._program = program
        self._resolver = program.code.resolver
        self._options = program_options(program, calls)
        self._callers: dict[tuple[str, str], list[CallSite]] = {}
        for site in program.calls() if calls is None else calls:
            if site.target.path:
                self._callers.setdefault((site.target.path, site.target.symbol), []).append(site)

    def paths(self, path: str, symbol: str, value: Value) -> tuple[WrittenPath, ...]:
        """What a value in a module's symbol may be: nothing for None, a path of which nothing is known for the unknown."""
        try:
            scope = self._program.code.scope(path, symbol)
        except KeyError:
            return (NOTHING_KNOWN,)
        return tuple(dict.fromkeys(self._read(scope, value, 0)))

    def _read(self, scope: Scope, value: Value, depth: int) -> list[WrittenPath]:
        if depth > _DEEPEST:
            return [NOTHING_KNOWN]
        match value:
            case Constant():
                if isinstance(value.value, str):
                    return [WrittenPath(value.value)]
                return [WrittenPath(str(value.value))] if isinstance(value.value, int) else []
            case Name():
                found = self._name(scope, value, depth)
            case Attribute() if value.name == "parent":
                found = [_parent(one) for one in self._read(scope, value.of, depth + 1)]
            case Call():
                found = self._call(scope, value, depth)
            case Operation():
                found = self._operation(scope, value, depth)
            case FormattedString():
                found = self._appended(scope, value.parts, depth)
            case Conditional():
                found = self._alternatives(scope, (value.then, value.otherwise), depth)
            case Sequence():
                found = self._alternatives(scope, value.elements, depth)
            case Subscript():
                found = self._subscript(scope, value, depth)
            case _:
                found = [NOTHING_KNOWN]
        return found[:_MOST_ALTERNATIVES]

    def _operation(self, scope: Scope, value: Operation, depth: int) -> list[WrittenPath]:
        match value.operator:
            case "/":
                return self._joined(scope, value.operands, depth)
            case "+":
                return self._appended(scope, value.operands, depth)
            case "%":
                return self._percent(scope, value.operands[0], value.operands[1], depth)
            case "or":
                return self._alternatives(scope, value.operands, depth)
            case _:
                return [NOTHING_KNOWN]

    def _name(self, scope: Scope, value: Name, depth: int) -> list[WrittenPath]:
        if value.dotted == "__file__":
            return [WrittenPath(scope.module.path, from_project=True)]
        home, bound = self._resolver.value_of(scope, value)
        if bound is not value:
            return self._read(home, bound, depth + 1)
        owner, _, last = value.dotted.rpartition(".")
        if owner and last == "parent":
            return [_parent(one) for one in self._read(scope, _renamed(value, owner), depth + 1)]
        if owner:
            if owner.rpartition(".")[2] in _OPTION_HOLDERS and last in self._options:
                return self._option(self._options[last], depth)
            return [NOTHING_KNOWN]
        binder = scope.home_of(value.dotted)
        if binder is None:
            return [NOTHING_KNOWN]
        found: list[WrittenPath] = []
        for binding in binder.bindings[value.dotted]:
            if binding.kind is BindingKind.PARAMETER and isinstance(binding.record, Parameter):
                found += self._parameter(binder, binding.record, depth)
            elif binding.kind in {BindingKind.ASSIGNED, BindingKind.ENTERED} and binding.value is not None:
                # `path = path + "x"` would ask for itself.
                asks_itself = any(name.dotted == value.dotted for name in _names_in(binding.value))
                found += [] if asks_itself else self._read(binder, binding.value, depth + 1)
            else:
                found.append(NOTHING_KNOWN)
        return found

    def _option(self, options: tuple[Option, ...], depth: int) -> list[WrittenPath]:
        found: list[WrittenPath] = []
        for option in options:
            if option.given:
                found.append(WrittenPath(option.given))
            elif option.default is None:
                found.append(NOTHING_KNOWN)
            else:
                scope = self._program.code.scope(option.site.module.path, option.site.symbol)
                found += self._read(scope, option.default, depth + 1)
        return found

    def _parameter(self, scope: Scope, parameter: Parameter, depth: int) -> list[WrittenPath]:
        """What the calls of the function give for it; its default where one gives nothing."""
        option = self._options.get(parameter.name)
        symbol, is_method = scope.symbol, scope.parent is not None and scope.parent.kind == "class"
        if symbol.endswith(".__init__"):
            symbol = symbol.removesuffix(".__init__")
        callers = self._callers.get((scope.module.path, symbol), [])
        positions = [one.name for one in getattr(scope.definition, "parameters", ()) if not one.kind.startswith("*")]
        position = positions.index(parameter.name) - int(is_method) if parameter.name in positions else -1
        found: list[WrittenPath] = []
        for site in callers[:_MOST_ALTERNATIVES]:
            given = site.call.argument(parameter.name, position)
            if given is not None:
                caller = self._program.code.scope(site.module.path, site.symbol)
                found += self._read(caller, given, depth + 2)
            elif site.call.has_star:
                found.append(NOTHING_KNOWN)
            elif parameter.default is not None:
                found += self._read(scope.parent or scope, parameter.default, depth + 1)
        if callers:
            return found
        if option is not None:
            return self._option(option, depth)
        return (
            [NOTHING_KNOWN]
            if parameter.default is None
            else self._read(scope.parent or scope, parameter.default, depth + 1)
        )

    def _call(self, scope: Scope, call: Call, depth: int) -> list[WrittenPath]:
        name = self._resolver.resolve(scope, call.target).name
        arguments = call.positional
        if name in _JOIN or name in _PATH:
            return self._joined(scope, arguments, depth) if arguments else [WrittenPath(".")]
        if name in _SAME and arguments:
            return self._read(scope, arguments[0], depth + 1)
        if name == "os.path.dirname" and arguments:
            return [_parent(one) for one in self._read(scope, arguments[0], depth + 1)]
        if name in _HERE:
            return [WrittenPath(".")]
        if name == "pathlib.Path.home":
            return [WrittenPath("~")]
        if name in _FROM_ENVIRONMENT:
            return self._read(scope, arguments[1], depth + 1) if len(arguments) > 1 else [NOTHING_KNOWN]
        owner, method = _owner_and_method(call.target)
        if owner is None:
            return [NOTHING_KNOWN]
        if method in _SAME_METHODS:
            return self._read(scope, owner, depth + 1)
        if method == "joinpath":
            return self._joined(scope, (owner, *arguments), depth)
        if method == "format":
            return self._filled(scope, owner, call, depth)
        if method in {"with_suffix", "with_name", "with_stem"}:
            return [_folder(_parent(one)) for one in self._read(scope, owner, depth + 1)]
        return [NOTHING_KNOWN]

    def _filled(self, scope: Scope, template: Value, call: Call, depth: int) -> list[WrittenPath]:
        """`"{}/{name}.csv".format(folder, name=…)`."""
        _, written = self._resolver.value_of(scope, template)
        if not isinstance(written, Constant) or not isinstance(written.value, str):
            return [NOTHING_KNOWN]
        given = iter(call.positional)
        pieces: list[Value | None] = []
        for literal, field in _FIELD.findall(written.value):
            pieces.append(_constant(written, literal))
            if field:
                name = re.split(r"[:!.\[]", field[1:-1])[0]
                keyword = call.keyword(name)
                if name.isdecimal():
                    pieces.append(call.positional[int(name)] if int(name) < len(call.positional) else None)
                else:
                    pieces.append(keyword.value if keyword is not None else None if name else next(given, None))
        return self._combined(scope, pieces, depth, _append)

    def _percent(self, scope: Scope, template: Value, given: Value, depth: int) -> list[WrittenPath]:
        """`"%s/%d.csv" % (folder, number)`."""
        _, written = self._resolver.value_of(scope, template)
        if not isinstance(written, Constant) or not isinstance(written.value, str):
            return [NOTHING_KNOWN]
        values = iter(given.elements if isinstance(given, Sequence) else (given,))
        pieces: list[Value | None] = []
        for literal, field in _PERCENT.findall(written.value):
            pieces.append(_constant(written, literal))
            if field:
                pieces.append(next(values, None))
        return self._combined(scope, pieces, depth, _append)

    def _subscript(self, scope: Scope, value: Subscript, depth: int) -> list[WrittenPath]:
        index = value.index.value if isinstance(value.index, Constant) else None
        owner: Value | None = value.of
        if isinstance(owner, Attribute) and owner.name == "parents":
            owner = owner.of
        elif isinstance(owner, Name) and owner.dotted.endswith(".parents"):
            owner = _renamed(owner, owner.dotted.removesuffix(".parents"))
        else:
            owner = None
        if owner is not None and isinstance(index, int) and 0 <= index < 32:
            found = self._read(scope, owner, depth + 1)
            for _ in range(index + 1):
                found = [_parent(one) for one in found]
            return found
        if isinstance(index, int) and self._resolver.resolve(scope, value.of).name == "sys.argv":
            return self._argument_words(scope.module.path, index)
        home, bound = self._resolver.value_of(scope, value.of)
        if isinstance(bound, Mapping) and index is not None:
            for key, item in zip(bound.keys, bound.values, strict=True):
                if isinstance(key, Constant) and key.value == index:
                    return self._read(home, item, depth + 1)
        return [NOTHING_KNOWN]

    def _argument_words(self, path: str, index: int) -> list[WrittenPath]:
        """What launchers give a script as its word of that number."""
        words = [
            entry.arguments[index - 1]
            for entry in self._program.result_entry_points
            if entry.path == path and 0 < index <= len(entry.arguments)
        ]
        return [WrittenPath(word) for word in words if not set(word) & set("$`<{")] or [NOTHING_KNOWN]

    def _alternatives(self, scope: Scope, values: Iterable[Value], depth: int) -> list[WrittenPath]:
        return [one for value in list(values)[:_MOST_ALTERNATIVES] for one in self._read(scope, value, depth + 1)]

    def _joined(self, scope: Scope, values: tuple[Value, ...], depth: int) -> list[WrittenPath]:
        return self._combined(scope, values, depth, _join)

    def _appended(self, scope: Scope, values: tuple[Value, ...], depth: int) -> list[WrittenPath]:
        return self._combined(scope, values, depth, _append)

    def _combined(
        self,
        scope: Scope,
        values: Iterable[Value | None],
        depth: int,
        combine: Callable[[WrittenPath, WrittenPath], WrittenPath],
    ) -> list[WrittenPath]:
        found: list[WrittenPath] | None = None
        for value in values:
            read = ([] if value is None else self._read(scope, value, depth + 1)) or [NOTHING_KNOWN]
            found = read if found is None else [combine(left, right) for left in found for right in read]
            found = list(dict.fromkeys(found))[:_MOST_ALTERNATIVES]
        return found or [NOTHING_KNOWN]


_FIELD = re.compile(r"([^{}]*)(\{[^{}]*\}|$)")
_PERCENT = re.compile(r"([^%]*)(%[-+0-9.]*[a-z]|$)")


def _constant(like: Constant, value: str) -> Constant:
    return Constant(like.line, like.column, like.end_line, like.end_column, value)


def _join(left: WrittenPath, right: WrittenPath) -> WrittenPath:
    if right.path.startswith(("/", "~")) and not right.open_start:
        return right
    if left.open_end and not left.open_start and left.path:
        return left
    if right == NOTHING_KNOWN:
        return _folder(left) if left.path else NOTHING_KNOWN
    if left == NOTHING_KNOWN or not left.path:
        return WrittenPath(right.path, open_start=True, open_end=right.open_end)
    return WrittenPath(posixpath.join(left.path, right.path), left.from_project, left.open_start, right.open_end)


def _append(left: WrittenPath, right: WrittenPath) -> WrittenPath:
    if left.open_end and left != NOTHING_KNOWN:
        return left
    if right == NOTHING_KNOWN:
        return _cut(WrittenPath(left.path + "\0", left.from_project, left.open_start), "\0")
    if left == NOTHING_KNOWN:
        tail = right.path.partition("/")[2]
        return WrittenPath(tail, open_start=True, open_end=right.open_end) if tail else NOTHING_KNOWN
    if not left.path and right.path.startswith("/"):
        # An option whose default is "": somebody must give the folder, and nobody means the root of the disk.
        return WrittenPath(right.path.lstrip("/"), open_start=True, open_end=right.open_end)
    return WrittenPath(left.path + right.path, left.from_project, left.open_start, right.open_end)


def _cut(one: WrittenPath, mark: str) -> WrittenPath:
    """The folder of what stands before a mark; itself when the mark is not in it."""
    before, found, _ = one.path.partition(mark)
    if not found:
        return one
    folder = before.rpartition("/")[0]
    return WrittenPath(folder, one.from_project, one.open_start, open_end=True) if folder else NOTHING_KNOWN


def _parent(one: WrittenPath) -> WrittenPath:
    if one.open_end or one.path in {"", "."}:
        return NOTHING_KNOWN if not one.path else one
    parent = posixpath.dirname(one.path.rstrip("/"))
    return WrittenPath(parent or ".", one.from_project, one.open_start)


def _folder(one: WrittenPath) -> WrittenPath:
    return WrittenPath(one.path, one.from_project, one.open_start, open_end=True)


def _renamed(value: Name, dotted: str) -> Name:
    return Name(value.line, value.column, value.end_line, value.end_column, dotted)


def _owner_and_method(target: Value) -> tuple[Value | None, str]:
    if isinstance(target, Attribute):
        return target.of, target.name
    if isinstance(target, Name) and "." in target.dotted:
        owner, _, method = target.dotted.rpartition(".")
        return _renamed(target, owner), method
    return None, ""


def _names_in(value: Value) -> Iterator[Name]:
    if isinstance(value, Name):
        yield value
    for part in parts(value):
        yield from _names_in(part)
