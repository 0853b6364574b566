"""Which files say something about the environment, by their names, and which parser reads each."""

from __future__ import annotations

import posixpath
import re

import msgspec

from repro_gui.facts.conda_files import parse_conda, parse_conda_lock, parse_mlflow_python
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Unread
from repro_gui.facts.dockerfile import parse_dockerfile
from repro_gui.facts.lock_files import parse_pipfile, parse_pipfile_lock, parse_toml_lock
from repro_gui.facts.pyproject import parse_pyproject
from repro_gui.facts.python_versions import parse_python_version
from repro_gui.facts.requirements_files import parse_requirements
from repro_gui.facts.service_files import parse_ci, parse_compose, parse_devcontainer
from repro_gui.facts.setup_files import parse_setup_cfg, parse_setup_py
from repro_gui.location import Location
from repro_gui.text import Text, text

_BY_NAME = {
    "pyproject.toml": FileFormat.PYPROJECT,
    "setup.cfg": FileFormat.SETUP_CFG,
    "setup.py": FileFormat.SETUP_PY,
    "uv.lock": FileFormat.UV_LOCK,
    "poetry.lock": FileFormat.POETRY_LOCK,
    "pdm.lock": FileFormat.PDM_LOCK,
    "pipfile": FileFormat.PIPFILE,
    "pipfile.lock": FileFormat.PIPFILE_LOCK,
    "pixi.toml": FileFormat.PIXI,
    "pixi.lock": FileFormat.PIXI,
    ".python-version": FileFormat.PYTHON_VERSION,
    "runtime.txt": FileFormat.PYTHON_VERSION,
    ".tool-versions": FileFormat.PYTHON_VERSION,
    "python_env.yaml": FileFormat.MLFLOW_PYTHON,
    "python_env.yml": FileFormat.MLFLOW_PYTHON,
    "dockerfile": FileFormat.DOCKERFILE,
    "containerfile": FileFormat.DOCKERFILE,
    "devcontainer.json": FileFormat.DEVCONTAINER,
    ".devcontainer.json": FileFormat.DEVCONTAINER,
    ".gitlab-ci.yml": FileFormat.CI,
    "singularity": FileFormat.APPTAINER,
    "flake.nix": FileFormat.NIX,
    "shell.nix": FileFormat.NIX,
    "default.nix": FileFormat.NIX,
}
_BY_PATTERN = (
    (re.compile(r"pylock(?:\.[^.]+)?\.toml"), FileFormat.PYLOCK),
    (re.compile(r"(?:.*[.-])?conda-lock(?:\..*)?\.ya?ml"), FileFormat.CONDA_LOCK),
    (re.compile(r"conda-[\w-]+\.lock|(?:.*-)?explicit\.(?:txt|lock)"), FileFormat.REQUIREMENTS),
    (
        re.compile(r"(?:.*[-_.])?(?:requirements?|constraints?|reqs?)(?:[-_.0-9].*)?\.(?:txt|in|pip|lock)"),
        FileFormat.REQUIREMENTS,
    ),
    (re.compile(r"(?:.*[-_.])?(?:environments?|env|conda)(?:[-_.0-9].*)?\.ya?ml"), FileFormat.CONDA),
    (re.compile(r"(?:dockerfile|containerfile)[._-].+|.+\.(?:dockerfile|containerfile)"), FileFormat.DOCKERFILE),
    (re.compile(r"(?:docker-)?compose(?:[.-].*)?\.ya?ml"), FileFormat.COMPOSE),
    (re.compile(r"singularity\..+|.+\.def"), FileFormat.APPTAINER),
)
# Sources, notes and templates: `dockerfile_checks.py`, `Dockerfile.j2`.
_NAMED_AFTER_DOCKERFILES = (
    *(".py", ".md", ".rst", ".html", ".sh", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".in"),
    *(".dockerignore", ".orig", ".bak"),
)
# What `freeze.RESOLVED_COMMENT` leaves behind.
_RESOLVED = re.compile(rb"#[^\n]*resolved as of (\d{4}-\d\d-\d\d), not observed")
_HEAD_BYTES = 4096
_REQUIREMENTS_FOLDERS = frozenset({"requirements", "reqs", "requires"})
_CONDA_FOLDERS = frozenset({"envs", "environments", "conda", "environment"})
_GROUP_WORD = re.compile(r"[a-z]+")
_GROUP_WORDS = {
    "dev": "dev",
    "develop": "dev",
    "development": "dev",
    "test": "test",
    "tests": "test",
    "testing": "test",
    "docs": "docs",
    "doc": "docs",
    "documentation": "docs",
    "lint": "lint",
    "ci": "ci",
    "typing": "typing",
    "mypy": "typing",
}


