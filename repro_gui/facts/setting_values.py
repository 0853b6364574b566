"""Which setting of which configuration file an expression reads: what Hydra gives, and what a program loads itself."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.configs import ConfigFile, Setting
from repro_gui.facts.events import Attribute, Call, Constant, Name, Subscript, Value
from repro_gui.facts.hydra_config import primary_config, setting_by_default
from repro_gui.facts.path_values import PathReader, WrittenPath
from repro_gui.facts.scopes import BindingKind

if TYPE_CHECKING:
    from repro_gui.facts.default_values import DefaultValues
    from repro_gui.facts.program import Program
    from repro_gui.facts.scopes import Scope

# Give what stands in the file that they are called with: a path, an open file, or what was read from it.
_LOADERS = frozenset(
    {
        "omegaconf.OmegaConf.load",
        "yaml.safe_load",
        "yaml.full_load",
        "yaml.load",
        "json.load",
        "json.loads",
        "tomllib.load",
        "tomllib.loads",
        "tomli.load",
        "tomli.loads",
        "toml.load",
        "toml.loads",
    }
)
_READING = frozenset({"read_text", "read_bytes", "read", "open"})
# Gives the parameters of DVC.
_PARAMETERS_OF_DVC = "dvc.api.params_show"
# Give the same settings in other clothes.
_CLOTHES = frozenset(
    {"omegaconf.OmegaConf.create", "omegaconf.OmegaConf.to_container", "munch.munchify", "easydict.EasyDict"}
)
_MOST_REFERENCES = 4
_MOST_STEPS = 4


class SettingRead(msgspec.Struct, frozen=True):
    """A setting that an expression reads; `setting` None: the file has no such key."""

    file: ConfigFile
    key: str
    setting: Setting | None


def setting_read(
    program: Program, values: DefaultValues, scope: Scope, value: Value, key: str = "", steps: int = 0
) -> SettingRead | None:
    """The setting that an expression (and a further key of it) reads by default; None when it reads none that is seen."""
    if not program.configs or steps > _MOST_STEPS:
        return None
    keys = [key] if key else []
    while isinstance(value, Subscript):
        index = value.index
        if not isinstance(index, Constant) or not isinstance(index.value, str):
            return None
        keys.insert(0, index.value)
        value = value.of
    where, holder = values.origin(scope, value)
    if isinstance(holder, Name) and "." in holder.dotted:
        head, *inner = holder.dotted.split(".")
        keys = [*inner, *keys]
        where, holder = values.origin(where, _renamed(holder, head))
    while isinstance(holder, Call) and holder.positional:
        if program.code.resolver.resolve(where, holder.target).name not in _CLOTHES:
            break
        where, holder = values.origin(where, holder.positional[0])
    dotted = ".".join(keys)
    if isinstance(holder, Subscript) or (isinstance(holder, Name) and "." in holder.dotted):
        # `train = config["train"]`, then `train["seed"]`.
        return setting_read(program, values, where, holder, dotted, steps + 1)
    if not dotted:
        return None
    if isinstance(holder, Name):
        found = values.parameter_of(where, holder)
        primary = None if found is None else primary_config(found[0], program.code.resolver, program.configs)
        return None if primary is None else _of_hydra(program, primary, dotted)
    file = _loaded_file(program, values, where, holder) if isinstance(holder, Call) else None
    return None if file is None else SettingRead(file, dotted, file.get(dotted))


def section_lacks(program: Program, values: DefaultValues, scope: Scope, section: Value, key: str) -> bool:
    """Whether an expression reads, by default, a section of a file that holds settings and none of that name."""
    read = setting_read(program, values, scope, section, key)
    if read is None or read.setting is not None:
        return False
    prefix = read.key.removesuffix(key)
    return any(one.key.startswith(prefix) for one in read.file.settings) and not any(
        # A section, or an item that stands for others (`<<`, `${…}`, a list of defaults), may bring it along.
        one.key.startswith((f"{read.key}.", f"{read.key}[", f"{prefix}<<", f"{prefix}defaults"))
        for one in read.file.settings
    )


def _of_hydra(program: Program, primary: ConfigFile, key: str) -> SettingRead:
    for _ in range(_MOST_REFERENCES):
        found = setting_by_default(primary, key, program.configs)
        if found is None:
            return SettingRead(primary, key, None)
        file, setting = found
        written = setting.value
        is_reference = isinstance(written, str) and written.startswith("${") and written.endswith("}")
        if not is_reference or not isinstance(written, str) or ":" in written or "$" in written[1:]:
            return SettingRead(file, setting.key, setting)
        key = written[2:-1]
    return SettingRead(primary, key, None)


def _loaded_file(program: Program, values: DefaultValues, scope: Scope, call: Call) -> ConfigFile | None:
    name = program.code.resolver.resolve(scope, call.target).name
    if name == _PARAMETERS_OF_DVC and not call.positional and not call.keywords:
        return _file_at(program, scope, "params.yaml")
    if name not in _LOADERS or not call.positional:
        return None
    given = call.positional[0]
    where, opened = values.origin(scope, given)
    for _ in range(_MOST_STEPS):
        where, opened = values.origin(where, _read_from(where, opened))
    path = getattr(values.value(where, opened), "value", None)
    if isinstance(path, str):
        return _file_at(program, scope, path)
    written = PathReader(program, []).paths(where.module.path, where.symbol, opened)
    return _file_at(program, scope, written[0].path) if len(written) == 1 and _is_whole(written[0]) else None


def _read_from(scope: Scope, value: Value) -> Value:
    """The path, or the open file, from which a value was read: itself where it was not."""
    if isinstance(value, Name) and "." not in value.dotted:
        home = scope.home_of(value.dotted)
        bindings = [] if home is None else home.bindings[value.dotted]
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ENTERED and bindings[0].value is not None:
            return bindings[0].value
    if isinstance(value, Call):
        target = value.target
        if isinstance(target, Attribute) and target.name in _READING:
            return target.of
        if isinstance(target, Name) and target.dotted.rpartition(".")[2] in _READING and "." in target.dotted:
            return _renamed(target, target.dotted.rpartition(".")[0])
        if isinstance(target, Name) and target.dotted == "open" and value.positional:
            return value.positional[0]
    return value


def _is_whole(path: WrittenPath) -> bool:
    return path.is_known and not path.open_end


def _file_at(program: Program, scope: Scope, path: str) -> ConfigFile | None:
    """Programs are started in the project's folder, or beside themselves."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(scope.module.path), path))
    by_path = {file.path: file for file in program.configs}
    found = by_path.get(posixpath.normpath(path)) or by_path.get(beside)
    return None if found is None or found.not_read is not None else found


def _renamed(name: Name, dotted: str) -> Name:
    return Name(name.line, name.column, name.end_line, name.end_column, dotted)
