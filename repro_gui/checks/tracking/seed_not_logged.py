"""The seed is among the hyperparameters that are logged.

## Why it matters
A run that is tried again with the same parameters and another seed gives other numbers. When the record lacks the seed, nobody can
tell whether a difference comes from the change or from chance.

## How to fix it
Log it with the rest: `mlflow.log_params({..., "seed": seed})`, `wandb.init(config={..., "seed": seed})`. An option `--seed` that is
logged with `vars(args)` does the same.

## When to leave it
When the seed is a constant of the source that never changes, and each recorded run names its commit.

## References
- MLflow documentation, `log_params`.
- W&B documentation, “Configure experiments”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Call, Constant, Mapping, Name, Subscript, Value
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_tracking import Logged
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.program_options import Option, program_options
from repro_gui.facts.random_use import RandomUse, Seeding, SeedKind, random_uses
from repro_gui.facts.scopes import Scope
from repro_gui.facts.seed_places import project_seeds
from repro_gui.facts.source_edits import edited
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.tracker_use import EntryTracking, TrackerUse, tracking_state
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens, Way, way_of
from repro_gui.text import text

_SEED = re.compile(r"(^|[_.])(seed|random_?state|rng)s?($|[_.])", re.IGNORECASE)
_ONE_NAME = frozenset({"log_param", "log_parameter", "log_hyperparameter", "log_other"})
_DEEPEST = 6


def find(program: Program, configs: Configs | Unavailable, knowledge: Knowledge) -> Iterator[Observation]:
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    seeds = {use.entry.start: [one for one in use.seedings if _is_set(one)] for use in random_uses(program, knowledge)}
    asked = False
    for state in tracking_state(program, configs, knowledge):
        seedings = seeds.get(state.entry.start, [])
        if seedings and any(use.logs_parameters for use in state.uses):
            asked = True
            yield _judged(program, state, seedings, knowledge)
    if not asked:
        yield NotApplicable(text("No program both sets a seed and logs its hyperparameters."))


def _is_set(seeding: Seeding) -> bool:
    return seeding.happens is not Happens.NO and seeding.kind in {
        SeedKind.CONSTANT,
        SeedKind.DEFAULT,
        SeedKind.VARIABLE,
    }


def _judged(program: Program, state: EntryTracking, seedings: list[Seeding], knowledge: Knowledge) -> Observation:
    giving = [use for use in state.uses if use.logs_parameters]
    answers = [(use, _holds_seed(program, state, use, knowledge)) for use in giving]
    sure = next((use for use, answer in answers if answer), None)
    if sure is not None:
        what = text("The seed goes to {tracker}: {call}", tracker=sure.title, call=sure.call)
        return Evidence(what, sure.location, {"tracker": sure.tracker, "entry": state.entry.path})
    open_one = next((use for use, answer in answers if answer is None), None)
    if open_one is None and state.unread is not None:
        open_one = state.unread
    if open_one is not None:
        what = text("Whether the seed is among what {call} gets is not known.", call=open_one.call)
        return CannotTell(what, open_one.location)
    first = giving[0]
    return Finding(
        text(
            "{tracker} gets the hyperparameters of {entry} without the seed.",
            tracker=first.title,
            entry=state.entry.path,
        ),
        first.location,
        symbol=first.symbol,
        expression=f"{state.entry.path}:{first.call}",
        cause=f"seed:{first.location}",
        places=(Place(text("the seed is set here"), seedings[0].site.location),),
        values={"entry": state.entry.path, "entry_symbol": state.entry.symbol, "tracker": first.tracker},
    )


# ------------------------------------------------------------------------------------------------- what a call is given


def _holds_seed(program: Program, state: EntryTracking, use: TrackerUse, knowledge: Knowledge) -> bool | None:
    """Whether a use gives the seed to its tracker; None where that is not seen."""
    if use.tracker == "dvc":
        # Names of parameters, or of whole files of them.
        return True if any(_SEED.search(name) for name in use.call.split(", ")) else None
    way = way_of(program, state.entry)
    site = next((site for site in way.calls if site.location == use.location), None)
    if site is None:
        # `wandb.config.lr = …`
        return bool(_SEED.search(use.call.rpartition(".")[2])) if use.call.startswith("wandb.config.") else None
    last = (site.target.method or site.name).rpartition(".")[2]
    if last in _ONE_NAME:
        given = site.call.argument("key", 0) or site.call.argument("name", 0)
        return _is_seed(given) and not _is_none(way, way.values.scope(site), site.call.argument("value", 1))
    value = _given(site, use, knowledge)
    return None if value is None else _value_holds(way, way.values.scope(site), value)


def _given(site: CallSite, use: TrackerUse, knowledge: Knowledge) -> Value | None:
    known = knowledge.tracking.call(use.call) or knowledge.tracking.call(f".{use.call.rpartition('.')[2]}")
    if known is None or known.logs is Logged.ALL:
        return None
    return site.call.argument(known.parameter or "params", known.position)


def _is_seed(name: Value | None) -> bool | None:
    if not isinstance(name, Constant) or not isinstance(name.value, str):
        return None
    return bool(_SEED.search(name.value))


def _is_none(way: Way, scope: Scope, value: Value | None) -> bool:
    """Whether what is logged is no number, unless somebody gives one."""
    settled = None if value is None else way.values.value(scope, value)
    return isinstance(settled, Known) and settled.value is None


def _is_none_by_default(way: Way, option: Option) -> bool:
    """Whether an option that nobody gives is None, and stays it."""
    call = option.site.call
    words = [one.value for one in call.positional if isinstance(one, Constant)]
    may_be_left = any(isinstance(word, str) and word.startswith("-") for word in words) and not call.keyword("required")
    is_nothing = option.default is None or (isinstance(option.default, Constant) and option.default.value is None)
    return may_be_left and is_nothing and not option.given and not call.has_star and not _is_set_later(way, option.name)


def _is_set_later(way: Way, name: str) -> bool:
    """Whether something is assigned to an attribute or item of that name: `args.seed = args.seed or 1`."""
    targets = (step.to for step in way.steps if isinstance(step, AssignSite))
    return any(
        (isinstance(to, Name) and to.dotted.endswith(f".{name}"))
        or (isinstance(to, Subscript) and isinstance(to.index, Constant) and to.index.value == name)
        for to in targets
    )


def _value_holds(way: Way, scope: Scope, value: Value, depth: int = 0) -> bool | None:
    program = way.program
    if depth > _DEEPEST:
        return None
    scope, value = program.code.resolver.value_of(scope, value)
    if isinstance(value, Mapping):
        return _mapping_holds(way, scope, value, depth)
    if not isinstance(value, Call):
        return None
    target = program.code.resolver.resolve(scope, value.target)
    name = target.name or value.written
    if name in {"vars", "builtins.vars", "dict", "builtins.dict"}:
        if value.positional:
            return _value_holds(way, scope, value.positional[0], depth + 1)
        if any(_SEED.search(one.name) and not _is_none(way, scope, one.value) for one in value.keywords):
            return True
        return None if value.has_star or not value.keywords else False
    if name.endswith(".parse_args") or target.method == "parse_args":
        options = program_options(program)
        # A parser without an option that is seen has them from elsewhere.
        seeds = [one for name, declared in options.items() if _SEED.search(name) for one in declared]
        if any(not _is_none_by_default(way, one) for one in seeds):
            return True
        return False if options else None
    returned = program.code.resolver.returned_value(scope, value)
    return None if returned is None else _value_holds(way, *returned, depth + 1)


def _mapping_holds(way: Way, scope: Scope, value: Mapping, depth: int) -> bool | None:
    answers: list[bool | None] = [None] if value.length != len(value.keys) else []
    for key, item in zip(value.keys, value.values, strict=True):
        # `**other` has no key.
        if key is None:
            answers.append(_value_holds(way, scope, item, depth + 1))
        elif _is_seed(key) and _is_none(way, scope, item):
            answers.append(None if isinstance(key, Constant) and _is_set_later(way, str(key.value)) else False)
        else:
            answers.append(_is_seed(key))
        if key is not None and isinstance(item, Mapping):
            answers.append(_mapping_holds(way, scope, item, depth + 1))
    return True if True in answers else None if None in answers else False


# ------------------------------------------------------------------------------------------------------------- the fix


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """The seed as one more item of the dictionary that a call is given, in place of a None there, by the name that the file has for it."""
    assert finding.location is not None
    start = (finding.values["entry"], finding.values["entry_symbol"])
    use = next((one for one in random_uses(program, knowledge) if one.entry.start == start), None)
    site = next((one for one in use.way.calls if one.location == finding.location), None) if use is not None else None
    value = _mapping_of(site) if site is not None else None
    if use is None or site is None or value is None:
        raise CannotPlan(
            text("What is logged there is put together elsewhere."), text("Add the seed where the parameters are made.")
        )
    seed = _seed_there(program, use, site)
    path = finding.location.path
    content = answers.file(path)
    source = SourceText(content, path, site.location.cell)
    pairs = zip(value.keys, value.values, strict=True)
    empty = next((one for key, one in pairs if key is not None and _is_seed(key) and _is_constant_none(one)), None)
    if empty is not None:
        start_at, end = source.segment(site.module.location(empty))
        after = edited(source, [Splice(start_at, end, seed)])
    else:
        _, end = source.segment(site.module.location(value.values[-1]))
        after = edited(source, [Splice(end, end, f', "seed": {seed}')])
    return ChangeSet(
        text("Log the seed"),
        CHECK.id,
        files=(FileChange(path, content, after, reason=text("{seed} is logged with the rest.", seed=seed)),),
        effect=text("Each run's record names its seed; results do not change."),
    )


def _is_constant_none(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def _mapping_of(site: CallSite) -> Mapping | None:
    values = [*site.call.positional, *[keyword.value for keyword in site.call.keywords]]
    return next((one for one in values if isinstance(one, Mapping) and one.values), None)


def _seed_there(program: Program, use: RandomUse, site: CallSite) -> str:
    place = (site.location.cell, site.location.line)
    for seed in project_seeds(program, use):
        is_before = (seed.location.cell, seed.location.line) < place
        if site.module.path == use.entry.path and is_before and seed.symbol in {"", site.symbol}:
            return seed.text
    raise CannotPlan(
        text("The seed has no name that is known where the parameters are logged."),
        text("Give it one, such as SEED, above both places."),
    )


_BAD = """import mlflow
import numpy as np

SEED = 1
ALPHA = 0.001

np.random.seed(SEED)
with mlflow.start_run():
    mlflow.log_params({"alpha": ALPHA})
    weights = ALPHA * np.random.rand(3)
    np.savetxt("weights.txt", weights)
"""

CHECK = Check(
    id="seed-not-logged",
    pillar=Pillar.TRACKING,
    weight=Weight.SHOULD,
    title="The seed is logged",
    failure_title="The seed is not among the logged hyperparameters",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the seed", plan_fix),
    examples=(Example(bad=_BAD, good=_BAD.replace('"alpha": ALPHA}', '"alpha": ALPHA, "seed": SEED}')),),
)
