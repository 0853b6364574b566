"""What a lock would tell of the machine that it was made on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from repro_gui.facts.addresses import host_of, is_public_index

_ADDRESS = re.compile(r"https?://[^\s\"']+")
_LOCAL_KEYS = frozenset({"path", "registry", "editable", "directory", "virtual"})
# Where public repositories and their files are.
_PUBLIC_HOSTS = frozenset({"github.com", "codeload.github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})


def what_leaks(locked: bytes, before: bytes) -> str:
    """The first host or place in a TOML lock that is not everybody's and did not stand in the project's files `before`; empty for none."""
    known = before.decode("utf-8", "replace")
    written = locked.decode("utf-8", "replace")
    hosts = {host_of(address) for address in _ADDRESS.findall(known)}
    for address in _ADDRESS.findall(written):
        host = host_of(address)
        is_public = is_public_index(address) or (
            host in _PUBLIC_HOSTS and "@" not in address.partition("://")[2].split("/")[0]
        )
        if host not in hosts and not is_public:
            return host
    try:
        values = tomllib.loads(written)
    except tomllib.TOMLDecodeError:
        return "what cannot be read"
    return next((place for place in _places(values) if place != "." and place not in known), "")


def _places(value: object) -> Iterator[str]:
    """Paths of this machine that a lock names."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield from (
                found
                for key, found in item.items()
                if isinstance(found, str) and (found.startswith("file:") or (key in _LOCAL_KEYS and "://" not in found))
            )
            pending += item.values()
        elif isinstance(item, list):
            pending += item
