"""One requirement as people write it (PEP 508 and pip's own forms), whatever file it stands in."""

from __future__ import annotations

import re

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as ParsedRequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from repro_gui.facts.addresses import (
    fragment_of,
    is_full_commit,
    is_local,
    is_repository,
    revision_of,
    without_credentials,
)
from repro_gui.facts.dependencies import Pin, Requirement
from repro_gui.location import Location

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# Versions that no reader accepts today (`==2013k`, `==1.0-SNAPSHOT`) still pin.
_OLD_EXACT = re.compile(rf"({_NAME.pattern})\s*(?:\[[^\]]*\])?\s*===?\s*([^\s,;*<>=!~]+)\s*(?:;(.*))?")


def parse_requirement(written: str, location: Location, *, group: str = "") -> Requirement | None:
    """Read `name[extra]>=1; marker`, `name @ address`, a repository address or a path; None when it is none of these."""
    written = written.strip()
    if is_repository(written) or "://" in written.split(" ", 1)[0] or (is_local(written) and " @ " not in written):
        return _from_address(written, location, group)
    try:
        parsed = ParsedRequirement(written)
    except (InvalidRequirement, RecursionError):
        return _from_old_version(written, location, group)
    shown = without_credentials(written)
    name, extras = canonicalize_name(parsed.name), tuple(sorted(parsed.extras))
    marker = str(parsed.marker) if parsed.marker else ""
    if parsed.url:
        entry = _from_address(parsed.url, location, group)
        return Requirement(
            name=name,
            written=shown,
            location=location,
            pin=entry.pin,
            url=entry.url,
            version=entry.version,
            revision=entry.revision,
            extras=extras,
            marker=marker,
            group=group,
        )
    pin, version = pin_of(parsed.specifier)
    return Requirement(
        name=name,
        written=shown,
        location=location,
        pin=pin,
        specifier=_specifier_as_written(written, str(parsed.specifier)),
        version=version,
        extras=extras,
        marker=marker,
        group=group,
    )


def pin_of(specifier: SpecifierSet) -> tuple[Pin, str]:
    """How much a version specifier leaves open, and the version when it is exactly one."""
    clauses = list(specifier)
    for clause in clauses:
        if clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*")):
            return Pin.EXACT, clause.version
    if not clauses:
        return Pin.ANY, ""
    if any(clause.operator == "==" and is_minor_wildcard(clause.version) for clause in clauses):
        return Pin.FUZZY, ""
    return Pin.RANGE, ""


def is_minor_wildcard(version: str) -> bool:
    """True for `1.26.*`, which leaves only patch releases open; `1.*` leaves far more."""
    return version.endswith("*") and version.count(".") >= 2


def leading_name(written: str) -> str:
    """The normalised name that a text starts with, empty when it starts with none."""
    found = _NAME.match(written.strip())
    return canonicalize_name(found.group()) if found else ""


def _from_old_version(written: str, location: Location, group: str) -> Requirement | None:
    found = _OLD_EXACT.fullmatch(written)
    if found is None:
        return None
    name, version, marker = found.groups()
    if marker is not None:
        try:
            Marker(marker)
        except InvalidMarker:
            return None
    return Requirement(
        canonicalize_name(name),
        written,
        location,
        Pin.EXACT,
        specifier=f"=={version}",
        version=version,
        marker=(marker or "").strip(),
        group=group,
    )


def _from_address(written: str, location: Location, group: str) -> Requirement:
    address, _, marker = written.partition(" ;")
    address = address.strip()
    name, extras = leading_name(fragment_of(address, "egg").replace("%5B", "[")), ()
    shown = without_credentials(address)
    revision = ""
    version = ""
    if is_repository(address) and not address.lower().startswith(("git+file:", "hg+file:")):
        revision = revision_of(address)
        pin = Pin.COMMIT if is_full_commit(revision) else Pin.MOVING
    elif is_repository(address) or is_local(address):
        pin = Pin.LOCAL
    else:
        pin = Pin.ARCHIVE
    if pin in {Pin.LOCAL, Pin.ARCHIVE}:
        file_name = re.split(r"[\\/]", address.split("#", 1)[0].split("?", 1)[0])[-1].replace("%2B", "+")
        from_file, version = _name_and_version(file_name)
        name = name or from_file
    return Requirement(
        name,
        without_credentials(written.strip()),
        location,
        pin,
        version=version,
        extras=extras,
        marker=marker.strip(),
        url=shown,
        revision=revision,
        group=group,
    )


def _name_and_version(file_name: str) -> tuple[str, str]:
    try:
        if file_name.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(file_name)
            return name, str(version)
        name, version = parse_sdist_filename(file_name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return "", ""
    return name, str(version)


def _specifier_as_written(written: str, parsed: str) -> str:
    """`packaging` sorts the clauses; people want to see their own order."""
    found = re.search(r"(?:[<>=!~]=?=?)[^;#]*", written.split(";", 1)[0])
    if not parsed:
        return ""
    return re.sub(r"\s+", "", found.group()).rstrip(")") if found else parsed