def recognise(path: str) -> FileFormat | None:
    """The format of a file by its path (relative, POSIX), None for files that say nothing about the environment.

    A `.yml` in a folder of conda environments counts here; whether it is one shows when it is read.
    """
    folder, name = posixpath.split(path.lower())
    found = _BY_NAME.get(name)
    if found is not None:
        return found
    for pattern, kind in _BY_PATTERN:
        if pattern.fullmatch(name):
            return None if kind is FileFormat.DOCKERFILE and name.endswith(_NAMED_AFTER_DOCKERFILES) else kind
    parent = posixpath.basename(folder)
    if parent in _REQUIREMENTS_FOLDERS and name.endswith((".txt", ".in", ".pip")):
        return FileFormat.REQUIREMENTS
    if parent in _CONDA_FOLDERS and name.endswith((".yml", ".yaml")):
        return FileFormat.CONDA
    if folder.endswith(".github/workflows") and name.endswith((".yml", ".yaml")):
        return FileFormat.CI
    return None


def group_of_path(path: str) -> str:
    """The group that a requirements file is for by its name or folder (`requirements-dev.txt`, `docs/requirements.txt`)."""
    parts = path.lower().split("/")
    for part in [parts[-1], *parts[:-1]]:
        for word in _GROUP_WORD.findall(part):
            if word in _GROUP_WORDS:
                return _GROUP_WORDS[word]
    return ""


def parse_environment_file(path: str, content: bytes) -> EnvironmentFile:
    """Read one environment file; a file whose name is not recognised is read as a requirements file (an include)."""
    parsed = _parse(path, content)
    resolved = _RESOLVED.search(content, 0, _HEAD_BYTES)
    return msgspec.structs.replace(parsed, resolved_as_of=resolved[1].decode()) if resolved else parsed


def _parse(path: str, content: bytes) -> EnvironmentFile:
    kind = recognise(path) or FileFormat.REQUIREMENTS
    match kind:
        case FileFormat.REQUIREMENTS:
            return parse_requirements(path, content, group=group_of_path(path))
        case FileFormat.UV_LOCK | FileFormat.POETRY_LOCK | FileFormat.PDM_LOCK | FileFormat.PYLOCK:
            return parse_toml_lock(path, content, kind)
        case FileFormat.APPTAINER | FileFormat.NIX | FileFormat.PIXI:
            return unread_file(path, text("{path} is not read yet", path=path))
        case _:
            return _PARSERS[kind](path, content)


_PARSERS = {
    FileFormat.PYPROJECT: parse_pyproject,
    FileFormat.CONDA: parse_conda,
    FileFormat.SETUP_CFG: parse_setup_cfg,
    FileFormat.SETUP_PY: parse_setup_py,
    FileFormat.PIPFILE: parse_pipfile,
    FileFormat.PIPFILE_LOCK: parse_pipfile_lock,
    FileFormat.CONDA_LOCK: parse_conda_lock,
    FileFormat.DOCKERFILE: parse_dockerfile,
    FileFormat.COMPOSE: parse_compose,
    FileFormat.DEVCONTAINER: parse_devcontainer,
    FileFormat.CI: parse_ci,
    FileFormat.PYTHON_VERSION: parse_python_version,
    FileFormat.MLFLOW_PYTHON: parse_mlflow_python,
}


_LISTS = frozenset(
    {
        *(FileFormat.REQUIREMENTS, FileFormat.PYPROJECT, FileFormat.CONDA, FileFormat.SETUP_CFG, FileFormat.SETUP_PY),
        *(FileFormat.PIPFILE, FileFormat.MLFLOW_PYTHON, FileFormat.PIXI, FileFormat.NIX),
    }
)
_LOCKS = frozenset(
    {
        *(FileFormat.UV_LOCK, FileFormat.POETRY_LOCK, FileFormat.PDM_LOCK, FileFormat.PYLOCK),
        *(FileFormat.PIPFILE_LOCK, FileFormat.CONDA_LOCK),
    }
)


def unread_file(path: str, reason: Text) -> EnvironmentFile:
    """Stands for a file that is there and was not read, for that reason."""
    kind = recognise(path) or FileFormat.REQUIREMENTS
    is_lock = kind in _LOCKS or path.endswith(".lock")
    unread = Unread(reason, Location(path), is_fault=False)
    return EnvironmentFile(path, kind, is_list=kind in _LISTS and not is_lock, is_lock=is_lock, unread=(unread,))
