"""The configuration of a repository: read as text by git itself, and what of it may stand in a directory of our own.

Only switches whose values we know by name are carried over; no value of the project ever becomes git's configuration.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from repro_gui.gather.git_program import GitFailed
from repro_gui.redact import redact_secrets
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.gather.git_program import GitProgram, RunningGit

_BOOLEAN = re.compile(r"true|false|yes|no|on|off|0|1", re.IGNORECASE)
# What decides whether git would call a file changed.
_CARRIED = {
    "core.autocrlf": re.compile(r"input|" + _BOOLEAN.pattern, re.IGNORECASE),
    "core.checkstat": re.compile(r"default|minimal", re.IGNORECASE),
    "core.eol": re.compile(r"lf|crlf|native", re.IGNORECASE),
    "core.filemode": _BOOLEAN,
    "core.ignorecase": _BOOLEAN,
    "core.precomposeunicode": _BOOLEAN,
    "core.sparsecheckout": _BOOLEAN,
    "core.sparsecheckoutcone": _BOOLEAN,
    "core.symlinks": _BOOLEAN,
    "core.trustctime": _BOOLEAN,
    "extensions.objectformat": re.compile(r"sha1|sha256", re.IGNORECASE),
}
# Of the person's own configuration, which is trusted: the same question on their machine.
_OF_PERSON = ("core.autocrlf", "core.eol")
# Settings that name a program which `git add` or `git commit` runs.
_PROGRAMS = {
    "core.fsmonitor": "core.fsmonitor",
    "core.editor": "core.editor",
    "gpg.program": "gpg.program",
    "gpg.ssh.program": "gpg.ssh.program",
    "gpg.x509.program": "gpg.x509.program",
    "gpg.openpgp.program": "gpg.openpgp.program",
    "gpg.ssh.defaultkeycommand": "gpg.ssh.defaultKeyCommand",
}


class GitConfig:
    """Settings by lower-case key, `section.name` or `section.subsection.name`; a key may have several values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for key, value in pairs:
            self._values.setdefault(key, []).append(value)

    def last(self, key: str) -> str:
        """The value that counts; empty without one."""
        return self._values.get(key, [""])[-1]

    def is_on(self, key: str) -> bool:
        """True for every way to write yes, a key without a value among them."""
        return key in self._values and self.last(key).lower() in {"", "true", "yes", "on", "1"}

    def subsections(self, section: str, name: str) -> dict[str, str]:
        """`name` of each subsection, by subsection."""
        found: dict[str, str] = {}
        for key, values in self._values.items():
            if key.startswith(f"{section}.") and key.endswith(f".{name}") and key.count(".") >= 2:
                found[key[len(section) + 1 : -len(name) - 1]] = values[-1]
        return found

    def filters(self) -> tuple[str, ...]:
        """Names of the filters that this configuration defines."""
        names = {name for part in ("clean", "smudge", "process") for name in self.subsections("filter", part)}
        return tuple(sorted(names))

    def programs(self) -> tuple[str, ...]:
        """Settings, other than hooks and filters, that make a commit run a program."""
        named = [shown for key, shown in _PROGRAMS.items() if self.last(key) and not _is_switch(key, self.last(key))]
        if any(key == "include.path" or key.startswith("includeif.") for key in self._values):
            # What it holds was not read: it may name any of the others.
            named.append("include.path")
        return tuple(named)

    def is_partial(self) -> bool:
        """True for a partial clone, which fetches what it lacks when it is read."""
        return bool(self.last("extensions.partialclone")) or any(
            value.lower() in {"", "true", "yes", "on", "1"} for value in self.subsections("remote", "promisor").values()
        )

    def remotes(self) -> dict[str, str]:
        """Addresses of the remotes by name, without secrets."""
        return {name: without_secrets(url) for name, url in self.subsections("remote", "url").items()}


def _is_switch(key: str, value: str) -> bool:
    """`core.fsmonitor = true` is git's own daemon, which nobody else wrote."""
    return key == "core.fsmonitor" and _BOOLEAN.fullmatch(value) is not None


def start_reading(git: GitProgram, own: str, name: str, content: bytes) -> RunningGit:
    """Let git read configuration text, includes ignored; `name` is the file in our directory it is put in."""
    path = os.path.join(own, name)
    with open(path, "wb") as file:
        file.write(content)
    return git.start("config", "--file", path, "--no-includes", "--null", "--list")


def finish_reading(*running: RunningGit) -> GitConfig:
    """The settings of all files in their order."""
    pairs: list[tuple[str, str]] = []
    for part in running:
        for record in part.output().split(b"\0"):
            if record:
                key, _, value = os.fsdecode(record).partition("\n")
                pairs.append((key, value))
    return GitConfig(pairs)


def check_format(config: GitConfig) -> None:
    """Raise `GitFailed` for a repository in a format that we do not read."""
    version = config.last("core.repositoryformatversion") or "0"
    if version not in {"0", "1"}:
        raise GitFailed(text("The repository has format {version}, which is not read yet.", version=version))
    if config.last("extensions.refstorage").lower() not in {"", "files"}:
        raise GitFailed(text("The repository keeps its branches as a reftable, which is not read yet."))


def own_config(own: str, project: GitConfig, person: GitConfig) -> str:
    """The text of the configuration that git gets instead of the project's."""
    nothing = _quoted(os.path.join(own, "nothing"))
    sections: dict[str, dict[str, str]] = {
        "core": {
            "repositoryformatversion": "1",
            "bare": "false",
            "hooksPath": nothing,
            "fsmonitor": "false",
            "untrackedCache": "false",
            "attributesFile": _person_file(person.last("core.attributesfile"), "attributes") or nothing,
            "excludesFile": _person_file(person.last("core.excludesfile"), "ignore") or nothing,
            "packedGitWindowSize": "32m",
            "packedGitLimit": "256m",
            "quotePath": "false",
        },
        "extensions": {},
        "diff": {"renames": "false", "autoRefreshIndex": "false", "ignoreSubmodules": "all"},
        "status": {"renames": "false", "submoduleSummary": "false"},
        "submodule": {"recurse": "false"},
        "protocol": {"allow": "never"},
        "gc": {"auto": "0"},
        "maintenance": {"auto": "false"},
    }
    for key, pattern in _CARRIED.items():
        value = project.last(key) or (person.last(key) if key in _OF_PERSON else "")
        if value and pattern.fullmatch(value):
            section, _, name = key.partition(".")
            sections[section][name] = value
    return "".join(
        f"[{section}]\n" + "".join(f"\t{name} = {value}\n" for name, value in settings.items())
        for section, settings in sections.items()
        if settings
    )


def _person_file(configured: str, default: str) -> str:
    """The person's own ignore rules or attributes, where git looks for them; empty without a plain file."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    path = os.path.expanduser(configured) if configured else os.path.join(home, "git", default)
    return _quoted(path) if os.path.isabs(path) and os.path.isfile(path) else ""


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def without_secrets(url: str) -> str:
    """An address without user, password, token or query."""
    if "://" in url:
        scheme, _, rest = url.partition("://")
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        host, slash, path = rest.partition("/")
        return redact_secrets(f"{scheme}://{host.rpartition('@')[2]}{slash}{path}")
    host, colon, path = url.partition(":")
    # `git@host:path`; but `C:\path` and `/path` are folders.
    if colon and "/" not in host and len(host) > 1:
        return redact_secrets(f"{host.rpartition('@')[2]}:{path}")
    return redact_secrets(url)
