"""Experiment trackers in the program: which calls give them runs, parameters and metrics, and whether by default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.configs import Configs
from repro_gui.facts.default_values import Known
from repro_gui.facts.entry_points import EntryPoint
from repro_gui.facts.events import Branch, Call, Class, Constant, Mapping, Name, Sequence, Subscript, Value
from repro_gui.facts.hydra_config import MAKERS, is_taken
from repro_gui.facts.known_effects import Effect
from repro_gui.facts.known_tracking import Logged, Tracker, TrackerCall, TrackingKnowledge
from repro_gui.facts.scopes import Scope, TargetKind
from repro_gui.facts.steps import AssignSite, CallSite, Unit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.walk import evaluated, flat_events, is_main_test, own_values, parts
from repro_gui.facts.ways import Happens, Way, way_of
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.events import Event
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.sources import ModuleSummary
    from repro_gui.facts.steps import Step

_TRAINING_NAME = re.compile(r"(^|[_\d-])(pre)?(train|training|fit|finetune|fine_tune)([_.\d-])", re.IGNORECASE)
_OTHER_NAME = re.compile(
    r"(^|[_\d-])(bench(mark)?|profile|sample|demo|enjoy|play|infer(ence)?|predict|eval(uate|uation)?|serve|generate|visuali[sz]e"
    r"|featuri[sz]ation|featuri[sz]e|features|prepare|preprocess|export|convert|test)([_.\d-])",
    re.IGNORECASE,
)
_PARAMETER_KEY = re.compile(r"param|config|hyper|args", re.IGNORECASE)


# Parsers that make objects of the classes they are given, from the command line or a file.
_PARSERS = frozenset(
    {
        "transformers.HfArgumentParser",
        "transformers.hf_argparser.HfArgumentParser",
        "trl.TrlParser",
        "trl.scripts.utils.TrlParser",
        "trl.commands.cli_utils.TrlParser",
    }
)
_OFF_WORDS = frozenset({"none", "", "false"})
_DEEPEST = 8


class TrackerUse(msgspec.Struct, frozen=True):
    """One call, assignment or configuration that gives something to a tracker.

    `happens` says whether it does when the program runs with its defaults. `logs_parameters` is true for calls that
    take the hyperparameters, a run started with a `config` among them.
    """

    tracker: str
    title: str
    call: str
    location: Location
    happens: Happens
    starts: bool
    logs_parameters: bool
    symbol: str = ""
    is_read: bool = True


class EntryTracking(msgspec.Struct, frozen=True):
    """What one entry point gives to trackers; `parameters` and `tracked` are the best of its uses.

    `imported` are trackers whose package its way imports while no call of theirs was recognised, with the place of
    the import. `may_train`: whether it trains at all is not known.
    """

    entry: EntryPoint
    uses: tuple[TrackerUse, ...]
    tracked: Happens
    parameters: Happens
    imported: tuple[tuple[str, Location], ...] = ()
    may_train: bool = False

    @property
    def unread(self) -> TrackerUse | None:
        """A use of a tracker of which only the name is known, so that its parameters cannot be told."""
        return next((use for use in self.uses if not use.is_read and use.happens is not Happens.NO), None)


def tracking_state(program: Program, configs: Configs | Unavailable, knowledge: Knowledge) -> tuple[EntryTracking, ...]:
    """How each entry point that trains tracks; when none is seen to train, each that makes results."""
    asked = ("tracking", id(configs), id(knowledge))
    if asked not in program.remembered:
        ways = [way_of(program, entry) for entry in program.result_entry_points]
        trains = {way: _trains(way, knowledge) for way in ways}
        # What is certain to train; else what may. A method that only something unseen calls makes no trainer of a program.
        training = [way for way in ways if trains[way] is Happens.YES] or [
            way for way in ways if trains[way] is Happens.UNKNOWN
        ]
        # What fits a scaler or a vectoriser on the way, or measures speed, is no training when something else is.
        chosen = [way for way in training if not _OTHER_NAME.search(_name(way))] or training or ways
        read = ((way, _Tracking(way, configs, knowledge).read()) for way in chosen)
        states = tuple(msgspec.structs.replace(state, may_train=trains[way] is Happens.UNKNOWN) for way, state in read)
        # A program that may train, and gives a tracker something, trains as far as trackers go.
        maybe = [way for way in ways if trains[way] is Happens.UNKNOWN and way not in chosen]
        told = [_Tracking(way, configs, knowledge).read() for way in maybe if not _OTHER_NAME.search(_name(way))]
        states += tuple(state for state in told if state.uses)
        states = _with_pipelines(states, [_Tracking(way, configs, knowledge).read() for way in ways if way.entry.stage])
        # Both are kept, so that what is asked stays what it was.
        program.remembered[asked] = (states, configs, knowledge)
    remembered: tuple[EntryTracking, ...] = program.remembered[asked][0]
    return remembered


def _name(way: Way) -> str:
    return way.entry.path.rpartition("/")[2]


def _with_pipelines(states: tuple[EntryTracking, ...], stages: list[EntryTracking]) -> tuple[EntryTracking, ...]:
    """The stages of one `dvc.yaml` are one program in several processes: what one of them records holds for all."""
    joined = []
    for state in states:
        others = [one for one in stages if _pipeline_of(one) and _pipeline_of(one) == _pipeline_of(state)]
        recorded = [use for one in others for use in _recorded_by_dvc(one.entry)]
        on = [Happens.YES] if recorded else []
        joined.append(
            msgspec.structs.replace(
                state,
                uses=tuple(dict.fromkeys([*state.uses, *recorded, *[use for one in others for use in one.uses]])),
                tracked=max([state.tracked, *[one.tracked for one in others], *on]),
                parameters=max([state.parameters, *[one.parameters for one in others], *on]),
            )
        )
    return tuple(joined)


def _pipeline_of(state: EntryTracking) -> str:
    return state.entry.pipeline.path if state.entry.pipeline is not None else ""


def _recorded_by_dvc(entry: EntryPoint) -> Iterator[TrackerUse]:
    """DVC writes the parameters of a stage to `dvc.lock` with what it made, and `dvc exp` compares them."""
    if entry.stage is not None and entry.stage.parameters and entry.pipeline is not None:
        yield TrackerUse(
            tracker="dvc",
            title="DVC",
            call=", ".join(entry.stage.parameters),
            location=Location(entry.pipeline.path, entry.stage.parameters_line),
            happens=Happens.YES,
            starts=True,
            logs_parameters=True,
        )


def _trains(way: Way, knowledge: Knowledge) -> Happens:
    best = Happens.NO
    for site in way.calls_that(is_training, knowledge):
        best = max(best, way.happens(site))
        if best is Happens.YES:
            break
    return best


def is_training(site: CallSite, knowledge: Knowledge) -> bool:
    """Whether the knowledge says that a call trains."""
    return knowledge.effects.effect_of(site.target.name, site.target.method) is Effect.TRAINS


def _may_log(unit: Unit, program: Program) -> Iterator[tuple[str, AssignSite]]:
    """The assignments of a unit that give something to a tracker: `wandb.config.lr = …`, `run["parameters"] = …`, each with whose it is."""
    for step in unit.steps:
        if not isinstance(step, AssignSite):
            continue
        if step.name == "wandb.config" or step.name.startswith("wandb.config."):
            yield "wandb", step
        elif isinstance(step.to, Subscript):
            owner = program.code.resolver.resolve(program.code.scope(unit.path, step.symbol), step.to.of).name
            tracker = owner.partition(".")[0].removesuffix("_scale")
            key = step.to.index.value if isinstance(step.to.index, Constant) else None
            if owner.startswith(("wandb.config", "wandb.init().config")):
                yield "wandb", step
            elif tracker in {"neptune", "aim"} and isinstance(key, str) and _PARAMETER_KEY.search(key):
                yield tracker, step


def _known_in(unit: Unit, known: TrackingKnowledge) -> Iterator[tuple[CallSite, TrackerCall]]:
    """The calls of a unit that the knowledge says something of, with that."""
    for site in unit.calls:
        name, method = site.target.name, site.target.method
        found = known.call(name) if name else None
        if found is None and (last := method or name.rpartition(".")[2] if "." in name or method else ""):
            found = known.call(f".{last}")
        if found is not None:
            yield site, found


def _named_in(unit: Unit, program: Program, known_trackers: TrackingKnowledge) -> Iterator[TrackerUse]:
    """The trackers of which a text in a unit has the name of a call."""
    scope = program.code.scope(unit.path, unit.symbol)
    for event in _running(unit, scope.body):
        for inner in (inner for value in own_values(event) for inner in evaluated(value)):
            name = _dotted_text(inner)
            known = known_trackers.call(name) if name else None
            tracker = known_trackers.tracker(known.tracker) if known is not None else None
            if known is None or tracker is None or known.logs is Logged.METRICS:
                continue
            yield TrackerUse(
                tracker=known.tracker,
                title=tracker.title,
                call=name,
                location=scope.module.location(inner),
                happens=Happens.UNKNOWN,
                starts=True,
                logs_parameters=known.logs is Logged.ALL,
                symbol=unit.symbol,
                is_read=tracker.is_read,
            )


def _running(unit: Unit, body: tuple[Event, ...]) -> Iterator[Event]:
    """The events of a unit; of a module that is only imported, without those under its main guard."""
    guards = [event for event in body if isinstance(event, Branch) and is_main_test(event.condition)]
    is_started = any(
        wanted and condition is not None and is_main_test(condition)
        for step in unit.steps
        for condition, wanted in step.under
    )
    if not guards or is_started:
        yield from flat_events(body)
        return
    for event in body:
        yield from flat_events(event.otherwise if isinstance(event, Branch) and event in guards else (event,))


class _Tracking:
    def __init__(self, way: Way, configs: Configs | Unavailable, knowledge: Knowledge) -> None:
        self._way = way
        self._resolver = way.program.code.resolver
        self._configs = configs.files if isinstance(configs, Configs) else ()
        self._known = knowledge.tracking

    def read(self) -> EntryTracking:
        uses = [self._call(site, known) for site, known in self._way.told(_known_in, self._known)]
        known = {use.tracker for use in uses}
        given = self._way.told(_may_log, self._way.program)
        uses += [self._assigned(tracker, step) for tracker, step in given if tracker == "wandb" or tracker in known]
        if any(self._way.calls_of(*MAKERS)):
            uses += self._configured()
        uses += [use for site in self._way.calls_of(*_PARSERS) for use in self._parsed(site)]
        if not uses:
            uses += self._named_for_import()
        starts = max((use.happens for use in uses if use.starts), default=Happens.NO)
        # What a module of Lightning saves reaches the logger of its trainer, if that has one.
        parameters = [
            min(use.happens, starts) if use.tracker == "lightning" else use.happens
            for use in uses
            if use.logs_parameters
        ]
        tracked = max((use.happens for use in uses if use.tracker != "lightning" or use.starts), default=Happens.NO)
        return EntryTracking(
            self._way.entry, tuple(uses), tracked, max(parameters, default=Happens.NO), tuple(self._imported(uses))
        )

    def _call(self, site: CallSite, known: TrackerCall) -> TrackerUse:
        happens = min(self._happens(site), self._is_switched_on(site, known))
        gives = known.logs in {Logged.PARAMETERS, Logged.ALL}
        if known.logs is Logged.RUN and known.parameter:
            given = site.call.argument(known.parameter, known.position)
            gives = given is not None and not _is_empty(given)
        tracker = self._known.tracker(known.tracker)
        title = tracker.title if tracker else known.tracker
        named = self._named_tracker(site, known)
        return TrackerUse(
            tracker=known.tracker,
            title=named or title,
            call=site.target.name or site.target.method,
            location=site.location,
            happens=happens,
            starts=known.logs is not Logged.PARAMETERS,
            logs_parameters=gives,
            symbol=site.symbol,
            is_read=tracker.is_read if tracker else True,
        )

    def _parsed(self, site: CallSite) -> Iterator[TrackerUse]:
        """Settings of a trainer that a parser makes from a class: the command line, or a configuration, switches them."""
        given = site.call.argument("dataclass_types", 0)
        classes = given.elements if isinstance(given, Sequence) else () if given is None else (given,)
        for name in (name for one in classes for name in self._outside_names(self._way.values.scope(site), one)):
            known = self._known.call(name)
            tracker = self._known.tracker(known.tracker) if known is not None else None
            if known is None or tracker is None or not known.switch:
                continue
            settings = [
                (file, one) for file in self._configs for one in file.settings if one.key.split(".")[0] == known.switch
            ]
            on = [(file, one) for file, one in settings if str(one.value).lower() not in _OFF_WORDS]
            is_on = bool(on) and len(on) == len(settings)
            yield TrackerUse(
                tracker=known.tracker,
                title=tracker.title,
                call=name,
                location=on[0][0].location(on[0][1]) if is_on else site.location,
                happens=Happens.YES if is_on else Happens.UNKNOWN,
                starts=True,
                logs_parameters=known.logs is Logged.ALL,
                symbol=site.symbol,
            )

    def _outside_names(self, scope: Scope, value: Value, depth: int = 0) -> Iterator[str]:
        """The names, outside the project, of a class and of those it is made of."""
        target = self._resolver.resolve(scope, value)
        if target.kind is not TargetKind.CLASS:
            yield target.name
            return
        inner = self._way.program.code.scope(target.path, target.symbol)
        if isinstance(inner.definition, Class) and depth < _DEEPEST:
            for base in inner.definition.bases:
                yield from self._outside_names(inner.parent or inner, base, depth + 1)

    def _named_for_import(self) -> Iterator[TrackerUse]:
        """Trackers of which only a text in the source tells (`{"target": "…loggers.WandbLogger"}`), where modules are imported by name."""
        program = self._way.program
        units = program.units(self._way.entry)
        if any(unit.imports_by_name for unit in units):
            yield from program.told_of(units, _named_in, program, self._known)

    def _named_tracker(self, site: CallSite, known: TrackerCall) -> str:
        """Which tracker a trainer is told to use (`report_to="wandb"`)."""
        given = site.call.argument(known.names_tracker) if known.names_tracker else None
        if given is None:
            return ""
        settled = self._way.values.value(self._way.values.scope(site), given)
        tracker = self._known.tracker(str(settled.value)) if isinstance(settled, Known) else None
        return tracker.title if tracker else ""

    def _is_switched_on(self, site: CallSite, known: TrackerCall) -> Happens:
        if not known.switch:
            return Happens.YES
        given = site.call.argument(known.switch)
        if given is None:
            if site.call.has_star or known.maybe_off:
                return Happens.UNKNOWN
            return Happens.NO if known.default_off else Happens.YES
        written = _written(given)
        if written is None:
            settled = self._way.values.value(self._way.values.scope(site), given)
            if not isinstance(settled, Known):
                # An object, such as a logger, is no value that switches off.
                return Happens.YES if not isinstance(given, Name) else Happens.UNKNOWN
            written = repr(settled.value)
        return Happens.NO if written in known.off else Happens.YES

    def _assigned(self, tracker: str, step: AssignSite) -> TrackerUse:
        known = self._known.tracker(tracker)
        return TrackerUse(
            tracker=tracker,
            title=known.title if known else tracker,
            call=step.name or tracker,
            location=step.location,
            happens=self._happens(step),
            starts=False,
            logs_parameters=True,
            symbol=step.symbol,
        )

    def _happens(self, step: Step) -> Happens:
        found = self._way.happens(step)
        if found is not Happens.UNKNOWN:
            return found
        path, symbol = step.module.path, step.symbol
        unit = self._way.unit_happens(path, symbol)
        # Reached and called by nobody that is seen: a hook of the framework, or a command's function.
        if unit is Happens.UNKNOWN and not self._way.values.callers(path, symbol):
            unit = Happens.YES
        scope = self._way.program.code.scope(path, symbol)
        for condition, wanted in step.under:
            truth = None if condition is None else self._way.values.truth(scope, condition)
            if truth is None and not (condition is not None and self._is_about_processes(condition)):
                return Happens.UNKNOWN
            if truth is not None and truth != wanted:
                return Happens.NO
        return unit

    def _is_about_processes(self, condition: Value) -> bool:
        """True for a condition that only keeps the other processes of one run quiet."""
        names = set(self._known.main_process_names)
        pending: list[Value] = [condition]
        while pending:
            value = pending.pop()
            if isinstance(value, Name) and names & set(value.dotted.split(".")):
                return True
            # `os.environ.get("RANK", "0") == "0"`
            if isinstance(value, Constant) and value.value in self._known.rank_variables:
                return True
            pending.extend(parts(value))
        return False

    def _configured(self) -> Iterator[TrackerUse]:
        """Trackers that only a configuration names, for Hydra to make."""
        for file in self._configs:
            for setting in file.settings:
                if setting.key.rpartition(".")[2] != "_target_" or not isinstance(setting.value, str):
                    continue
                known = self._known.call(setting.value)
                if known is None or (known.tracker == "lightning" and known.logs is Logged.METRICS):
                    continue
                tracker = self._known.tracker(known.tracker)
                yield TrackerUse(
                    tracker=known.tracker,
                    title=tracker.title if tracker else known.tracker,
                    call=setting.value,
                    location=Location(file.path, setting.line),
                    happens={None: Happens.UNKNOWN, True: Happens.YES, False: Happens.NO}[
                        is_taken(file, self._configs)
                    ],
                    starts=True,
                    logs_parameters=known.logs is Logged.ALL,
                    is_read=tracker.is_read if tracker else True,
                )

    def _imported(self, uses: list[TrackerUse]) -> Iterator[tuple[str, Location]]:
        used = {use.tracker for use in uses}
        remembered = self._way.program.remembered
        for path in self._way.program.reached_from(self._way.entry.path):
            key = ("trackers imported", path, id(self._known))
            if key not in remembered:
                remembered[key] = tuple(_trackers_imported(self._way.program.modules[path], self._known))
            for tracker, location in remembered[key]:
                if tracker.id not in used:
                    used.add(tracker.id)
                    yield tracker.title, location


def _trackers_imported(module: ModuleSummary, known: TrackingKnowledge) -> Iterator[tuple[Tracker, Location]]:
    for one in module.imports:
        name = one.what.module if not one.what.level else ""
        top = "tensorboard" if name.startswith("torch.utils.tensorboard") else name.split(".", 1)[0]
        tracker = known.tracker_of_package(top)
        if tracker is not None and not one.is_for_typing:
            yield tracker, module.location(one.what)


def _dotted_text(value: Value) -> str:
    text = value.value if isinstance(value, Constant) else None
    return text if isinstance(text, str) and "." in text else ""


def _is_empty(value: Value) -> bool:
    return (isinstance(value, Constant) and value.value is None) or (isinstance(value, Mapping) and value.length == 0)


def _written(value: Value) -> str | None:
    """A literal as Python writes it; None for anything else."""
    if isinstance(value, Constant):
        return repr(value.value)
    elements = getattr(value, "elements", None)
    if getattr(value, "kind", "") in {"list", "tuple"} and elements is not None:
        inner = [_written(element) for element in elements]
        return None if None in inner else f"[{', '.join(str(one) for one in inner)}]"
    if isinstance(value, Call):
        return "object"
    return None
