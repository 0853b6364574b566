"""How far the environment is frozen: listed → pinned → locked with hashes → container by digest → driver recorded."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from repro_gui.facts.environment import Environment
from repro_gui.facts.gpu_stack import GpuStack
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.pin_status import PinStatus, disagreements, is_tool, pin_statuses
from repro_gui.location import Location
from repro_gui.text import Text, text

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_NO_NAMES = ImportNames()


class Level(StrEnum):
    """The steps of freezing an environment, each on top of the one before."""

    LISTED = "listed"
    PINNED = "pinned"
    LOCKED = "locked-with-hashes"
    CONTAINER = "container-by-digest"
    DRIVER = "driver-recorded"


class DepthStep(msgspec.Struct, frozen=True):
    """One step: reached or not, why, and the place that shows it."""

    level: Level
    why: Text
    location: Location | None = None
    is_reached: bool = False


def needed_statuses(environment: Environment, names: ImportNames = _NO_NAMES) -> tuple[PinStatus, ...]:
    """The status of what the program needs to run: tools for tests and documentation, and installers, left out."""
    return tuple(status for status in pin_statuses(environment, names) if not is_tool(status.requirement))


def environment_depth(
    environment: Environment, stack: GpuStack | None = None, names: ImportNames = _NO_NAMES
) -> tuple[DepthStep, ...]:
    """All five steps, in order; `stack` is the record of driver and CUDA, if there is one."""
    return (
        _listed(environment),
        _pinned(environment, names),
        _locked(environment),
        _container(environment),
        _driver(environment, stack),
    )


def _reached(level: Level, why: Text, location: Location | None) -> DepthStep:
    return DepthStep(level, why, location, is_reached=True)


def _listed(environment: Environment) -> DepthStep:
    for file in (*environment.lists, *environment.locks):
        return _reached(Level.LISTED, text("{path} lists the packages.", path=file.path), Location(file.path))
    for install in environment.installs:
        if install.requirements:
            return _reached(Level.LISTED, text("An image lists the packages."), install.location)
    return DepthStep(Level.LISTED, text("No file lists the packages."))


def _pinned(environment: Environment, names: ImportNames) -> DepthStep:
    statuses = needed_statuses(environment, names)
    open_ones = [status for status in statuses if not status.is_fixed]
    if open_ones:
        place = open_ones[0].requirement.location
        counts = {"open": len(open_ones), "count": len(statuses)}
        return DepthStep(
            Level.PINNED, text("{open} of {count} {count:entry|entries} {open:is|are} not pinned.", **counts), place
        )
    if statuses:
        place = statuses[0].requirement.location
        return _reached(
            Level.PINNED, text("{count} of {count} {count:entry is|entries are} pinned.", count=len(statuses)), place
        )
    locked = [lock for lock in environment.locks if lock.locked]
    if locked:
        why = text("{path} fixes {count} {count:package|packages}.", path=locked[0].path, count=len(locked[0].locked))
        return _reached(Level.PINNED, why, Location(locked[0].path))
    return DepthStep(Level.PINNED, text("Nothing is pinned."))


def _locked(environment: Environment) -> DepthStep:
    stale = {item.lock.path for item in disagreements(environment)}
    for lock in environment.locks:
        hashable = [package for package in lock.locked if package.source in {"index", "url", "conda"}]
        if hashable and lock.path not in stale and all(package.hashes for package in hashable):
            why = text("{path} has a hash for each of {count} packages.", path=lock.path, count=len(hashable))
            return _reached(Level.LOCKED, why, Location(lock.path))
    if stale:
        path = min(stale)
        return DepthStep(Level.LOCKED, text("{path} does not agree with its list.", path=path), Location(path))
    if environment.locks:
        path = environment.locks[0].path
        return DepthStep(Level.LOCKED, text("{path} has no hashes.", path=path), Location(path))
    return DepthStep(Level.LOCKED, text("No lock."))


def _container(environment: Environment) -> DepthStep:
    images = [image for image in environment.images if not image.stage and image.origin in {"FROM", "COPY --from"}]
    moving = [image for image in images if image.name != "scratch" and not _DIGEST.fullmatch(image.digest)]
    if moving:
        why = text("{image} has no digest.", image=moving[0].written)
        return DepthStep(Level.CONTAINER, why, moving[0].location)
    if images:
        return _reached(Level.CONTAINER, text("Every base image is named by digest."), images[0].location)
    return DepthStep(Level.CONTAINER, text("No image is described."))


def _driver(environment: Environment, stack: GpuStack | None) -> DepthStep:
    if stack is not None:
        return _reached(Level.DRIVER, stack.why, stack.location)
    cuda = next((image for image in environment.images if "cuda" in f"{image.name}:{image.tag}".lower()), None)
    if cuda is not None:
        why = text("{image} brings CUDA's libraries; the driver stays the host's own.", image=cuda.written)
        return DepthStep(Level.DRIVER, why, cuda.location)
    return DepthStep(Level.DRIVER, text("No file records driver and CUDA."))
