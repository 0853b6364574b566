"""What is known of calls that make results, and of the places where programs stand that make none."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property

import msgspec

from repro_gui.facts.known_randomness import NameTable


class Effect(StrEnum):
    """What a call does that makes a result of the program that reaches it."""

    TRAINS = "trains"
    EVALUATES = "evaluates"
    SPLITS = "splits"
    WRITES_MODEL = "writes-model"
    WRITES_METRIC = "writes-metric"
    WRITES_DATA = "writes-data"


class EffectCall(msgspec.Struct, frozen=True):
    """Calls with an effect; names as in `known_randomness`: canonical, `*` one part, a leading `.` a method of anything."""

    names: tuple[str, ...]
    effect: Effect
    source: str = ""


class PlaceApart(msgspec.Struct, frozen=True):
    """Files that stand apart from the results: `paths` are regular expressions searched in the path relative to the project.

    `role` is "tests", "setup", "docs", "demo" or "plots".
    """

    role: str
    paths: tuple[str, ...]


class Effects(msgspec.Struct, frozen=True, dict=True):
    """Knowledge about entry points, from `resources/knowledge/effects.toml`."""

    calls: tuple[EffectCall, ...] = ()
    apart: tuple[PlaceApart, ...] = ()

    def effect_of(self, name: str, method: str = "") -> Effect | None:
        """What calling a canonical name does; `method` is the last part of an attribute, for names that are not known."""
        found: EffectCall | None = self._by_name.get(name) if name else None
        if found is None:
            last = method or name.rpartition(".")[2]
            found = self._by_name.get(f".{last}") if last and (method or "." in name) else None
        return found.effect if found is not None else None

    def role_of(self, path: str) -> str:
        """Why a file stands apart; empty when it does not."""
        for role, patterns in self._patterns:
            if any(pattern.search(path) for pattern in patterns):
                return role
        return ""

    @cached_property
    def _by_name(self) -> NameTable:
        return NameTable(self.calls)

    @cached_property
    def _patterns(self) -> list[tuple[str, list[re.Pattern[str]]]]:
        return [(place.role, [re.compile(path, re.IGNORECASE) for path in place.paths]) for place in self.apart]
