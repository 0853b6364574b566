"""Hyperparameters stand in a configuration or are arguments.

## Why it matters
A learning rate that stands in the middle of the code is changed by editing the code: which value made which result is then known
only from the history, and a tracker gets it only when somebody remembers to log it.

## How to fix it
Make them options (`argparse`, `click`, `tyro`), or settings of one file (`params.yaml`, Hydra), and pass the object on.

## When to leave it
In a notebook or a short script that is the only run there will ever be.

## References
- DVC documentation, `dvc params`; Hydra documentation, “Your first Hydra app”.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.configs import Configs
from repro_gui.facts.events import Constant, Name, Subscript
from repro_gui.facts.file_roles import FileRole, role_of
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.program_options import program_options
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tracker_use import is_training
from repro_gui.facts.walk import evaluated
from repro_gui.facts.ways import way_of
from repro_gui.location import Location
from repro_gui.text import text

# Numbers that are settings of any library's call, and seeds, which other checks judge.
_NO_CHOICE = frozenset({"seed", "random_state", "random_seed", "num_workers", "steps", "split", "eps", "epsilon", "c"})
# Ways to take settings that are not followed here: their names come from classes, files or the call itself.
_READERS = frozenset(
    {"tyro", "fire", "hydra", "omegaconf", "jsonargparse", "simple_parsing", "typer", "sacred", "gin", "ml_collections"}
)
_PARSER_CALLS = ("parse_args", "parse_known_args", "parse_args_into_dataclasses", "parse_args_and_config")


class _Written(msgspec.Struct, frozen=True):
    """A hyperparameter that is a number in the source."""

    name: str
    value: str
    location: Location
    symbol: str


def find(program: Program, configs: Configs, knowledge: Knowledge) -> Iterator[Observation]:
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    known = set(knowledge.tracking.hyperparameters) - _NO_CHOICE
    options = {name: found for name, found in program_options(program).items() if name.lower() in known}
    for name, found in options.items():
        yield Evidence(text("{name} is an option.", name=name), found[0].site.location, {"name": name})
    settings = [
        (file, setting)
        for file in configs.files
        if role_of(file.path, 0) is FileRole.CONFIGURATION
        for setting in file.settings
        if setting.name.lower() in known
    ]
    for file, setting in settings[:20]:
        yield Evidence(text("{key} is a setting.", key=setting.key), file.location(setting), {"name": setting.name})
    if options or settings:
        return
    training = [
        way
        for way in (way_of(program, entry) for entry in program.result_entry_points)
        if any(way.calls_that(is_training, knowledge))
    ]
    if not training:
        yield NotApplicable(text("No program is seen to train."))
        return
    written: list[_Written] = []
    held: list[Location] = []
    for way in training:
        for site in way.calls_that(_has_keywords):
            _read(program, site, known, written, held)
    written = list(dict.fromkeys(written))
    reader = next((name for name in sorted(_READERS) if name in program.third_party_imports), "")
    parses = next((site for site in program.calls() if _takes_settings(site)), None)
    if held:
        yield Evidence(text("Hyperparameters are kept together, and handed to the calls."), held[0])
    elif reader or parses is not None:
        what = text("The program takes settings in a way that is not followed here.")
        yield CannotTell(what, parses.location if parses is not None else None)
    elif not written:
        yield NotApplicable(text("No hyperparameter is seen by its name."))
    else:
        names = ", ".join(dict.fromkeys(f"{one.name}={one.value}" for one in written))
        yield Finding(
            text("Hyperparameters are numbers in the code, none is a setting or an option: {names}", names=names[:200]),
            written[0].location,
            symbol=written[0].symbol,
            expression="hard-coded",
            places=tuple(
                Place(text("{name} is {value} here", name=one.name, value=one.value), one.location)
                for one in written[1:6]
            ),
            values={"names": names[:200]},
        )


def _has_keywords(site: CallSite) -> bool:
    return bool(site.call.keywords)


def _takes_settings(site: CallSite) -> bool:
    if site.name.endswith(_PARSER_CALLS) or site.target.method in _PARSER_CALLS:
        return True
    values = [*site.call.positional, *[keyword.value for keyword in site.call.keywords]]
    names = (one.dotted for value in values for one in evaluated(value) if isinstance(one, Name))
    return site.name in {"os.getenv", "os.environ.get", "input"} or any(
        name in {"sys.argv", "os.environ"} for name in names
    )


def _read(program: Program, site: CallSite, known: set[str], written: list[_Written], held: list[Location]) -> None:
    """Add the hyperparameters of a call: numbers of the same file to `written`, what comes from an object or file to `held`."""
    for keyword in site.call.keywords:
        if keyword.name.lower() not in known:
            continue
        value, place = keyword.value, site.module.location(keyword.value)
        if isinstance(value, Constant):
            _add(keyword.name, value, place, site.symbol, written)
        elif isinstance(value, Name) and "." not in value.dotted:
            scope = program.code.scope(site.module.path, site.symbol)
            home, settled = program.code.resolver.value_of(scope, value)
            if isinstance(settled, Constant) and home.module.path == site.module.path:
                _add(keyword.name, settled, home.module.location(settled), site.symbol, written)
            elif isinstance(settled, Constant):
                held.append(place)
        elif isinstance(value, Name | Subscript):
            held.append(place)


def _add(name: str, value: Constant, place: Location, symbol: str, written: list[_Written]) -> None:
    if isinstance(value.value, int | float) and not isinstance(value.value, bool):
        written.append(_Written(name, str(value.value), place, symbol))


_BAD = """from sklearn.linear_model import SGDClassifier

SGDClassifier(alpha=0.001, random_state=1).fit([[0.0], [1.0]], [0, 1])
"""
_GOOD = """import argparse

from sklearn.linear_model import SGDClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--alpha", type=float, default=0.001)
args = parser.parse_args()
SGDClassifier(alpha=args.alpha, random_state=1).fit([[0.0], [1.0]], [0, 1])
"""

CHECK = Check(
    id="hard-coded-hyperparameters",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="Hyperparameters are settings or options",
    failure_title="Hyperparameters are hard-coded",
    explanation=__doc__,
    find=find,
    fix=Fix("Make them options or settings", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(bad=_BAD, good=_GOOD, fixes=False),
        Example(
            bad=_BAD,
            good=Sketch({"train.py": _BAD.replace("0.001", 'params["alpha"]'), "params.yaml": "alpha: 0.001\n"}),
            fixes=False,
        ),
    ),
)
