"""Finds Python environments by reading folders; never runs Python, pyenv, conda, poetry or uv."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from repro_gui.facts.dependencies import FileFormat
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import Interpreter
from repro_gui.text import text

_MOST_IN_FOLDER = 500
_SMALL_FILE = 64 * 1024
_PYTHON_FOLDER = re.compile(r"(?:python|pypy)(\d+\.\d+)t?")
_CONDA_PYTHON = re.compile(r"python-(\d+\.\d+\.\d+\w*)-[^-]+\.json")
_VERSION_IN_NAME = re.compile(r"(?:^|[-_])(\d+\.\d+\.\d+)")
_CONDA_HOMES = (
    *("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda"),
    *("opt/miniconda3", "opt/anaconda3"),
)


class Surroundings(msgspec.Struct, frozen=True):
    """Where environments may be outside the project: the person's folder, the system's, and variables of the shell.

    `own_prefix` is the environment of this application, which is never anybody's project environment.
    """

    home: str
    system: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}
    own_prefix: str = ""


def these_surroundings() -> Surroundings:
    """Those of this process."""
    system = ("/usr/local", "/usr", "/opt/conda") if sys.platform != "win32" else ()
    return Surroundings(os.path.expanduser("~"), system, dict(os.environ), sys.prefix)


def find_interpreters(
    root: str, environment_folders: Iterable[str], environment: Environment, surroundings: Surroundings
) -> tuple[Interpreter, ...]:
    """Environments of this project first, the likeliest at the front; then the others of this machine.

    `environment_folders` are relative to `root`. What ties an environment to the project: it lies inside, its name carries the hash
    that poetry or pipenv gave the folder, `environment.yml` or `.python-version` names it, or the shell has it activated.
    """
    finder = _Finder(root, environment, surroundings)
    for folder in sorted(environment_folders, key=lambda name: (name not in {".venv", "venv"}, name.count("/"), name)):
        finder.add(os.path.join(root, folder) if folder else root, "venv", folder or ".", is_of_project=True)
    finder.poetry_and_pipenv()
    finder.conda()
    finder.pyenv()
    finder.activated()
    finder.uv()
    for prefix in surroundings.system:
        finder.add(prefix, "system", prefix)
    found = finder.found.values()
    return tuple(sorted(found, key=lambda interpreter: not interpreter.is_of_project))


def interpreter_at(path: str) -> Interpreter | None:
    """The environment that a `python` executable (not followed, if it is a link) or a folder belongs to."""
    prefix = path
    if not os.path.isdir(path):
        prefix = os.path.dirname(os.path.dirname(path))
        if os.path.basename(path).lower().startswith("python") and os.path.exists(
            os.path.join(os.path.dirname(path), "pyvenv.cfg")
        ):
            prefix = os.path.dirname(path)
    return _describe(prefix, "", os.path.basename(prefix) or prefix)


class _Finder:
    def __init__(self, root: str, environment: Environment, surroundings: Surroundings) -> None:
        self._root = root
        self._environment = environment
        self._surroundings = surroundings
        self._own = os.path.realpath(surroundings.own_prefix) if surroundings.own_prefix else ""
        self.found: dict[str, Interpreter] = {}

    def add(self, prefix: str, kind: str, label: str, *, is_of_project: bool = False) -> None:
        real = os.path.realpath(prefix)
        if real in self.found:
            return
        if real == self._own and not _lies_in(real, os.path.realpath(self._root)):
            return
        described = _describe(prefix, kind, label, is_of_project=is_of_project)
        if described is not None:
            self.found[real] = described

    def poetry_and_pipenv(self) -> None:
        variables, home = self._surroundings.variables, self._surroundings.home
        poetry = [
            os.path.join(home, ".cache", "pypoetry", "virtualenvs"),
            os.path.join(home, "Library", "Caches", "pypoetry", "virtualenvs"),
            os.path.join(home, "AppData", "Local", "pypoetry", "Cache", "virtualenvs"),
        ]
        if cache := variables.get("POETRY_CACHE_DIR"):
            poetry.insert(0, os.path.join(cache, "virtualenvs"))
        mark = f"-{_poetry_hash(self._root)}-py"
        for folder in poetry:
            for name in _names(folder):
                self.add(os.path.join(folder, name), "poetry", f"poetry: {name}", is_of_project=mark in name)
        pipenv = variables.get("WORKON_HOME") or os.path.join(home, ".local", "share", "virtualenvs")
        ending = f"-{_pipenv_hash(os.path.join(self._root, 'Pipfile'))}"
        for name in _names(pipenv):
            self.add(os.path.join(pipenv, name), "pipenv", f"pipenv: {name}", is_of_project=name.endswith(ending))

    def conda(self) -> None:
        named = {
            file.project_name
            for file in self._environment.files
            if file.format is FileFormat.CONDA and file.project_name
        }
        prefixes: list[str] = _lines_of(os.path.join(self._surroundings.home, ".conda", "environments.txt"))
        homes = [os.path.join(self._surroundings.home, name) for name in _CONDA_HOMES]
        homes += [
            variables
            for name in ("CONDA_ROOT", "MAMBA_ROOT_PREFIX")
            if (variables := self._surroundings.variables.get(name))
        ]
        homes += [prefix for prefix in self._surroundings.system if prefix.endswith("conda")]
        for home in homes:
            prefixes += [os.path.join(home, "envs", name) for name in _names(os.path.join(home, "envs"))]
        for prefix in prefixes:
            name = os.path.basename(prefix.rstrip("/\\"))
            if os.path.isdir(os.path.join(prefix, "conda-meta")):
                self.add(prefix, "conda", f"conda: {name}", is_of_project=name in named)
        for home in homes:
            if os.path.isdir(os.path.join(home, "conda-meta")):
                self.add(home, "conda", "conda: base")

    def pyenv(self) -> None:
        root = self._surroundings.variables.get("PYENV_ROOT") or os.path.join(self._surroundings.home, ".pyenv")
        file = self._environment.by_path.get(".python-version")
        named = {version.written for version in file.python_versions} if file else set()
        named |= {str(unread.reason.values.get("entry", "")) for unread in file.unread} if file else set()
        for name in _names(os.path.join(root, "versions")):
            # A bare version is an interpreter that many projects share; a name is an environment made for one.
            is_named = name in named and not re.fullmatch(r"\d+(\.\d+)*", name)
            self.add(os.path.join(root, "versions", name), "pyenv", f"pyenv: {name}", is_of_project=is_named)

    def activated(self) -> None:
        variables = self._surroundings.variables
        for variable, kind in (("VIRTUAL_ENV", "venv"), ("CONDA_PREFIX", "conda"), ("UV_PROJECT_ENVIRONMENT", "venv")):
            prefix = variables.get(variable, "")
            is_base = variable == "CONDA_PREFIX" and variables.get("CONDA_DEFAULT_ENV", "base") == "base"
            if prefix and os.path.isabs(prefix) and not is_base:
                real = os.path.realpath(prefix)
                if known := self.found.get(real):
                    self.found[real] = msgspec.structs.replace(known, is_of_project=True)
                else:
                    self.add(prefix, kind, f"activated: {os.path.basename(prefix)}", is_of_project=True)

    def uv(self) -> None:
        folder = self._surroundings.variables.get("UV_PYTHON_INSTALL_DIR") or os.path.join(
            self._surroundings.home, ".local", "share", "uv", "python"
        )
        for name in _names(folder):
            if not os.path.islink(os.path.join(folder, name)):
                self.add(os.path.join(folder, name), "uv", f"uv: {name}")


def _describe(prefix: str, kind: str, label: str, *, is_of_project: bool = False) -> Interpreter | None:
    """What a folder says of itself; None when no Python lives there."""
    configuration = _read_configuration(os.path.join(prefix, "pyvenv.cfg"))
    is_conda = os.path.isdir(os.path.join(prefix, "conda-meta"))
    folders = list(_site_packages(prefix))
    if not configuration and not is_conda and not folders:
        return None
    version = configuration.get("version_info") or configuration.get("version") or ""
    version = ".".join(version.split(".")[:3])
    if not version and is_conda:
        records = (_CONDA_PYTHON.fullmatch(name) for name in _names(os.path.join(prefix, "conda-meta"), most=50_000))
        version = next((found[1] for found in records if found), "")
    if not version:
        named = _VERSION_IN_NAME.search(os.path.basename(prefix)) if kind in {"pyenv", "uv"} else None
        version = named[1] if named else (folders[0][1] if folders else "")
    problem = None
    home = configuration.get("home", "")
    if not folders:
        problem = text("It has no site-packages folder.")
    elif home and not os.path.isdir(home):
        problem = text("The Python it was made with is gone ({home}).", home=home)
    return Interpreter(
        path=prefix,
        label=label,
        kind="conda" if is_conda else (kind or "venv"),
        version=version,
        site_packages=tuple(folder for folder, _ in folders),
        is_of_project=is_of_project,
        problem=problem,
    )


def _site_packages(prefix: str) -> Iterator[tuple[str, str]]:
    """Existing site-packages folders and the Python version in their path, newest Python first."""
    for library in ("lib", "lib64"):
        base = os.path.join(prefix, library)
        if library == "lib64" and os.path.islink(base):
            continue
        versions = [found for name in _names(base) if (found := _PYTHON_FOLDER.fullmatch(name))]
        for found in sorted(versions, key=lambda match: [int(part) for part in match[1].split(".")], reverse=True):
            for packages in ("site-packages", "dist-packages"):
                folder = os.path.join(base, found.string, packages)
                if os.path.isdir(folder):
                    yield folder, found[1]
    windows = os.path.join(prefix, "Lib", "site-packages")
    if os.path.isdir(windows) and not os.path.isdir(os.path.join(prefix, "lib")):
        yield windows, ""


def _names(folder: str, most: int = _MOST_IN_FOLDER) -> list[str]:
    try:
        return sorted(os.listdir(folder))[:most]
    except (OSError, ValueError):
        return []


def _read_small(path: str) -> str:
    """A small plain file; what is a pipe, a device or too large reads as empty."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return os.read(descriptor, _SMALL_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _lines_of(path: str) -> list[str]:
    return [line.strip() for line in _read_small(path).splitlines() if line.strip()][:_MOST_IN_FOLDER]


def _read_configuration(path: str) -> dict[str, str]:
    """`pyvenv.cfg`: `key = value` lines."""
    pairs = (line.partition("=") for line in _read_small(path).splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals}


def _poetry_hash(folder: str) -> str:
    """What poetry puts into the name of a project's environment (source: poetry's `EnvManager.generate_env_name`)."""
    normalised = os.path.normcase(os.path.realpath(folder))
    digest = hashlib.sha256(os.fsencode(normalised)).digest()
    return base64.urlsafe_b64encode(digest).decode()[:8]


def _pipenv_hash(pipfile: str) -> str:
    """What pipenv puts there (source: pipenv's `Project._get_virtualenv_hash`)."""
    digest = hashlib.sha256(os.fsencode(pipfile)).digest()[:6]
    return base64.urlsafe_b64encode(digest).decode()[:8]


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
