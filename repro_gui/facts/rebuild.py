"""What came of making the project's environment anew: types, their JSON, and whether they still speak of this project."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.text import Text, text


class RebuildState(StrEnum):
    """How a rebuild ended: `NONE` nobody made one, `NOT_INSTALLED` the packages could not be had, `NOT_IMPORTED` some import fails."""

    NONE = "none"
    PASSED = "passed"
    NOT_INSTALLED = "not-installed"
    NOT_IMPORTED = "not-imported"


class RebuildSource(msgspec.Struct, frozen=True):
    """A file that the environment was made from, and its SHA-256 then."""

    path: str
    sha256: str


class TriedImport(msgspec.Struct, frozen=True):
    """One import of the project, tried in the new environment; `error` is empty when it worked. `path` and `line`: who imports it."""

    module: str
    path: str = ""
    line: int = 0
    error: str = ""
    seconds: float = 0.0


class Rebuild(msgspec.Struct, frozen=True):
    """The last rebuild of a project's environment; empty when nobody made one.

    `when` is ISO 8601 in UTC. `is_lock`: made from a lock of the whole closure, else from declared entries. `python` is the
    version that it was made with, `wanted_python` what the project names (empty for nothing). `left_out` are entries
    and imports that were not tried, with the reason. `seconds` are for packages and imports. `changed` are sources that are
    not what they were: then the rebuild says nothing of the project as it is.
    """

    state: RebuildState = RebuildState.NONE
    when: str = ""
    sources: tuple[RebuildSource, ...] = ()
    is_lock: bool = False
    is_hashed: bool = False
    python: str = ""
    wanted_python: str = ""
    packages: int = 0
    imports: tuple[TriedImport, ...] = ()
    left_out: tuple[Text, ...] = ()
    why_not: Text | None = None
    install_seconds: float = 0.0
    import_seconds: float = 0.0
    changed: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """True when there was one and its sources are what they were."""
        return self.state is not RebuildState.NONE and not self.changed

    @property
    def failed_imports(self) -> tuple[TriedImport, ...]:
        """Imports that did not work."""
        return tuple(tried for tried in self.imports if tried.error)

    def after(self, paths: Iterable[str]) -> Rebuild:
        """The rebuild as it would stand with other contents in these files."""
        known = {source.path for source in self.sources}
        changed = sorted({*self.changed, *(path for path in paths if path in known)})
        return msgspec.structs.replace(self, changed=tuple(changed))

    def to_json(self) -> bytes:
        """As it is kept and exported."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


class RebuildUnreadable(ReproGuiError):
    """What should be a kept rebuild is none."""


def rebuild_from_json(content: bytes) -> Rebuild:
    """Read a kept rebuild; raises `RebuildUnreadable`."""
    try:
        return msgspec.json.decode(content, type=Rebuild)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RebuildUnreadable(
            text("The kept rebuild could not be read ({reason}).", reason=str(error)),
            text("Rebuild the environment again."),
        ) from error


def tell_rebuild(rebuild: Rebuild) -> Text:
    """A rebuild in one sentence: when, from what, with which Python, and how it ended."""
    if rebuild.state is RebuildState.NONE:
        return text("Nobody has rebuilt the environment here.")
    day = rebuild.when[:10]
    first = rebuild.sources[0] if rebuild.sources else RebuildSource("", "")
    if rebuild.changed:
        return text("{path} changed since the rebuild of {day}: it says nothing now.", path=rebuild.changed[0], day=day)
    python = rebuild.python
    if rebuild.wanted_python and not python.startswith(rebuild.wanted_python):
        python = f"{python} (the project names {rebuild.wanted_python})"
    values = {"day": day, "path": first.path, "digest": first.sha256[:12], "python": python}
    if rebuild.state is RebuildState.NOT_INSTALLED:
        return text(
            "The rebuild of {day} from {path} (sha256 {digest}…) failed: {reason}",
            **values,
            reason=str(rebuild.why_not or ""),
        )
    if rebuild.state is RebuildState.NOT_IMPORTED:
        return text(
            "Rebuilt on {day} from {path} (sha256 {digest}…) with Python {python}; "
            "{failed} of {count} {count:import|imports} {failed:fails|fail}.",
            **values,
            failed=len(rebuild.failed_imports),
            count=len(rebuild.imports),
        )
    return text(
        "Rebuilt on {day} from {path} (sha256 {digest}…) with Python {python}: "
        "{packages} {packages:package|packages} installed, {count} {count:import|imports} worked.",
        **values,
        packages=rebuild.packages,
        count=len(rebuild.imports),
    )
