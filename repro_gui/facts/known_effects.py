"""What is known of calls that make results, and of the places where programs stand that make none."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.known_randomness import NameTable

if TYPE_CHECKING:
    from collections.abc import Callable


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

    `role` is "tests", "setup", "docs", "demo" or "plots". `only_with_tests`: such a name counts only where the file holds tests.
    """

    role: str
    paths: tuple[str, ...]
    only_with_tests: bool = False


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

    def role_of(self, path: str, holds_tests: Callable[[], bool]) -> str:
        """Why a file stands apart; empty when it does not. `holds_tests`: whether a test runner would find tests in it."""
        for place, patterns in self._patterns:
            is_meant = any(pattern.search(path) for pattern in patterns)
            if is_meant and (not place.only_with_tests or holds_tests()):
                return place.role
        return ""

    @cached_property
    def _by_name(self) -> NameTable:
        return NameTable(self.calls)

    @cached_property
    def _patterns(self) -> list[tuple[PlaceApart, list[re.Pattern[str]]]]:
        return [(place, [re.compile(path, re.IGNORECASE) for path in place.paths]) for place in self.apart]
