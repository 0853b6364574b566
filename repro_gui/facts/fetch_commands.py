"""Command lines that fetch files or unpack them: from where, and into which place."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Constant, Sequence, Value
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_gui.facts.launchers import Launchers
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import CallSite

# Kinds of files whose commands are run, not only shown.
_KINDS = frozenset({"shell", "makefile", "dvc", "mlproject"})
_STARTERS = frozenset(
    {"os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}
)
_SHELL_MAGICS = frozenset({"!", "!!", "sx", "system", "bash", "sh"})
_DIGEST_COMMANDS = re.compile(r"\b(sha(1|224|256|384|512)?sum|md5sum|shasum|b2sum|xxhsum|openssl|cksum)\b|--checksum")
_URL = re.compile(r"(https?|ftp)://\S+")
_STORE_URL = re.compile(r"(s3|gs|gcs|az|hf)://\S+")

# Where each program puts what it gets: options that name a folder, options that name a file.
_FOLDER_OPTIONS = {
    "wget": ("-P", "--directory-prefix"),
    "curl": ("--output-dir",),
    "aria2c": ("-d", "--dir"),
    "unzip": ("-d",),
    "tar": ("-C", "--directory"),
    "kaggle": ("-p", "--path"),
    "huggingface-cli": ("--local-dir",),
    "hf": ("--local-dir",),
}
_FILE_OPTIONS = {
    "wget": ("-O", "--output-document"),
    "curl": ("-o", "--output", ">"),
    "aria2c": ("-o", "--out"),
    "gdown": ("-O", "--output"),
}
_FETCHES_FILES = frozenset({"wget", "curl", "aria2c", "gdown"})
_COPIES = {"aws": ("cp", "sync"), "gsutil": ("cp", "rsync"), "gcloud": ("cp", "rsync")}


class FetchCommand(msgspec.Struct, frozen=True):
    """A command that fetches or unpacks files.

    `urls` are the addresses in it. `into` is the file or, with `is_folder`, the folder where it puts them, as written; empty
    where the command does not say. `is_compared`: beside it, digests are compared. `by_url`: what it keeps are the bytes
    of those addresses, which a digest could be compared with.
    """

    location: Location
    urls: tuple[str, ...] = ()
    into: str = ""
    is_folder: bool = False
    is_compared: bool = False
    by_url: bool = False
    program: str = ""


def fetch_commands(program: Program, launchers: Launchers) -> tuple[FetchCommand, ...]:
    """Every such command: of scripts and Makefiles first, then of notebooks, then those that Python starts."""
    return program.once(_find_commands, launchers)


def _find_commands(program: Program, launchers: Launchers) -> tuple[FetchCommand, ...]:
    return (*_in_files(launchers), *_in_notebooks(program), *_in_python(program))


def _in_files(launchers: Launchers) -> Iterator[FetchCommand]:
    for file in launchers.files:
        if file.kind in _KINDS:
            yield from _compared((list(command.argv), command.location) for command in file.commands)


def _in_notebooks(program: Program) -> Iterator[FetchCommand]:
    for path in sorted(program.modules):
        module = program.modules[path]
        if module.is_notebook:
            yield from _compared(
                (_words(line), module.location(magic))
                for magic in program.code.unit(path).magics
                if magic.kind in _SHELL_MAGICS
                for line in magic.text.split("\n")
            )


def _compared(commands: Iterable[tuple[list[str], Location]]) -> Iterator[FetchCommand]:
    """Fetches in order, each with whether its digest is compared: right after it and those before it, or from a file of sums."""
    found: list[FetchCommand] = []
    # Where the fetches begin that no digest was taken since.
    start = 0
    has_sums = False
    named: set[str] = set()
    for words, location in commands:
        line = " ".join(words)
        if not _DIGEST_COMMANDS.search(line):
            found += _read(words, location, compares=False)
            continue
        found += _read(words, location, compares=True)
        operands = [posixpath.basename(word) for word in words[1:] if not word.startswith("-")]
        reads_sums = bool({"-c", "--check"} & set(words)) and "|" not in words and bool(operands)
        if reads_sums:
            has_sums = True
        elif operands and "|" not in words:
            named.update(operands)
        else:
            found[start:] = [msgspec.structs.replace(one, is_compared=True) for one in found[start:]]
        start = len(found)
    for one in found:
        is_compared = one.is_compared or has_sums or posixpath.basename(one.into) in named
        yield msgspec.structs.replace(one, is_compared=is_compared)


def _in_python(program: Program) -> Iterator[FetchCommand]:
    for site in program.all_calls({name.rpartition(".")[2] for name in _STARTERS}):
        if site.name in _STARTERS:
            words = _started(site)
            compares = any(called.startswith("hashlib.") for called in site.module.called)
            yield from _read(words, site.location, compares=compares)


def _started(site: CallSite) -> list[str]:
    given: Value | None = site.call.argument("args", 0) or site.call.argument("command", 0)
    if isinstance(given, Constant) and isinstance(given.value, str):
        return _words(given.value)
    if isinstance(given, Sequence):
        # What is put in by name is a word of which nothing is known.
        return [str(one.value) if isinstance(one, Constant) else "{}" for one in given.elements]
    return []


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _read(words: list[str], location: Location, *, compares: bool) -> Iterator[FetchCommand]:
    commands: list[list[str]] = [[]]
    for word in words:
        if word in {"&&", "||", ";"}:
            commands.append([])
        elif word.endswith(";") and len(word) > 1:
            commands[-1].append(word[:-1])
            commands.append([])
        else:
            commands[-1].append(word)
    for command in commands:
        found = _one(command, location, compares=compares)
        if found is not None:
            yield found


def _one(words: list[str], location: Location, *, compares: bool) -> FetchCommand | None:
    name = posixpath.basename(words[0]) if words else ""
    rest = [word.strip("'\"") for word in words[1:]]
    if name in _COPIES:
        if not any(one in rest for one in _COPIES[name]) or len(rest) < 2:
            return None
        urls = tuple(word for word in rest if _STORE_URL.fullmatch(word))
        into = "" if rest[-1] in urls or rest[-1].startswith("-") else rest[-1]
        return FetchCommand(location, urls, into, is_folder=True, program=name) if urls else None
    if name not in _FOLDER_OPTIONS and name not in _FILE_OPTIONS:
        return None
    if name in _FETCHES_FILES and not _keeps(name, rest):
        return None
    urls = tuple(word for word in rest if _URL.fullmatch(word))
    if name in {"kaggle", "huggingface-cli", "hf"} and "download" not in rest:
        return None
    folder, file = _option(rest, _FOLDER_OPTIONS.get(name, ())), _option(rest, _FILE_OPTIONS.get(name, ()))
    if file:
        into, is_folder = posixpath.join(folder, file), False
    elif folder:
        into, is_folder = folder, True
    else:
        into, is_folder = (posixpath.basename(urls[0].partition("?")[0]) if len(urls) == 1 else ""), False
    return FetchCommand(location, urls, into, is_folder, compares, name in _FETCHES_FILES, name)


def _keeps(name: str, rest: list[str]) -> bool:
    """False for what a command only shows, asks for or hands to another one."""
    if "|" in rest or (name == "wget" and {"-O-", "-qO-", "--spider"} & set(rest)):
        return False
    keeping = r"-[a-zA-Z]*[oO]|--output|--remote-name(-all)?|>|--output=.*"
    return name != "curl" or any(re.fullmatch(keeping, word) for word in rest)


def _option(rest: list[str], names: tuple[str, ...]) -> str:
    for position, word in enumerate(rest):
        for name in names:
            if word == name or (name[:1] == "-" and name[1:2] != "-" and re.fullmatch(rf"-[a-zA-Z]*{name[1]}", word)):
                return rest[position + 1] if position + 1 < len(rest) else ""
            if name.startswith("--") and word.startswith(f"{name}="):
                return word.partition("=")[2]
            if re.fullmatch(r"-[A-Z]", name) and word.startswith(name) and len(word) > 2:
                return word[2:]
    return ""
