"""Names of lakeFS repositories and refs, wherever the project writes them, and whether a ref can move.

An address is `lakefs://REPOSITORY/REF/PATH`; the S3 gateway has the same parts behind `s3://`. A commit is 64 hexadecimal digits; a
branch and a tag cannot be told apart by their names for certain (https://docs.lakefs.io/understand/model.html).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.events import Call, Constant, FormattedString, Operation, Value
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.path_values import path_reader
from repro_gui.facts.program import Program
from repro_gui.facts.source_edits import edited
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.walk import evaluated, flat_events, own_values
from repro_gui.location import Location
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.scopes import Scope
    from repro_gui.facts.steps import Unit
    from repro_gui.facts.unavailable import Unavailable

_ADDRESS = re.compile(r"(?P<scheme>lakefs)://(?P<repository>[a-z0-9][a-z0-9-]{1,62})/(?P<ref>[^/\s\"'?#]+)")
_GATEWAY = re.compile(r"(?P<scheme>s3[an]?)://(?P<repository>[a-z0-9][a-z0-9-]{1,62})/(?P<ref>[^/\s\"'?#]+)")
_ENDPOINT = re.compile(r"https?://[^/\s]*lakefs[^/\s]*", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{64}")
_SHORT_COMMIT = re.compile(r"[0-9a-f]{12,63}")
_TAG_LIKE = re.compile(
    r"v?\d+([._]\d+)+([-+._]?\w+)*|v\d+|(release|tag|snapshot|version|frozen)s?[-_.]?.*\d.*|(\w+[-_.])?\d{4}[-_.]?\d{2}([-_.]?\d{2})?",
    re.IGNORECASE,
)
_OPEN = re.compile(r"[{}$<>%*]")


class RefKind(StrEnum):
    """What the name of a ref says about whether it moves."""

    COMMIT = "commit"
    MAYBE_TAG = "maybe-tag"
    BRANCH = "branch"
    UNKNOWN = "unknown"


class LakefsUse(msgspec.Struct, frozen=True):
    """One place that names a ref; `written` is the address as far as its ref, empty where the ref comes from elsewhere."""

    repository: str
    ref: str
    location: Location
    written: str = ""
    symbol: str = ""

    @property
    def kind(self) -> RefKind:
        """What the ref's name says."""
        return ref_kind(self.ref)


def ref_kind(ref: str) -> RefKind:
    """Told by shape: `main~1` and `main@` move with their branch, relatives of a commit do not."""
    base = re.split(r"[~^@]", ref, maxsplit=1)[0]
    if not base or _OPEN.search(ref):
        return RefKind.UNKNOWN
    if _COMMIT.fullmatch(base) or _SHORT_COMMIT.fullmatch(base):
        return RefKind.COMMIT
    return RefKind.MAYBE_TAG if _TAG_LIKE.fullmatch(base) else RefKind.BRANCH


def ref_of_address(address: str) -> str:
    """The ref of a `lakefs://` address; empty where it has none."""
    found = _ADDRESS.match(address)
    return found["ref"] if found is not None else ""


def lakefs_uses(
    program: Program | Unavailable, configs: Configs | Unavailable, launchers: Launchers | Unavailable
) -> tuple[LakefsUse, ...]:
    """Every place of code, configuration and scripts that names a ref, each once."""
    units = _units(program) if isinstance(program, Program) else {}
    in_code = list(_constants(program, units)) if isinstance(program, Program) else []
    settings = (
        [
            (one.value, file.location(one))
            for file in configs.files
            for one in file.settings
            if isinstance(one.value, str)
        ]
        if isinstance(configs, Configs)
        else []
    )
    words = (
        [
            (word, command.location)
            for file in launchers.files
            if file.kind != "readme"
            for command in file.commands
            for word in command.argv
        ]
        if isinstance(launchers, Launchers)
        else []
    )
    texts = [(value, location, "") for value, location in [*settings, *words]]
    texts += [(value, location, symbol) for value, location, symbol in in_code]
    patterns = [_ADDRESS]
    if any(_ENDPOINT.search(value) for value, _, _ in texts):
        patterns.append(_GATEWAY)
    found: dict[tuple[str, str], LakefsUse] = {}
    for value, location, symbol in texts:
        for pattern in patterns:
            for match in pattern.finditer(value):
                use = LakefsUse(match["repository"], match["ref"], location, match[0], symbol)
                found.setdefault((str(location), match[0]), use)
    if isinstance(program, Program):
        for use in [*_put_together(program, units), *_from_client(units)]:
            found.setdefault((str(use.location), f"{use.repository}/{use.ref}"), use)
    return tuple(found.values())


