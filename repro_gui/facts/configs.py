"""Configuration files: YAML, JSON, TOML and INI that hold a program's settings, as flat dotted keys."""

from __future__ import annotations

import json
import math
import re
import tomllib
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.toml_places import find_toml_places
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.location import LineIndex, Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Goes into the cache key of configurations, as `sources.SUMMARISER_VERSION` does.
CONFIG_VERSION = 2
# Settings are written by people; whatever has more values or bytes is data in a text format.
MOST_BYTES = 512 * 1024
_MOST_SETTINGS = 5_000
_DEEPEST = 40
_MOST_ALIASES = 1_000
_LONGEST_VALUE = 2_000

_KINDS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".ini": "ini", ".cfg": "ini"}
# Settings of tools, not of the program: read by other facts or by nobody.
_OF_TOOLS = re.compile(
    r"""(^|/)(
        pyproject\.toml | setup\.cfg | tox\.ini | pytest\.ini | mypy\.ini | ruff\.toml | uv\.toml | poetry\.toml | pixi\.toml
      | \.?pre-commit.* | mkdocs\.ya?ml | \.?readthedocs\.ya?ml | \.?codecov\.ya?ml | alembic\.ini | CITATION\.[^/]* | zenodo\.json
      | environment[^/]*\.ya?ml | conda[^/]*\.ya?ml | meta\.ya?ml | (docker-)?compose[^/]*\.ya?ml | dvc\.(yaml|lock) | MLmodel
      | package(-lock)?\.json | tsconfig[^/]*\.json | jsconfig\.json | composer\.json | Cargo\.toml
      | Pipfile\.lock | [^/]*\.lock\.[^/]* | [^/]*-lock\.[^/]* | \.[^/]*\.(ya?ml|json|toml|cfg|ini)
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_APART = re.compile(r"(^|/)(\.[^/]+|node_modules|docs?|licenses)/")

Scalar = None | bool | int | float | str


class Setting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A scalar of a configuration: `key` is dotted, list items by number ("model.layers.0"); `line` 0 where unknown."""

    key: str
    value: Scalar
    line: int = 0

    @property
    def name(self) -> str:
        """The last part of the key that is no number."""
        for part in reversed(self.key.split(".")):
            if not part.isdigit():
                return part
        return self.key


class ConfigFile(msgspec.Struct, frozen=True, array_like=True):
    """A configuration file; `kind` is "yaml", "json", "toml" or "ini"; with `not_read` there are no settings."""

    path: str
    kind: str
    settings: tuple[Setting, ...] = ()
    not_read: Text | None = None

    def get(self, key: str) -> Setting | None:
        """The setting of that whole key (the last, as readers do)."""
        return next((one for one in reversed(self.settings) if one.key == key), None)

    def location(self, setting: Setting) -> Location:
        """Where a setting stands."""
        return Location(self.path, setting.line)


class Configs(msgspec.Struct, frozen=True, dict=True):
    """All configuration files of the project in path order."""

    files: tuple[ConfigFile, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, ConfigFile]:
        """Files by path."""
        return {file.path: file for file in self.files}

    def after(self, contents: Mapping[str, bytes | None]) -> Configs:
        """The facts as they would be with these file contents (None = gone)."""
        changed = {path: content for path, content in contents.items() if config_kind(path)}
        if not changed:
            return self
        files = dict(self.by_path)
        for path, content in changed.items():
            if content is None:
                files.pop(path, None)
            else:
                files[path] = read_config(path, content)
        return msgspec.structs.replace(self, files=tuple(files[path] for path in sorted(files)))


def config_kind(path: str) -> str:
    """The format of a file that may hold a program's settings, by its name; empty for all others."""
    dot = path.rfind(".")
    kind = _KINDS.get(path[dot:].lower(), "") if dot > 0 else ""
    return "" if not kind or _OF_TOOLS.search(path) or _APART.search(path) else kind


def read_config(path: str, content: bytes) -> ConfigFile:
    """Read a configuration file; never raises: what cannot be read is `not_read` with its reason."""
    kind = config_kind(path)
    if len(content) > MOST_BYTES:
        return ConfigFile(path, kind, not_read=text("It is larger than {limit} bytes.", limit=MOST_BYTES))
    decoded = decode_text(content)
    if decoded is None:
        return ConfigFile(path, kind, not_read=text("It is binary."))
    read = {"yaml": _from_yaml, "json": _from_json, "toml": _from_toml, "ini": _from_ini}[kind]
    try:
        settings = tuple(_limited(read(decoded.content)))
    except _NotRead as error:
        return ConfigFile(path, kind, not_read=error.reason)
    except RecursionError:
        return ConfigFile(path, kind, not_read=text("It is nested too deeply to be read."))
    return ConfigFile(path, kind, settings)


def settings_of(node: YamlNode) -> tuple[Setting, ...] | Text:
    """What a mapping inside a YAML file of another kind sets, read as configurations are; the reason when it cannot be."""
    try:
        return tuple(_limited(_of_node(node, "", 0)))
    except _NotRead as error:
        return error.reason


class _NotRead(Exception):
    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


def _limited(settings: Iterator[Setting]) -> Iterator[Setting]:
    for count, setting in enumerate(settings):
        if count >= _MOST_SETTINGS:
            raise _NotRead(text("It has more than {count} values: this is data, not settings.", count=_MOST_SETTINGS))
        yield setting


def _from_yaml(content: str) -> Iterator[Setting]:
    node = read_yaml(content)
    if isinstance(node, Text):
        raise _NotRead(text("It cannot be read: {reason}.", reason=str(node)))
    if node is not None and node.pairs is not None:
        yield from _of_node(node, "", 0, _Anchors(node))


class _Anchors:
    """The nodes that aliases stand for; how often they may is limited, since aliases of aliases grow without end."""

    def __init__(self, root: YamlNode) -> None:
        self._nodes: dict[str, YamlNode] = {}
        self._left = _MOST_ALIASES
        for node in root.walk():
            if node.anchor:
                self._nodes[node.anchor] = node

    def resolved(self, node: YamlNode) -> YamlNode | None:
        """What an alias stands for; None for any other node, and for an anchor round the alias or after it."""
        if node.text is None or not node.is_plain or node.text[:1] != "*":
            return None
        found = self._nodes.get(node.text[1:])
        if found is None or found.end > node.start:
            return None
        self._left -= 1
        if self._left < 0:
            raise _NotRead(text("It repeats parts of itself too often to be read."))
        return found


def _of_node(node: YamlNode, prefix: str, depth: int, anchors: _Anchors | None = None) -> Iterator[Setting]:
    if depth > _DEEPEST:
        raise _NotRead(text("It is nested too deeply to be read."))
    node = (anchors.resolved(node) if anchors is not None else None) or node
    if node.text is not None:
        value = _yaml_scalar(node.text) if node.is_plain else node.text
        yield Setting(prefix, _shortened(value), node.line)
        return
    if node.pairs is not None:
        for name, value_node in _merged_pairs(node, anchors, depth):
            yield from _of_node(value_node, f"{prefix}.{name}" if prefix else name, depth + 1, anchors)
        return
    for index, item in enumerate(node.items or ()):
        yield from _of_node(item, f"{prefix}.{index}", depth + 1, anchors)


def _merged_pairs(node: YamlNode, anchors: _Anchors | None, depth: int) -> Iterator[tuple[str, YamlNode]]:
    """The pairs of a mapping, those before it that it takes by `<<` first; its own keys win."""
    if depth > _DEEPEST:
        raise _NotRead(text("It is nested too deeply to be read."))
    own = {key.text for key, _ in node.pairs or ()}
    for key, value in node.pairs or ():
        merged = key.text == "<<" and key.is_plain and anchors is not None
        if not merged or anchors is None:
            continue
        for one in value.items or [value]:
            taken = anchors.resolved(one) or one
            if taken.pairs is None:
                continue
            for name, inner in _merged_pairs(taken, anchors, depth + 1):
                if name not in own:
                    own.add(name)
                    yield name, inner
    for key, value in node.pairs or ():
        if key.text != "<<" or anchors is None:
            yield (key.text if key.text is not None else "?"), value


_YAML_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"[-+]?(0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[0-9][0-9_]*)")
# `1e-3` is a string to YAML 1.1 and a number to everybody who writes it; OmegaConf and Hydra read it so.
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?")


