"""Options that a program takes on its command line, with what holds when nobody gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.absl_flags import defines_flag
from repro_gui.facts.events import Constant, Sequence, Value
from repro_gui.facts.steps import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from repro_gui.facts.program import Program


class Option(msgspec.Struct, frozen=True):
    """One option: `name` as the program's code calls it (`batch_size`), `site` the call that declares it.

    `default` is None where none is given; a flag without one has the constant that its action implies. `given` is the
    text that a launcher of a result entry point passes for it.
    """

    name: str
    site: CallSite
    default: Value | None = None
    is_flag: bool = False
    given: str = ""


def program_options(program: Program, calls: Iterable[CallSite] | None = None) -> Mapping[str, tuple[Option, ...]]:
    """All options that the way to results declares, or those that some calls do, by name."""
    return program.once(_declared) if calls is None else _declared(program, calls)


def _declared(program: Program, calls: Iterable[CallSite] | None = None) -> Mapping[str, tuple[Option, ...]]:
    given = _given(program)
    found: dict[str, list[Option]] = {}
    for site in program.calls() if calls is None else calls:
        option = _option(site, given)
        if option is not None:
            found.setdefault(option.name, []).append(option)
    return {name: tuple(options) for name, options in found.items()}


def _option(site: CallSite, given: Mapping[str, str]) -> Option | None:
    name = site.target.name
    if defines_flag(name):
        words = list(_strings(site.call.positional[:1]))
        if not words:
            return None
        return Option(words[0], site, site.call.argument("default", 1), given=given.get(words[0], ""))
    is_click = name in {"click.option", "rich_click.option"}
    if not is_click and site.target.method != "add_argument" and not name.endswith(".add_argument"):
        return None
    words = list(_strings(site.call.positional))
    dest = next(_strings((value,)), "") if (value := site.call.argument("dest")) is not None else ""
    dest = dest or next((word for word in words if word.startswith("--")), words[0] if words else "")
    dest = dest.split("/", 1)[0].lstrip("-").replace("-", "_")
    if not dest:
        return None
    action = next(_strings((value,)), "") if (value := site.call.argument("action")) is not None else ""
    default = site.call.argument("default")
    is_flag = (
        action.startswith("store_") or action == "count" or (is_click and site.call.keyword("is_flag") is not None)
    )
    if default is None and is_flag:
        call = site.call
        default = Constant(call.line, call.column, call.end_line, call.end_column, action == "store_false")
    return Option(dest, site, default, is_flag, given.get(dest, ""))


def _given(program: Program) -> dict[str, str]:
    """What launchers of result entry points pass, by option; a value that they disagree on is left out."""
    found: dict[str, set[str]] = {}
    for entry in program.result_entry_points:
        words = entry.arguments
        for index, word in enumerate(words):
            if word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                following = words[index + 1] if index + 1 < len(words) else ""
                value = value if equals else "" if following.startswith("-") else following
                if value and not set(value) & set("$`*?{<"):
                    found.setdefault(name.replace("-", "_"), set()).add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _strings(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, Sequence):
            yield from _strings(value.elements)
