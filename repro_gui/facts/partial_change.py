"""Whether a file still holds together when only some of its changes are kept."""

from __future__ import annotations

import ast
import json
import posixpath
import tomllib
from typing import TYPE_CHECKING

import yaml

from repro_gui.errors import CannotPlan
from repro_gui.facts.decoded_text import decode_text
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.changes.change_set import FileChange

_LANGUAGES = {
    ".py": "Python",
    ".ipynb": "JSON",
    ".json": "JSON",
    ".toml": "TOML",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".dvc": "YAML",
}


def check_part(whole: FileChange, part: FileChange) -> None:
    """Raise `CannotPlan` when the kept changes alone break a file that the whole change does not break.

    Broken is what no longer parses, and Python that uses a name which only a change that was left defines.
    """
    ending = posixpath.splitext(whole.path)[1].lower()
    language = _LANGUAGES.get(ending)
    if language is None or part.after == whole.after or part.after is None or part.after == part.before:
        return
    parse = _PARSERS[language]
    complete = _parsed(parse, whole.after)
    kept = _parsed(parse, part.after)
    if complete is None:
        return
    mend = text("Take the changes that belong together, or leave the whole file.")
    if kept is None:
        raise CannotPlan(
            text("{path} would be no valid {language} with these changes alone.", path=whole.path, language=language),
            mend,
        )
    if language == "Python":
        missing = _lost_names(complete, kept)
        if missing:
            raise CannotPlan(
                text(
                    "{path} would use {name}, which a change that you leave defines.", path=whole.path, name=missing[0]
                ),
                mend,
            )


def _parsed(parse: Callable[[str], object], content: bytes | None) -> object | None:
    decoded = decode_text(content) if content is not None else None
    if decoded is None:
        return None
    try:
        return (parse(decoded.content),)
    except (ValueError, SyntaxError, RecursionError, yaml.YAMLError):
        return None


def _lost_names(complete: object, kept: object) -> list[str]:
    """Names that the complete program binds, and the kept one uses without binding them anywhere."""
    assert isinstance(complete, tuple)
    assert isinstance(kept, tuple)
    return sorted((_bound(complete[0]) - _bound(kept[0])) & _used(kept[0]))


def _bound(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=alias):
                names.add(alias or name.partition(".")[0])
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
    return names


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


_PARSERS: dict[str, Callable[[str], object]] = {
    "Python": ast.parse,
    "JSON": json.loads,
    "TOML": tomllib.loads,
    "YAML": lambda content: yaml.compose(content, Loader=yaml.SafeLoader),
}
