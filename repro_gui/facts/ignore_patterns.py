"""Patterns of `.gitattributes` and `.dvcignore` over paths of the project."""

from __future__ import annotations

import functools
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# DVC leaves these out of every folder.
_ALWAYS_IGNORED = (".hg/", ".git/", ".git", ".dvc/")


class LfsRule(msgspec.Struct, frozen=True):
    """A pattern of `.gitattributes` that gives files to Git LFS, or (`is_lfs` false) takes them out of it again."""

    pattern: str
    is_lfs: bool
    line: int


class IgnorePatterns:
    """What the `.dvcignore` files of a project leave out of folders under DVC."""

    def __init__(self, lines_by_path: Mapping[str, tuple[str, ...]]) -> None:
        self._lines = {posixpath.dirname(path): lines for path, lines in lines_by_path.items()}
        self._lines[""] = _ALWAYS_IGNORED + self._lines.get("", ())

    def ignores(self, path: str) -> bool:
        """True for a file that DVC does not see: the nearest `.dvcignore` that speaks of it counts."""
        for folder in _folders_above(path):
            lines = self._lines.get(folder)
            if lines:
                verdict = _ignore_spec(lines).check_file(path[len(folder) + 1 :] if folder else path).include
                if verdict is not None:
                    return verdict
        return False


def lfs_rules_of(content: bytes) -> tuple[LfsRule, ...]:
    """The rules about Git LFS in a `.gitattributes` file, in order; macros of the file are followed."""
    rules: list[LfsRule] = []
    macros: set[str] = set()
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        pattern, attributes = _pattern_and_attributes(line)
        if not pattern:
            continue
        is_lfs = None
        for attribute in attributes:
            if attribute == "filter=lfs" or attribute in macros:
                is_lfs = True
            elif attribute.startswith("filter=") or attribute in {"-filter", "!filter", "binary"}:
                # `binary` is a macro of Git that leaves filters alone.
                is_lfs = is_lfs if attribute == "binary" else False
        if pattern.startswith("[attr]"):
            macros.update([pattern.removeprefix("[attr]")] if is_lfs else [])
        elif is_lfs is not None:
            rules.append(LfsRule(pattern, is_lfs, number))
    return tuple(rules)


def is_under_lfs(path: str, rules_by_path: Mapping[str, tuple[LfsRule, ...]]) -> bool:
    """True when the attributes give a path to Git LFS: the nearest file counts, in it the last rule that matches."""
    if not rules_by_path:
        return False
    for folder in _folders_above(path):
        inside = path[len(folder) + 1 :] if folder else path
        for rule in reversed(rules_by_path.get(posixpath.join(folder, ".gitattributes"), ())):
            regex = _attribute_pattern(rule.pattern)
            if regex is not None and regex.fullmatch(inside):
                return rule.is_lfs
    return False


def _pattern_and_attributes(line: str) -> tuple[str, list[str]]:
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return "", []
    try:
        words = shlex.split(stripped, posix=True) if stripped.startswith('"') else stripped.split()
    except ValueError:
        words = stripped.split()
    return words[0], words[1:]


def _folders_above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


@functools.lru_cache(maxsize=64)
def _ignore_spec(lines: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


@functools.lru_cache(maxsize=4096)
def _attribute_pattern(pattern: str) -> re.Pattern[str] | None:
    """A pattern of `.gitattributes`.

    Unlike one of `.gitignore` it means the file itself, never what lies in a folder of that name.
    """
    if pattern.endswith("/"):
        return None
    # Without a slash it is about the name in any folder.
    pieces = ["(?:.*/)?"] if "/" not in pattern else []
    rest = pattern.removeprefix("/")
    while rest:
        if rest.startswith("**/"):
            pieces.append("(?:.*/)?")
            rest = rest[3:]
        elif rest == "**":
            pieces.append(".*")
            rest = ""
        elif found := re.match(r"\[(!|\^)?(\]?[^\]/]*)\]", rest):
            pieces.append(f"[{'^/' if found[1] else ''}{found[2].replace(chr(92), chr(92) * 2)}]")
            rest = rest[found.end() :]
        elif rest.startswith("\\") and len(rest) > 1:
            pieces.append(re.escape(rest[1]))
            rest = rest[2:]
        else:
            pieces.append({"*": "[^/]*", "?": "[^/]"}.get(rest[0], re.escape(rest[0])))
            rest = rest[1:]
    try:
        return re.compile("".join(pieces).replace("[^/]*[^/]*", "[^/]*"))
    except re.error:
        return None


def ignored_folder(path: str, gitignores: Mapping[str, bytes]) -> str | None:
    """The topmost folder above a path that Git ignores by these `.gitignore` files; None when it sees the path.

    Empty when a pattern covers the file itself and not a folder.
    """
    parts = path.split("/")
    for count in range(1, len(parts)):
        if _is_ignored("/".join(parts[:count]), gitignores, is_folder=True):
            return "/".join(parts[:count])
    return "" if _is_ignored(path, gitignores, is_folder=False) else None


def _is_ignored(path: str, gitignores: Mapping[str, bytes], *, is_folder: bool) -> bool:
    for folder in _folders_above(path):
        content = gitignores.get(posixpath.join(folder, ".gitignore"))
        if content is not None:
            lines = tuple(content.decode("utf-8", "replace").splitlines())
            inside = path[len(folder) + 1 :] if folder else path
            verdict = _ignore_spec(lines).check_file(inside + "/" * is_folder).include
            if verdict is not None:
                return verdict
    return False
