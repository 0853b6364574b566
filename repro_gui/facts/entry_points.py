"""Entry points: where they are found, and which of them make results."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Class, Function
from repro_gui.facts.known_effects import Effect
from repro_gui.facts.steps import CallSite
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from repro_gui.facts.known_effects import Effects
    from repro_gui.facts.launchers import LaunchCommand, PipelineStage
    from repro_gui.facts.reach import Code, Reach
    from repro_gui.facts.sources import ModuleSummary


class EntryPoint(msgspec.Struct, frozen=True):
    """Something a person starts.

    `path` is the module or notebook that runs, `symbol` the function where only that is called (console scripts). `how`
    says how it was found, `location` where. `makes_results`: its way reaches training, fitting, evaluation or splitting,
    or writes a model, a metric or data; `because` says which call decided it, at `because_location`. `role` is "results",
    or why it stands apart: "tests", "setup", "docs", "demo", "plots", "no-effect", "not-chosen". `is_chosen`: the person
    named it. `arguments` are what a launcher gives it. `pipeline` is the place of the `dvc.yaml` that runs it as a `stage`.
    """

    path: str
    how: Text
    makes_results: bool = False
    role: str = "results"
    symbol: str = ""
    location: Location | None = None
    because: Text | None = None
    because_location: Location | None = None
    is_chosen: bool = False
    arguments: tuple[str, ...] = ()
    pipeline: Location | None = None
    stage: PipelineStage | None = None

    @property
    def start(self) -> tuple[str, str]:
        """Where it starts: path and symbol."""
        return self.path, self.symbol


class UnknownChoice(msgspec.Struct, frozen=True):
    """Something the person chose that is not there."""

    choice: str


_WORDS = {
    Effect.TRAINS: "It trains: {call}.",
    Effect.EVALUATES: "It evaluates: {call}.",
    Effect.SPLITS: "It splits data: {call}.",
    Effect.WRITES_MODEL: "It writes a model: {call}.",
    Effect.WRITES_METRIC: "It writes a metric: {call}.",
    Effect.WRITES_DATA: "It writes data: {call}.",
}
# Where it says more about the way the results are made than the file itself does.
_LAUNCH_WORDS = {
    "readme": "{path} says how to run it.",
    "makefile": "{path} runs it.",
    "shell": "{path} runs it.",
    "mlproject": "{path} names it as an entry point.",
    "dvc": "{path} runs it as a stage.",
    "console-script": "{path} installs it as the command {name}.",
    "docker": "{path} runs it.",
    "ci": "{path} runs it.",
}


def find_entry_points(
    code: Code, launches: Sequence[LaunchCommand], chosen: Sequence[str], knowledge: Effects
) -> tuple[tuple[EntryPoint, ...], tuple[UnknownChoice, ...]]:
    """All entry points, those that make results first, and the choices that were not found."""
    effects = EffectIndex(code, knowledge)
    found: dict[tuple[str, str], EntryPoint] = {}
    for entry in (*_launched(code, launches), *_scripts(code, effects), *_notebooks(code)):
        found.setdefault(entry.start, entry)
    _drop_guarded_twins(found)
    _join_stages(code, launches, found)
    unknown: list[UnknownChoice] = []
    if chosen:
        picked: dict[tuple[str, str], EntryPoint] = {}
        for choice in chosen:
            wanted = _chosen(code, choice, launches, found)
            if wanted is None:
                unknown.append(UnknownChoice(choice))
            else:
                picked[wanted.start] = wanted
        others = [_classified(code, entry, effects) for start, entry in found.items() if start not in picked]
        apart = [
            msgspec.structs.replace(
                entry, makes_results=False, role="not-chosen" if entry.makes_results else entry.role
            )
            for entry in others
        ]
        return (*(_because(code, entry, effects) for entry in picked.values()), *apart), tuple(unknown)
    entries = [_classified(code, entry, effects) for entry in found.values()]
    entries.sort(key=lambda entry: (not entry.makes_results, entry.path, entry.symbol))
    return tuple(entries), ()


def _launched(code: Code, launches: Sequence[LaunchCommand]) -> Iterator[EntryPoint]:
    for command in launches:
        start = start_of(code, command)
        if start is not None:
            yield EntryPoint(
                path=start[0],
                symbol=start[1],
                how=text(_LAUNCH_WORDS.get(command.kind, "{path} runs it."), path=command.path, name=command.name),
                location=command.location,
                arguments=command.arguments,
            )


def start_of(code: Code, command: LaunchCommand) -> tuple[str, str] | None:
    """The module (and function) of the project that a command starts; None for anything else."""
    if command.script:
        for path in script_candidates(command):
            if path in code.modules:
                return path, ""
        if command.kind == "readme":
            # People write the command for the folder of the script, and tell the folder in words.
            end = f"/{posixpath.normpath(command.script).removeprefix('../')}"
            ending = [path for path in code.modules if path.endswith(end)]
            return (ending[0], "") if len(ending) == 1 else None
        return None
    if not command.module:
        return None
    found = code.finder.find(command.module, command.path)
    if found is None or found.rest or not found.path:
        return None
    path = found.path
    if command.function:
        target = code.resolver.absolute(command.path, f"{command.module}.{command.function}")
        if target.path and target.symbol:
            return target.path, target.symbol
        return None
    if path.endswith("__init__.py"):
        path = posixpath.join(posixpath.dirname(path), "__main__.py")
    return (path, "") if path in code.modules else None


def script_candidates(command: LaunchCommand) -> list[str]:
    """Where the script of a command may be: it is named from the project's folder or from where the launcher stands."""
    beside = posixpath.join(posixpath.dirname(command.path), command.script)
    return [posixpath.normpath(path).removeprefix("../") for path in (beside, command.script)]


