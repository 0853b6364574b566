"""Writes a Dockerfile and a `.dockerignore` from what is known of a project.

Names from the project get in only as JSON strings (exec forms), and only when they hold nothing that Docker would
expand.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin
from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import public_index_of
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.known_packages import SystemPackages
from repro_gui.facts.python_choice import PythonChoice
from repro_gui.text import Text, text

_SAFE_NAME = re.compile(r"[A-Za-z0-9_.+@=,:() /-]+")
_PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
_GPU_LIBRARIES = frozenset({"torch", "tensorflow", "jax", "cupy", "keras", "flax", "mxnet", "paddle"})
# A fixed number matters, not which: sums over threads depend on how many there are.
_THREADS = "4"
_UV_IMAGE = "ghcr.io/astral-sh/uv:0.5.11"


class ContainerPlan(msgspec.Struct, frozen=True):
    """The text of a Dockerfile, and what the person should know of it."""

    dockerfile: bytes
    notes: tuple[Text, ...]


class _Install(msgspec.Struct, frozen=True):
    """Files that installing needs, the commands, and whether uv must be in the image."""

    files: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    uses_uv: bool = False
    needs_git: bool = False


def write_dockerfile(
    name: str,
    environment: Environment,
    imports: Iterable[str],
    entry: tuple[str, ...],
    python: PythonChoice,
    known: SystemPackages,
    templates: Mapping[str, str],
) -> ContainerPlan:
    """Put a Dockerfile together; `entry` is the entry point's path and its arguments, empty for none.

    Raises `CannotPlan` when nothing says what to install, or a name cannot be written safely.
    """
    imported = sorted(set(imports))
    notes: list[Text] = [python.why]
    build, version = pinned_cuda_build(environment)
    image = known.cuda_image(build) if build else ""
    if build and not image:
        notes.append(text("No base image is known for {build}: a plain Python image was taken.", build=build))
    install = _install_from(
        environment, python, public_index_of("torch", version) if build else "", in_venv=bool(image)
    )
    packages, reasons = system_packages(imported, environment, known)
    if install.needs_git:
        packages = sorted({*packages, "ca-certificates", "git"})
        reasons = (*reasons, "Requirements are fetched with git")
    release = known.release(".".join(python.version.split(".")[:2]))
    is_gpu = bool(_GPU_LIBRARIES & {*imported, *environment.declared})
    values = {
        "TAG": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "project",
        "PYTHON": python.version,
        "VARIANT": release.image if release else "slim-bookworm",
        "CUDA_IMAGE": image,
        "THREADS": _THREADS,
        "GPU_ENVIRONMENT": _gpu_environment(imported) if is_gpu else "",
        "SYSTEM_PACKAGES": _apt(packages, reasons),
        "COPY_REQUIREMENTS": _copies(install, with_uv=install.uses_uv and not image),
        "INSTALL": _runs(install.commands),
        "ENTRY": _entry(entry, notes),
    }
    template = templates["Dockerfile.cuda" if image else "Dockerfile"]
    filled = _PLACEHOLDER.sub(lambda found: values[found[1]], template)
    filled = re.sub(r"\n{3,}", "\n\n", filled).rstrip("\n") + "\n"
    if image:
        notes.append(text("The image holds CUDA's libraries, not the driver: that stays the host's own."))
    return ContainerPlan(filled.encode(), tuple(notes))


def pinned_cuda_build(environment: Environment) -> tuple[str, str]:
    """The CUDA build (`cu121`) and version of a torch that is declared or locked as one; empty strings otherwise."""
    versions = [requirement.version for requirement in environment.declared.get("torch", ())]
    versions += [package.version for _, package in environment.locked.get("torch", ())]
    for version in versions:
        local = version.partition("+")[2]
        if re.fullmatch(r"cu\d+", local):
            return local, version
    return "", ""


def system_packages(
    imports: Iterable[str], environment: Environment, known: SystemPackages
) -> tuple[list[str], tuple[str, ...]]:
    """System packages that the imports need, sorted, and the reason of each need."""
    wanted = set(imports)
    found: set[str] = set()
    reasons: list[str] = []
    installed = environment.installed
    present = set(environment.declared) | set(environment.locked)
    if isinstance(installed, InstalledEnvironment) and not present:
        present = set(installed.by_name)
    for need in known.needs:
        if need.name in wanted and not present & set(need.unless):
            found.update(need.packages)
            reasons.append(need.why)
    return sorted(found), tuple(reasons)


def _install_from(environment: Environment, python: PythonChoice, index: str, *, in_venv: bool) -> _Install:
    """The best description of what to install: a lock, else the list nearest the top."""
    options = tuple(index.split()) if index else ()
    tops = sorted(environment.files, key=lambda file: (file.path.count("/"), file.path))
    lists = [file for file in tops if file.is_list and file.path not in environment.constraint_files]
    hashed = [file for file in tops if file.format is FileFormat.REQUIREMENTS and file.is_lock]
    plain = [file for file in lists if file.format is FileFormat.REQUIREMENTS and file.path.endswith(".txt")]
    plain.sort(key=lambda file: (any(entry.group for entry in file.requirements), file.path.count("/"), file.path))
    by_format: dict[FileFormat, EnvironmentFile] = {}
    for file in tops:
        by_format.setdefault(file.format, file)
    if hashed and not _is_for_development(hashed[0]):
        return _from_requirements(environment, hashed[0], options)
    if (lock := by_format.get(FileFormat.UV_LOCK)) is not None:
        command = ("uv", "sync", "--frozen", "--no-dev", "--no-install-project")
        return _Install(_beside(lock, "pyproject.toml"), (command,), uses_uv=True, needs_git=_has_git(environment))
    if (lock := by_format.get(FileFormat.POETRY_LOCK)) is not None:
        minor = int(python.version.split(".")[1]) if python.version.startswith("3.") else 0
        poetry = "poetry==2.1.1" if minor >= 9 else "poetry==1.5.1"
        commands = (
            ("python", "-m", "pip", "install", "--no-cache-dir", poetry),
            ("poetry", "config", "virtualenvs.create", "false"),
            ("poetry", "install", "--no-root", "--only", "main", "--no-interaction"),
        )
        return _Install(_beside(lock, "pyproject.toml"), commands, needs_git=_has_git(environment))
    if plain and not _is_for_development(plain[0]):
        return _from_requirements(environment, plain[0], options)
    for kind in (FileFormat.PYPROJECT, FileFormat.SETUP_CFG, FileFormat.SETUP_PY):
        listing = by_format.get(kind)
        if listing is not None and listing.is_list:
            reading = (
                "uv",
                "pip",
                "install",
                *(() if in_venv else ("--system",)),
                "--no-cache",
                *options,
                "-r",
                listing.path,
            )
            return _Install((listing.path,), (reading,), uses_uv=True, needs_git=_has_git(environment))
    raise CannotPlan(
        text("Nothing says which packages the image should install."),
        text("Freeze the requirements first, then come back."),
    )


def _is_for_development(file: EnvironmentFile) -> bool:
    return bool(file.requirements) and all(entry.is_development for entry in file.requirements)


def _has_git(environment: Environment) -> bool:
    return any(entry.pin in {Pin.MOVING, Pin.COMMIT} for entry in environment.requirements) or any(
        package.source == "git" for file in environment.locks for package in file.locked
    )


def _beside(lock: EnvironmentFile, name: str) -> tuple[str, ...]:
    return (posixpath.join(posixpath.dirname(lock.path), name), lock.path)


def _from_requirements(environment: Environment, file: EnvironmentFile, options: tuple[str, ...]) -> _Install:
    """The file with everything it includes; hashes are demanded where every entry has one."""
    files = [file]
    for known in files:
        for include in known.includes:
            target = environment.by_path.get(include.path)
            if target is not None and target not in files:
                files.append(target)
    entries = [entry for known in files for entry in known.requirements]
    is_hashed = bool(entries) and all(entry.hashes for entry in entries)
    has_index = any(
        option.public_url and option.public_url in " ".join(options) for known in files for option in known.indexes
    )
    if any(entry.pin is Pin.LOCAL for entry in entries):
        raise CannotPlan(
            text("{path} installs from folders, which are not in the image yet when it is read.", path=file.path),
            text("Take the entries that are paths out of {path} first.", path=file.path),
        )
    flags = (*(("--require-hashes",) if is_hashed else ()), *(() if has_index else options))
    command = ("python", "-m", "pip", "install", "--no-cache-dir", *flags, "-r", file.path)
    needs_git = any(entry.pin in {Pin.MOVING, Pin.COMMIT} for entry in entries)
    return _Install(tuple(known.path for known in files), (command,), needs_git=needs_git)


def _copies(install: _Install, *, with_uv: bool) -> str:
    lines = []
    if with_uv:
        lines += [
            f"COPY --from={_UV_IMAGE} /uv /usr/local/bin/uv",
            "ENV UV_PROJECT_ENVIRONMENT=/opt/environment \\",
            "    UV_PYTHON_DOWNLOADS=never \\",
            "    PATH=/opt/environment/bin:$PATH",
        ]
    by_folder: dict[str, list[str]] = {}
    for path in install.files:
        by_folder.setdefault(posixpath.dirname(path), []).append(path)
    lines += [_exec_form("COPY", (*paths, f"./{folder}/" if folder else "./")) for folder, paths in by_folder.items()]
    return "\n".join(lines)


def _exec_form(instruction: str, words: Iterable[str]) -> str:
    checked = list(words)
    for word in checked:
        if not _SAFE_NAME.fullmatch(word):
            raise CannotPlan(
                text("`{name}` cannot be written into a Dockerfile safely.", name=word),
                text("Rename the file, then try again."),
            )
    return f"{instruction} {_json(checked)}"


def _runs(commands: tuple[tuple[str, ...], ...]) -> str:
    """One command in exec form; several, whose words are all our own, in one layer."""
    if len(commands) == 1:
        return _exec_form("RUN", commands[0])
    return "RUN " + " \\\n    && ".join(shlex.join(command) for command in commands)


def _json(words: list[str]) -> str:
    return "[" + ", ".join(msgspec.json.encode(word).decode() for word in words) + "]"


def _apt(packages: list[str], reasons: tuple[str, ...]) -> str:
    if not packages:
        return ""
    lines = ["", *(f"# {reason}." for reason in reasons)]
    lines += [
        "# Versions are not pinned: Debian and Ubuntu keep only the newest of each, and a pin would break the build.",
        "# hadolint ignore=DL3008",
        "RUN apt-get update \\",
        "    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \\",
        *(f"        {package} \\" for package in packages),
        "    && rm -rf /var/lib/apt/lists/*",
        "",
    ]
    return "\n".join(lines)


def _gpu_environment(imports: list[str]) -> str:
    lines = ["NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"]
    if "torch" in imports:
        lines.append("CUBLAS_WORKSPACE_CONFIG=:4096:8")
    return "".join(f" \\\n    {line}" for line in lines)


def _entry(entry: tuple[str, ...], notes: list[Text]) -> str:
    if not entry or not entry[0].endswith(".py"):
        notes.append(text("No script was found to start with: name it in the last line of the Dockerfile."))
        return '# Name the script that makes the results, for example: ENTRYPOINT ["python", "train.py"]'
    lines = [f"ENTRYPOINT {_json(['python', entry[0]])}"]
    if entry[1:]:
        lines.append(f"CMD {_json(list(entry[1:]))}")
    return "\n".join(lines)
