"""What files of a project say about its environment: requirements, locks, images, Python versions; types only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from repro_gui.location import Location
from repro_gui.text import Text


class FileFormat(StrEnum):
    """The formats of environment files; the ones from `PIXI` on are recognised but not read yet."""

    REQUIREMENTS = "requirements"
    PYPROJECT = "pyproject"
    CONDA = "conda"
    SETUP_CFG = "setup.cfg"
    SETUP_PY = "setup.py"
    UV_LOCK = "uv.lock"
    POETRY_LOCK = "poetry.lock"
    PDM_LOCK = "pdm.lock"
    PYLOCK = "pylock.toml"
    PIPFILE = "Pipfile"
    PIPFILE_LOCK = "Pipfile.lock"
    CONDA_LOCK = "conda-lock"
    DOCKERFILE = "Dockerfile"
    COMPOSE = "compose"
    DEVCONTAINER = "devcontainer"
    PYTHON_VERSION = "python-version"
    MLFLOW_PYTHON = "python_env.yaml"
    CI = "ci"
    CONDA_EXPLICIT = "conda-explicit"
    PIXI = "pixi"
    APPTAINER = "apptainer"
    NIX = "nix"


class Pin(StrEnum):
    """How much an entry leaves open.

    `EXACT` admits one version (`==2.3.1`, `===`, conda `==` or a three-part `=` with build), `COMMIT` one commit of a repository,
    `ARCHIVE` one file by address. `FUZZY` is a conda `=1.2` or a `==1.2.*`: patch releases move. `MOVING` is a repository without a
    full commit. `LOCAL` is a folder or file of the project itself.
    """

    EXACT = "exact"
    COMMIT = "commit"
    ARCHIVE = "archive"
    FUZZY = "fuzzy"
    RANGE = "range"
    ANY = "any"
    MOVING = "moving"
    LOCAL = "local"


class Requirement(msgspec.Struct, frozen=True):
    """One entry of a list of dependencies.

    `name` is normalised (PEP 503), empty where the entry does not say it (`-e .`). `written` is the entry as it stands,
    without credentials. `version` is the version of an exact pin; `specifier` is in the file's own dialect (`>=1.2`,
    `^1.2`, `=1.2`). `group` is the optional or development group, `""` for what the program always needs. `revision`
    is what a repository address names (branch, tag, commit), for conda the build. `is_conda` entries name packages of
    conda channels. `location` spans the entry's text; in TOML and YAML that of its value.
    """

    name: str
    written: str
    location: Location
    pin: Pin
    specifier: str = ""
    version: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    hashes: int = 0
    url: str = ""
    revision: str = ""
    group: str = ""
    is_editable: bool = False
    is_conda: bool = False

    @property
    def is_development(self) -> bool:
        """True for groups that the program runs without: tests, documentation, linters."""
        return self.group.lower() in _DEVELOPMENT_GROUPS


_DEVELOPMENT_GROUPS = frozenset(
    {
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "doc",
        "docs",
        "documentation",
        "lint",
        "linting",
        "style",
    }
    | {
        "format",
        "formatting",
        "typing",
        "types",
        "mypy",
        "ci",
        "quality",
        "release",
        "build",
        "pre-commit",
        "nox",
        "tox",
        "qa",
        "check",
    }
)


class Include(msgspec.Struct, frozen=True):
    """`-r` or `-c` of a requirements file: the path relative to the project, `""` where it leads outside it."""

    path: str
    written: str
    location: Location
    is_constraint: bool = False


class IndexOption(msgspec.Struct, frozen=True):
    """A package index that a file names. `host` is the only part of the address that may be shown.

    `is_public` is true for the Python Package Index and torch's public wheel index; everything else may be somebody's own.
    """

    host: str
    location: Location
    is_public: bool
    has_credentials: bool = False
    is_extra: bool = False
    public_url: str = ""


class Unread(msgspec.Struct, frozen=True):
    """A part of a file that could not be read, and why. `is_fault` is false where the format is merely not read yet."""

    reason: Text
    location: Location
    is_fault: bool = True


class LockedPackage(msgspec.Struct, frozen=True):
    """A package as a lock fixes it; `source` is `index`, `git`, `url` or `local`, `hashes` how many files have one.

    `requires` are the packages it needs whatever the platform and Python; `is_conditional` when the lock itself limits
    it to some, by `marker` where it writes one for all groups. `python` is its `requires-python`, `tags` those of its wheels
    (`cp311-cp311`, `py3-none`).
    """

    name: str
    version: str
    line: int
    hashes: int = 0
    source: str = "index"
    commit: str = ""
    requires: tuple[str, ...] = ()
    is_conditional: bool = False
    marker: str = ""
    python: str = ""
    tags: tuple[str, ...] = ()
    has_source: bool = False


class PythonVersion(msgspec.Struct, frozen=True):
    """A Python version that a file names, in the words of that file.

    `version` is its numbers (`3.11.4`, `3.11`), empty for a range. `is_range` marks `requires-python` and the like;
    `is_tested` one of several that CI runs. `kind` says where such a line stands (`.python-version`, `image`, `conda`, `ci` …).
    """

    written: str
    version: str
    kind: str
    location: Location
    is_range: bool = False
    is_tested: bool = False

    @property
    def is_exact(self) -> bool:
        """True when the patch release is named (`3.11.4`)."""
        return self.version.count(".") >= 2


class Image(msgspec.Struct, frozen=True):
    """A base image: as written, with build arguments substituted, and its parts.

    `stage` is set when the name is that of an earlier stage, then nothing is fetched. `unknown_arguments` are build
    arguments without a default: what they will be cannot be told.
    """

    written: str
    name: str
    location: Location
    tag: str = ""
    digest: str = ""
    stage: str = ""
    origin: str = "FROM"
    platform: str = ""
    unknown_arguments: tuple[str, ...] = ()


class ContainerInstall(msgspec.Struct, frozen=True):
    """One install command of an image: which program installs, what, and from which files of the project.

    `revision` is the branch or tag that `git clone --branch` names. Two programs install nothing, and say something of what
    was fetched before them in the same image: `git checkout` (whose `revision` is what it names) and `checksum`.
    """

    program: str
    location: Location
    requirements: tuple[Requirement, ...] = ()
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    uses_lock: bool = False
    is_hashed: bool = False
    revision: str = ""


class Variable(msgspec.Struct, frozen=True):
    """An environment variable that a file sets."""

    name: str
    value: str
    location: Location


class EnvironmentFile(msgspec.Struct, frozen=True):
    """Everything that one file says about the environment; fields that its format has not are empty.

    `is_list` is true when the file declares dependencies (even none), `is_lock` when it fixes the whole closure.
    `compiled_from` are the files that a compiled requirements file names as its sources. `recorded` are the entries
    of the list (`name specifier`) that a lock wrote down when it was made. `digests` are those that tools take of a list,
    or the one that a lock was made from. `locked_groups` are the groups that a lock holds, None for every one.
    `resolved_as_of` is the day for which Repro GUI worked out the versions in it: nobody has run with them. `variables` are those of the
    image that a Dockerfile ends with.
    """

    path: str
    format: FileFormat
    is_list: bool = False
    is_lock: bool = False
    requirements: tuple[Requirement, ...] = ()
    includes: tuple[Include, ...] = ()
    indexes: tuple[IndexOption, ...] = ()
    locked: tuple[LockedPackage, ...] = ()
    python_versions: tuple[PythonVersion, ...] = ()
    images: tuple[Image, ...] = ()
    installs: tuple[ContainerInstall, ...] = ()
    compiled_from: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    locked_groups: frozenset[str] | None = None
    project_name: str = ""
    resolved_as_of: str = ""
    prefix: Location | None = None
    unread: tuple[Unread, ...] = ()
    variables: tuple[Variable, ...] = ()