def _constants(program: Program, units: dict[Unit, int]) -> Iterator[tuple[str, Location, str]]:
    for scope, _, one in program.told_of(units, _addresses_in, program):
        yield str(one.value), scope.module.location(one), scope.symbol


def _addresses_in(unit: Unit, program: Program) -> Iterator[tuple[Scope, Value, Constant]]:
    """The texts of a unit with an address in them, and the whole values that they stand in."""
    scope = program.code.scope(unit.path, unit.symbol)
    for event in flat_events(scope.body):
        for value in own_values(event):
            for one in evaluated(value):
                if isinstance(one, Constant) and isinstance(one.value, str) and "://" in one.value:
                    yield scope, value, one


def _units(program: Program) -> dict[Unit, int]:
    """What result entry points reach, each function once."""
    units = (unit for entry in program.result_entry_points for unit in program.units(entry))
    found: dict[tuple[str, str], Unit] = {}
    for unit in units:
        found.setdefault((unit.path, unit.symbol), unit)
    return {unit: number for number, unit in enumerate(found.values())}


def _put_together(program: Program, units: dict[Unit, int]) -> Iterator[LakefsUse]:
    """`f"lakefs://{REPOSITORY}/{REF}/a.csv"`, as far as the parts are known."""
    paths = path_reader(program)
    found = program.told_of(units, _addresses_in, program)
    values = {id(value): (scope, value) for scope, value, one in found if str(one.value).startswith("lakefs://")}
    for scope, value in values.values():
        for one in evaluated(value):
            if not isinstance(one, FormattedString | Operation | Call) or not _starts_address(one):
                continue
            for read in paths.paths(scope.module.path, scope.symbol, one):
                match = _ADDRESS.match(read.path)
                if match is not None and (not read.open_end or match.end() < len(read.path)):
                    yield LakefsUse(match["repository"], match["ref"], scope.module.location(one), "", scope.symbol)


def _starts_address(value: Value) -> bool:
    inner = next(
        (one.value for one in evaluated(value) if isinstance(one, Constant) and isinstance(one.value, str)), ""
    )
    return inner.startswith("lakefs://") and _ADDRESS.match(inner) is None


def _from_client(units: dict[Unit, int]) -> Iterator[LakefsUse]:
    """`lakefs.repository("r").ref("main")`, and objects that are read from a branch."""
    for site in (site for unit in units for site in unit.calls):
        if site.name not in {"lakefs.repository().ref", "lakefs.Repository().ref"}:
            continue
        repository = next(
            (
                str(inner.positional[0].value)
                for inner in evaluated(site.call.target)
                if isinstance(inner, Call) and inner.positional and isinstance(inner.positional[0], Constant)
            ),
            "",
        )
        given = site.call.argument("ref_id", 0)
        if isinstance(given, Constant) and isinstance(given.value, str):
            yield LakefsUse(repository, given.value, site.module.location(given), given.value, site.symbol)


def pin_ref(content: bytes, use: LakefsUse, commit: str) -> bytes:
    """The file with the commit in place of the ref; raises `CannotPlan` where the ref does not stand there as it is."""
    if not use.written:
        raise CannotPlan(
            text("The ref {ref} is put together from several values.", ref=use.ref),
            text("Write the commit {commit} where {ref} is set.", commit=commit, ref=use.ref),
        )
    source = SourceText(content, use.location.path, use.location.cell)
    start = source.offset(use.location.line, max(use.location.column, 1)) if use.location.line else 0
    last = use.location.end_line or use.location.line
    lines = source.text.split("\n")
    end = sum(len(line) + 1 for line in lines[:last]) if use.location.line else len(source.text)
    match = re.search(rf"{re.escape(use.written)}(?![\w.-])", source.text[start:end])
    if match is None:
        raise CannotPlan(
            text("{path} does not name {ref} there any more.", path=use.location.path, ref=use.ref),
            text("Audit the project again."),
        )
    position = start + match.end() - len(use.ref)
    return edited(source, [Splice(position, position + len(use.ref), commit)])
