"""What is known of experiment trackers: the calls that start a run, log parameters, or log metrics.

The facts are in `resources/knowledge/tracking.toml`; these are their types. Names of calls are dotted and canonical,
a leading `.` stands for a method of anything.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property

import msgspec

from repro_gui.facts.known_randomness import NameTable


class Tracker(msgspec.Struct, frozen=True):
    """An experiment tracker; `packages` are the top-level modules it is imported as.

    `is_read` is false for one that is recognised while its way of taking parameters is not known here.
    """

    id: str
    title: str
    packages: tuple[str, ...]
    is_read: bool = True


class Logged(StrEnum):
    """What a call gives to a tracker; `all` is parameters and metrics by themselves."""

    RUN = "run"
    PARAMETERS = "parameters"
    METRICS = "metrics"
    ALL = "all"


class TrackerCall(msgspec.Struct, frozen=True):
    """Calls that give something to a tracker.

    `parameter` (`position` from 0, -1: by name only) holds the hyperparameters; a call of `logs = "run"` with that
    argument logs them too. `off` are values, as text, of the parameter `switch` that turn the call off;
    `default_off`: so does leaving it out; `maybe_off`: whether leaving it out does depends on the library's version
    or on what is installed. `names_tracker` is the parameter whose value says which tracker it is.
    """

    names: tuple[str, ...]
    tracker: str
    logs: Logged
    parameter: str = ""
    position: int = -1
    switch: str = ""
    off: tuple[str, ...] = ()
    default_off: bool = False
    maybe_off: bool = False
    names_tracker: str = ""


class SeveralProcesses(msgspec.Struct, frozen=True):
    """Calls of a program that is started once for each of several processes.

    `variables` are those of the environment that its launchers set before it starts, all "0" in the first process only;
    none where only the library itself can tell which process is the first.
    """

    names: tuple[str, ...]
    variables: tuple[str, ...] = ()


class TrackingKnowledge(msgspec.Struct, frozen=True, dict=True):
    """Everything known of trackers.

    `main_process_names` are words in a condition that only keeps the other processes of a run from logging twice;
    `rank_variables` are the variables of the environment that say which process one is.
    `secret_words` mark names that are never written as parameters, `hyperparameters` names that certainly are some,
    `about_the_run` options that certainly are none.
    """

    trackers: tuple[Tracker, ...] = ()
    calls: tuple[TrackerCall, ...] = ()
    processes: tuple[SeveralProcesses, ...] = ()
    main_process_names: tuple[str, ...] = ()
    rank_variables: tuple[str, ...] = ()
    secret_words: tuple[str, ...] = ()
    hyperparameters: tuple[str, ...] = ()
    about_the_run: tuple[str, ...] = ()

    def tracker(self, tracker_id: str) -> Tracker | None:
        """The tracker of that id."""
        return next((tracker for tracker in self.trackers if tracker.id == tracker_id), None)

    def tracker_of_package(self, package: str) -> Tracker | None:
        """The tracker imported as that top-level module."""
        return self._by_package.get(package)

    def call(self, name: str) -> TrackerCall | None:
        """What a call of that canonical name (or `.method`) logs."""
        found: TrackerCall | None = self._calls.get(name)
        return found

    def processes_of(self, name: str) -> SeveralProcesses | None:
        """What a call of that canonical name tells about the processes of the program."""
        found: SeveralProcesses | None = self._processes.get(name)
        return found

    def is_about_the_run(self, name: str) -> bool:
        """True for options that say where a run happens and what it prints, and nothing about its results."""
        return name.lower().strip("_") in self.about_the_run

    def is_secret(self, name: str) -> bool:
        """True for names whose values must not be written anywhere."""
        lower = name.lower()
        if any(part in self.secret_words for part in re.split(r"[^a-z0-9]+", lower)):
            return True
        # Written together (`authtoken`), but not in the plural or as part of another word (`max_tokens`, `tokenizer`).
        return any(re.search(rf"{word}(?!s|iz)", lower) for word in self.secret_words if len(word) > 4)

    @cached_property
    def _by_package(self) -> dict[str, Tracker]:
        return {package: tracker for tracker in self.trackers for package in tracker.packages}

    @cached_property
    def _calls(self) -> NameTable:
        return NameTable(self.calls)

    @cached_property
    def _processes(self) -> NameTable:
        return NameTable(self.processes)
