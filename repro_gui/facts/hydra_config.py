"""What Hydra puts together by default: which files of a project's configuration, the values in them, the classes they name."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from repro_gui.facts.events import Call, Constant, Function, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_gui.facts.configs import ConfigFile, Setting
    from repro_gui.facts.resolve import Resolver
    from repro_gui.facts.scopes import Scope

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
# Calls that make what a configuration names.
MAKERS = frozenset({"hydra.utils.instantiate", "hydra.utils.call", "hydra.utils.get_class", "hydra.utils.get_method"})


def is_taken(file: ConfigFile, files: Sequence[ConfigFile]) -> bool | None:
    """Whether Hydra takes a file of a group (`configs/logger/wandb.yaml`) by default, by the `defaults` lists; None: unknown."""
    group = posixpath.basename(posixpath.dirname(file.path))
    option = posixpath.basename(file.path).rpartition(".")[0]
    of_group = re.compile(rf"defaults\.\d+\.(?:override )?/?(?:[^.]*/)?{re.escape(group)}(?:@.*)?(?:\.\d+)?")
    answers = [
        str(setting.value or "").removesuffix(".yaml") == option
        for other in sorted(files, key=lambda one: (one.path.count("/"), one.path))
        for setting in other.settings
        if of_group.fullmatch(setting.key)
    ]
    # Experiments choose their own; what counts by default is the list of the primary configuration, the nearest to the top.
    return answers[0] if answers else None


def targets_by_default(files: Sequence[ConfigFile]) -> Iterator[str]:
    """Dotted names of the classes and functions that files taken by default (or perhaps) have Hydra make."""
    for file in files:
        named = [
            setting.value
            for setting in file.settings
            if setting.key.rpartition(".")[2] == "_target_" and isinstance(setting.value, str) and setting.value
        ]
        if named and is_taken(file, files) is not False:
            yield from named


def names_in_values(files: Sequence[ConfigFile]) -> Iterator[str]:
    """Values of files taken by default (or perhaps) that are written like the dotted name of something in a module."""
    for file in files:
        named = [setting.value for setting in file.settings if _DOTTED.fullmatch(str(setting.value))]
        if named and is_taken(file, files) is not False:
            yield from map(str, named)


def primary_config(scope: Scope, resolver: Resolver, files: Sequence[ConfigFile]) -> ConfigFile | None:
    """The configuration that `@hydra.main` gives the function of this scope; None without one."""
    if not isinstance(scope.definition, Function):
        return None
    for decorator in scope.definition.decorators:
        if not isinstance(decorator, Call):
            continue
        if resolver.resolve(scope.parent or scope, decorator.target).name != "hydra.main":
            continue
        name = _written(decorator.argument("config_name", 1))
        folder = _written(decorator.argument("config_path", 0))
        if name:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(scope.module.path), folder, name))
            wanted = {path, f"{path}.yaml", f"{path}.yml"}
            return next((file for file in files if file.path in wanted), None)
    return None


def setting_by_default(primary: ConfigFile, key: str, files: Sequence[ConfigFile]) -> tuple[ConfigFile, Setting] | None:
    """The setting of a dotted key and its file: the primary configuration, or the file of a group that it takes."""
    found = primary.get(key)
    if found is not None:
        return primary, found
    group, _, rest = key.partition(".")
    if rest:
        folder = posixpath.join(posixpath.dirname(primary.path), group)
        for file in files:
            setting = file.get(rest) if posixpath.dirname(file.path) == folder and is_taken(file, files) else None
            if setting is not None:
                return file, setting
    return None


def _written(value: Value | None) -> str:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""