def _scripts(code: Code, effects: EffectIndex) -> Iterator[EntryPoint]:
    imported = {
        inner
        for path, module in code.modules.items()
        for inner in (code.imported_by(path) if not module.is_notebook else ())
    }
    for path, module in code.modules.items():
        if module.is_notebook:
            continue
        if module.has_main_guard:
            yield EntryPoint(path, text('It has an `if __name__ == "__main__"`.'), location=Location(path))
        elif posixpath.basename(path) == "__main__.py":
            yield EntryPoint(path, text("It is run by `python -m`."), location=Location(path))
        elif (
            path not in imported
            and posixpath.basename(path) != "__init__.py"
            and (module.has_effects or effects.at_top_of(path))
        ):
            yield EntryPoint(path, text("Its top-level code runs, and nothing imports it."), location=Location(path))


def _notebooks(code: Code) -> Iterator[EntryPoint]:
    for path, module in code.modules.items():
        if module.is_notebook:
            yield EntryPoint(path, text("It is a notebook."), location=Location(path))


def _drop_guarded_twins(found: dict[tuple[str, str], EntryPoint]) -> None:
    """A console script's function whose file is run as well is one entry point, not two: what a launcher starts stays."""
    for path, symbol in list(found):
        if symbol and (path, "") in found:
            del found[path, "" if found[path, ""].location == Location(path) else symbol]


def _join_stages(code: Code, launches: Sequence[LaunchCommand], found: dict[tuple[str, str], EntryPoint]) -> None:
    """A stage of a pipeline is one whatever else starts it."""
    for command in launches:
        start = start_of(code, command) if command.stage is not None else None
        entry = found.get(start) if start is not None else None
        if entry is not None and entry.stage is None:
            found[entry.start] = msgspec.structs.replace(entry, pipeline=command.location, stage=command.stage)


def _chosen(
    code: Code, choice: str, launches: Iterable[LaunchCommand], found: dict[tuple[str, str], EntryPoint]
) -> EntryPoint | None:
    path, _, symbol = choice.partition("::")
    path = posixpath.normpath(path.replace("\\", "/"))
    known = found.get((path, symbol))
    if known is None and path in code.modules:
        if symbol and symbol not in code.resolver.scopes(path).by_symbol:
            return None
        known = EntryPoint(path, text("You chose it."), symbol=symbol, location=Location(path))
    if known is None:
        for command in launches:
            start = start_of(code, command) if command.name == choice else None
            if start is not None:
                known = EntryPoint(
                    start[0],
                    text("You chose it."),
                    symbol=start[1],
                    location=command.location,
                    arguments=command.arguments,
                )
                break
    if known is None:
        return None
    return msgspec.structs.replace(known, how=text("You chose it."), makes_results=True, role="results", is_chosen=True)


