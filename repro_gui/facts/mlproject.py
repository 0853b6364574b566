"""What an `MLproject` file says: the environment that MLflow makes for it, and its entry points with their parameters."""

from __future__ import annotations

import re

import msgspec

from repro_gui.facts.yaml_places import YamlNode, read_yaml

ENVIRONMENT_KEYS = ("python_env", "conda_env", "docker_env")
# MLflow fills commands with `str.format`; doubled braces are braces.
_PLACEHOLDER = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)\}(?!\})")


class ProjectEntry(msgspec.Struct, frozen=True, array_like=True):
    """An entry point: the parameters that it declares and those that its command names; lines count from 1.

    `parameters_line` is where the first declared parameter stands, 0 for none.
    """

    name: str
    line: int
    command: str = ""
    parameters: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    parameters_line: int = 0


class MLflowProject(msgspec.Struct, frozen=True, array_like=True):
    """An `MLproject` file; `kind` is the key that names its environment (empty for none), `environment` the file or image."""

    kind: str = ""
    environment: str = ""
    environment_line: int = 0
    entries: tuple[ProjectEntry, ...] = ()


def read_mlflow_project(content: str) -> MLflowProject | None:
    """Read an `MLproject`; None for what is no mapping."""
    root = read_yaml(content)
    if not isinstance(root, YamlNode) or root.pairs is None:
        return None
    kind, environment, line = "", "", 0
    for key, value in root.pairs:
        if key.text in ENVIRONMENT_KEYS:
            image = value.get("image")
            kind, line = key.text, key.line
            environment = value.text or (image.text if image is not None else "") or ""
            break
    points = root.get("entry_points")
    pairs = (points.pairs or ()) if points is not None else ()
    return MLflowProject(kind, environment, line, tuple(_entry(name, point) for name, point in pairs))


def _entry(name: YamlNode, point: YamlNode) -> ProjectEntry:
    command = point.get("command")
    written = (command.text or "") if command is not None else ""
    declared = point.get("parameters")
    pairs = (declared.pairs or []) if declared is not None else []
    return ProjectEntry(
        name.text or "",
        name.line,
        written,
        tuple(key.text for key, _ in pairs if key.text),
        tuple(dict.fromkeys(_PLACEHOLDER.findall(written))),
        pairs[0][0].line if pairs else 0,
    )
