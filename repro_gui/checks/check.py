"""What a check is, and what it may say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from repro_gui.changes.change_set import ChangeSet
from repro_gui.facts.determinism import Determinism
from repro_gui.facts.git import GitFacts
from repro_gui.facts.lookup import FileContent, Lookup
from repro_gui.facts.rebuild import Rebuild
from repro_gui.facts.tracking import Tracking
from repro_gui.location import Location
from repro_gui.text import Text, text


class Pillar(StrEnum):
    """The parts of a project that must be exact; `proof` is what running it showed."""

    CODE = "code"
    DATA = "data"
    ENVIRONMENT = "environment"
    RANDOMNESS = "randomness"
    TRACKING = "tracking"
    PROOF = "proof"


class Weight(StrEnum):
    """How much a fault matters."""

    MUST = "must"
    SHOULD = "should"
    ADVICE = "advice"


class Safety(StrEnum):
    """What applying a fix does to the project's results."""

    SAFE = "safe"
    CHANGES_RESULTS = "changes-results"
    SHOW_ONLY = "show-only"


class Effort(StrEnum):
    """How long a person needs with this fix."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"


class Place(msgspec.Struct, frozen=True):
    """One step of the way to a finding: "drawn here", "reached from there"."""

    text: Text
    location: Location


class Finding(msgspec.Struct, frozen=True):
    """A fault with its place.

    `symbol` (enclosing function or class) and `expression` (normalised source) make the stable key together with check
    and path: never a line number. Findings with one `cause` are shown once with several places. `values` are machine
    readable facts for exports and for the fix. `weight` may lower the check's, or raise it where this finding speaks for what
    another check would say. `places` is the way to it. `told_by` are causes (check id, cause) under which other checks tell of the
    same fault: while a finding of one of them stands, this one is none.
    """

    text: Text
    location: Location | None = None
    symbol: str = ""
    expression: str = ""
    cause: str = ""
    weight: Weight | None = None
    places: tuple[Place, ...] = ()
    values: dict[str, str | int | float | bool | None] = {}
    told_by: tuple[tuple[str, str], ...] = ()


class Evidence(msgspec.Struct, frozen=True):
    """Something observed, whatever the verdict: same shape as a finding."""

    text: Text
    location: Location | None = None
    values: dict[str, str | int | float | bool | None] = {}


class CannotTell(msgspec.Struct, frozen=True):
    """The check cannot decide, and why; with no finding beside it the outcome is *could not run*."""

    reason: Text
    location: Location | None = None


class NotApplicable(msgspec.Struct, frozen=True):
    """The question does not arise in this project, and why."""

    reason: Text


Observation = Finding | Evidence | CannotTell | NotApplicable


class Sketch(msgspec.Struct, frozen=True):
    """A small project as a value, for examples: text files by path, and facts that are not files.

    A plain string for an `Example` side is a sketch with that text in `train.py`. `git` None means: everything
    committed, clean and pushed. `installed` are distributions of the environment by name, `determinism` is what the probe saw,
    `tracking` what trackers recorded, `rebuild` the last rebuild of its environment.
    """

    files: Mapping[str, str] = {}
    git: GitFacts | None = None
    installed: Mapping[str, str] | None = None
    determinism: Determinism = Determinism()
    tracking: Tracking = Tracking()
    rebuild: Rebuild = Rebuild()
    answers: Mapping[Lookup, Any] = {}


class Example(msgspec.Struct, frozen=True):
    """A project with the fault and the same one without it; where the check has a file fix, the fix makes one from the other."""

    bad: str | Sketch
    good: str | Sketch
    fixes: bool = True


def _file_of_the_finding(finding: Finding) -> Iterable[Lookup]:
    return () if finding.location is None else (FileContent(finding.location.path),)


def own_place(finding: Finding) -> object:
    """What a fix settles that looks at the place of its finding and at no other."""
    return finding.location


class Fix(msgspec.Struct, frozen=True):
    """How a finding is mended.

    `plan(finding, facts…) -> ChangeSet` is pure and gets its facts by parameter type like `find`; None means shown
    steps only. `lookups(finding, facts…)` names what `plan` reads through `Answers`: by default the finding's own file.
    `settles(finding)` is all that a plan may settle: findings that differ in it are planned side by side; None: all there is.
    """

    title: str
    plan: Callable[..., ChangeSet] | None = None
    safety: Safety = Safety.SAFE
    effort: Effort = Effort.SECONDS
    lookups: Callable[..., Iterable[Lookup]] = _file_of_the_finding
    settles: Callable[[Finding], object] | None = None


class Check(msgspec.Struct, frozen=True):
    """One question to a project.

    `find(facts…)` yields findings, evidence, `CannotTell` or `NotApplicable`; the types of its parameters say which
    facts it needs. `explanation` is Markdown (the module's docstring). `told_by` are the ids of the checks that may tell of its findings.
    """

    id: str
    pillar: Pillar
    weight: Weight
    title: str
    failure_title: str
    explanation: str
    find: Callable[..., Iterable[Observation]]
    fix: Fix | None = None
    examples: tuple[Example, ...] = ()
    told_by: tuple[str, ...] = ()

    @property
    def summary(self) -> Text:
        """The first paragraph of the explanation."""
        return text(self.explanation.strip().split("\n\n", 1)[0].replace("{", "{{").replace("}", "}}"))
