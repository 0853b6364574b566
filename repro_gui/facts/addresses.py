"""Addresses of packages and indexes: which parts may be shown, and what they pin."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Also of an address that was cut off before its host: `://me:secret` is no port.
_USER_INFORMATION = re.compile(
    r"(?:(?<=[:+\s]//)|(?<=\A//))[^/@\s]*@|(?<=://)[^/@\s:\[\]]*:(?!\d*(?:[/?#\s]|$))[^/@\s]*$"
)
_QUERY = re.compile(r"\?[^#\s]*")
_FULL_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.IGNORECASE)
_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+", re.IGNORECASE)
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

# By domain: the Python Package Index, its files and its older names.
_PUBLIC_DOMAINS = frozenset({("pypi", "org"), ("python", "org"), ("pythonhosted", "org")})
_PUBLIC_WHEEL_HOSTS = frozenset({"download.pytorch.org", "data.pyg.org"})


def without_credentials(written: str) -> str:
    """The text with user information and queries of its addresses taken out; `git@` is a convention, not a secret."""
    cleaned = _USER_INFORMATION.sub(lambda found: found.group() if found.group() == "git@" else "", written)
    return _QUERY.sub("", cleaned) if "://" in cleaned else cleaned


def has_credentials(address: str) -> bool:
    """True when an address carries a user, a password or a token."""
    found = _USER_INFORMATION.search(address)
    return (found is not None and found.group() != "git@") or ("://" in address and "?" in address)


def host_of(address: str) -> str:
    """Host name of an address, lower case; empty for a path."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def is_public_index(address: str) -> bool:
    """True for the Python Package Index and torch's wheel index, reached without credentials."""
    host = host_of(address)
    is_public = tuple(host.split(".")[-2:]) in _PUBLIC_DOMAINS or host in _PUBLIC_WHEEL_HOSTS
    return is_public and not has_credentials(address)


def is_repository(address: str) -> bool:
    """True for `git+https://…` and its kin."""
    return _REPOSITORY.match(address) is not None


def is_full_commit(revision: str) -> bool:
    """True for a whole commit hash (40 or 64 hexadecimal digits)."""
    return _FULL_COMMIT.fullmatch(revision) is not None


def revision_of(address: str) -> str:
    """What stands behind the `@` of a repository address: branch, tag or commit; empty for its default branch."""
    path = address.split("#", 1)[0].split("?", 1)[0].partition("://")[2].partition("/")[2]
    return path.rpartition("@")[2] if "@" in path else ""


def fragment_of(address: str, key: str) -> str:
    """A value of the fragment (`#egg=name&subdirectory=x`); empty when it is not there."""
    for part in address.partition("#")[2].split("&"):
        name, _, value = part.partition("=")
        if name == key:
            return value
    return ""


def is_local(address: str) -> bool:
    """True for a path or a `file:` address: something that only this machine, or this project, has."""
    if address.lower().startswith("file:") or _WINDOWS_DRIVE.match(address):
        return True
    return "://" not in address and (
        address.startswith((".", "/", "~", "\\"))
        or "/" in address
        or "\\" in address
        or address.endswith((".whl", ".tar.gz", ".zip"))
    )


def is_absolute(address: str) -> bool:
    """True for a place that only one machine has."""
    return (
        address.lower().startswith("file:/")
        or address.startswith(("/", "~", "\\"))
        or bool(_WINDOWS_DRIVE.match(address))
    )