def _classified(code: Code, entry: EntryPoint, effects: EffectIndex) -> EntryPoint:
    role = effects.role_of(entry.path)
    if role:
        return msgspec.structs.replace(entry, makes_results=False, role=role)
    entry = _because(code, entry, effects)
    if entry.because is None and entry.stage is not None and entry.stage.writes and entry.pipeline is not None:
        because = text("{path} names what this stage writes.", path=entry.pipeline.path)
        entry = msgspec.structs.replace(entry, because=because, because_location=entry.pipeline)
    makes_results = entry.because is not None
    return msgspec.structs.replace(entry, makes_results=makes_results, role="results" if makes_results else "no-effect")


def _because(code: Code, entry: EntryPoint, effects: EffectIndex) -> EntryPoint:
    """The entry with the strongest effect on its way: training before splitting before evaluation before writing."""
    if entry.path not in code.modules:
        return entry
    order = list(Effect)
    best: tuple[int, CallSite] | None = None
    # Strict: a module that makes one of its own models to try it out reaches all its methods only through a framework.
    for site, effect in effects.on_the_way(code.reach([entry.start], strict=True)):
        rank = order.index(effect)
        if best is None or rank < best[0]:
            best = (rank, site)
        if rank == 0:
            break
    if best is None:
        return entry
    site = best[1]
    called = site.call.written or site.name or f"….{site.target.method}"
    because = text(_WORDS[order[best[0]]], call=called)
    return msgspec.structs.replace(entry, because=because, because_location=site.location)


class EffectIndex:
    """Which calls of each function have an effect; looked up once however many entry points reach it."""

    def __init__(self, code: Code, effects: Effects) -> None:
        self._code = code
        self._effects = effects
        self._known: dict[tuple[str, str, bool], list[tuple[CallSite, Effect]]] = {}

    def on_the_way(self, reach: Reach) -> Iterator[tuple[CallSite, Effect]]:
        """Calls with an effect in what is reached, the entry's own module first."""
        for path in reversed(reach.modules):
            symbols = reach.functions.get(path, frozenset())
            for symbol in self._code.symbols(path):
                if symbol in symbols:
                    yield from self._of(path, symbol, is_main=path in reach.mains)

    def at_top_of(self, path: str) -> bool:
        """Whether a module's top-level code has an effect by itself: `model = X().fit(…)` is an assignment, and trains."""
        called = self._code.modules[path].called
        may = any(self._effects.effect_of(name, name.rpartition(".")[2]) is not None for name in called)
        return may and bool(self._of(path, "", is_main=True))

    def role_of(self, path: str) -> str:
        """Why a file stands apart by its name; empty when it does not."""
        module = self._code.modules.get(path)
        return self._effects.role_of(path, lambda: module is None or _holds_tests(module))

    def _of(self, path: str, symbol: str, *, is_main: bool) -> list[tuple[CallSite, Effect]]:
        key = (path, symbol, is_main)
        if key not in self._known:
            found = []
            for step in self._code.followed_unit(path, symbol, is_main=is_main).steps:
                if isinstance(step, CallSite) and not step.target.path:
                    effect = self._effects.effect_of(step.name, step.target.method)
                    if effect is not None:
                        found.append((step, effect))
            self._known[key] = found
        return self._known[key]


# What tests are written with.
_TEST_PACKAGES = frozenset({"pytest", "unittest", "nose", "hypothesis", "absltest", "testtools"})
_TEST_FUNCTION = re.compile(r"test_")
_TEST_CLASS = re.compile(r"Test(?![a-z])|.*[a-z0-9_]Test(?:s|Case)?$")


def _holds_tests(module: ModuleSummary) -> bool:
    """Whether a test runner would find tests in a module; what the module calls itself is none, whatever its name."""
    if any(one.top_level in _TEST_PACKAGES or one.what.alias in _TEST_PACKAGES for one in module.imports):
        return True
    called = {name.partition(".")[0] for name in module.called}
    return any(
        event.name not in called and (_TEST_FUNCTION if isinstance(event, Function) else _TEST_CLASS).match(event.name)
        for event in module.body
        if isinstance(event, Function | Class)
    )