def _yaml_scalar(written: str) -> Scalar:
    if written in _YAML_CONSTANTS:
        return _YAML_CONSTANTS[written]
    try:
        if _INTEGER.fullmatch(written):
            digits = written.replace("_", "")
            is_octal = re.fullmatch(r"[-+]?0[0-7]+", digits)
            number = int(digits, 8) if is_octal else int(digits, 0)
            return number if abs(number) < 2**63 else written
        if _NUMBER.fullmatch(written):
            return float(written.replace("_", ""))
    except ValueError:
        return written
    return written


def _from_json(content: str) -> Iterator[Setting]:
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise _NotRead(text("It is not valid JSON ({problem}).", problem=str(error))) from None
    if isinstance(loaded, dict):
        yield from _of_value(loaded, "", _JsonLines(content), 0)


class _JsonLines:
    """Lines of JSON keys: the decoder keeps the order of the text, so each key is searched after the one before it."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._lines = LineIndex(content)
        self._at = 0

    def next_key(self, key: str) -> int:
        """The line of the next pair with that key."""
        for written in (json.dumps(key, ensure_ascii=False), json.dumps(key)):
            match = re.compile(re.escape(written) + r"\s*:").search(self._content, self._at)
            if match is not None:
                self._at = match.end()
                return self._lines.position(match.start())[0]
        return 0


def _of_value(value: Any, prefix: str, lines: _JsonLines | None, depth: int, line: int = 0) -> Iterator[Setting]:
    if depth > _DEEPEST:
        raise _NotRead(text("It is nested too deeply to be read."))
    if isinstance(value, dict):
        for key, inner in value.items():
            at = lines.next_key(key) if lines is not None else 0
            yield from _of_value(inner, f"{prefix}.{key}" if prefix else str(key), lines, depth + 1, at)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _of_value(inner, f"{prefix}.{index}", lines, depth + 1, line)
    else:
        yield Setting(prefix, _shortened(value), line)


def _from_toml(content: str) -> Iterator[Setting]:
    try:
        loaded = tomllib.loads(content)
    except ValueError as error:
        raise _NotRead(text("It is not valid TOML ({problem}).", problem=str(error))) from None
    places = {".".join(map(str, keys)): place.start for keys, place in find_toml_places(content).items()}
    lines = LineIndex(content)
    for setting in _of_value(loaded, "", None, 0):
        start = places.get(setting.key)
        yield setting if start is None else Setting(setting.key, setting.value, lines.position(start)[0])


_SECTION = re.compile(r"\s*\[([^\]]+)\]")
_OPTION = re.compile(r"([^\s#;=:\[][^=:]*?)\s*[=:]\s*(.*)")


def _from_ini(content: str) -> Iterator[Setting]:
    section = ""
    for number, line in enumerate(content.split("\n"), 1):
        header = _SECTION.match(line)
        if header is not None:
            section = header[1].strip()
            continue
        option = _OPTION.match(line.rstrip())
        if option is not None:
            value = re.split(r"\s[#;]", option[2], maxsplit=1)[0].strip()
            yield Setting(f"{section}.{option[1]}" if section else option[1], _ini_scalar(value), number)


def _ini_scalar(written: str) -> Scalar:
    """INI has only strings; numbers are what every program makes of such a string."""
    if _INTEGER.fullmatch(written) or _NUMBER.fullmatch(written):
        return _yaml_scalar(written)
    return {"true": True, "false": False, "none": None}.get(written.lower(), _shortened(written))


def _shortened(value: Any) -> Scalar:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)[:_LONGEST_VALUE]
    return str(value)  # dates and times of TOML
