"""Configuration files: YAML, JSON, TOML and INI that hold a program's settings, as flat dotted keys."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Setting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A scalar of a configuration: `key` is dotted, list items by number ("model.layers.0"); `line` 0 where unknown."""

    key: str
    value: bool | int | float | str | None
    line: int = 0


class ConfigFile(msgspec.Struct, frozen=True, array_like=True):
    """A configuration file; `kind` is "yaml", "json", "toml" or "ini"; with `not_read` there are no settings."""

    path: str
    kind: str
    settings: tuple[Setting, ...] = ()
    not_read: Text | None = None


class Configs(msgspec.Struct, frozen=True, dict=True):
    """All configuration files of the project in path order."""

    files: tuple[ConfigFile, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, ConfigFile]:
        """Files by path."""
        return {file.path: file for file in self.files}

    def after(self, contents: Mapping[str, bytes | None]) -> Configs:
        """The facts as they would be with these file contents (None = gone)."""
        return self
