"""Freezes what a project needs to exact versions: from its environment, never from ours.

Only what the project imports or declares gets in, and what that needs in turn. Folders of one machine, addresses of private
indexes and credentials stay out; whatever is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, default_environment
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as ParsedRequirement
from packaging.utils import canonicalize_name

from repro_gui.facts.addresses import has_credentials, host_of, is_full_commit
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import Distribution, InstalledEnvironment
from repro_gui.facts.known_packages import ImportNames
from repro_gui.text import Text, text

# Where strangers can clone from too; an address elsewhere may be somebody's own.
_PUBLIC_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "huggingface.co"})
_TORCH_BUILD = re.compile(r"(?:cu\d{2,3}|cpu|rocm[\d.]+|xpu)")
_TORCH_PACKAGES = frozenset(
    {"torch", "torchvision", "torchaudio", "torchtext", "torchdata", "triton", "pytorch-triton", "xformers"}
)
_PYG_BUILD = re.compile(r"pt(\d)(\d+)(cu\d+|cpu)")
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv"})

RESOLVED_COMMENT = (
    "Versions resolved as of {date}, not observed: Repro GUI worked them out, nobody has run with them yet."
)


class Frozen(msgspec.Struct, frozen=True):
    """Lines of a frozen list, and what was left out or wants to be known."""

    direct: tuple[str, ...] = ()
    closure: tuple[str, ...] = ()
    indexes: tuple[tuple[str, str], ...] = ()
    notes: tuple[Text, ...] = ()


def installed_closure(roots: Iterable[str], installed: InstalledEnvironment) -> dict[str, Distribution]:
    """Installed distributions that the roots (`name` or `name[extra]`) need, themselves included, markers judged for that Python."""
    variables = {str(key): str(value) for key, value in default_environment().items()}
    if installed.python:
        variables["python_version"] = ".".join(installed.python.split(".")[:2])
        variables["python_full_version"] = installed.python
    found: dict[str, Distribution] = {}
    pending = [_name_and_extras(root) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        name, extras = pending.pop()
        distribution = installed.by_name.get(name)
        if distribution is None or (name, extras) in seen:
            continue
        seen.add((name, extras))
        found[name] = distribution
        for line in distribution.requires:
            try:
                required = ParsedRequirement(line)
            except InvalidRequirement:
                continue
            if _applies(required, variables, extras):
                pending.append((canonicalize_name(required.name), frozenset(required.extras)))
    return found


def _name_and_extras(root: str) -> tuple[str, frozenset[str]]:
    name, _, extras = root.partition("[")
    return canonicalize_name(name), frozenset(part.strip() for part in extras.rstrip("]").split(",") if part.strip())


def _applies(required: ParsedRequirement, variables: dict[str, str], extras: frozenset[str]) -> bool:
    if required.marker is None:
        return True
    try:
        return any(required.marker.evaluate({**variables, "extra": extra}) for extra in extras or {""})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True


def needed_distributions(
    environment: Environment, installed: InstalledEnvironment, imports: Iterable[str], names: ImportNames
) -> tuple[str, ...]:
    """Installed distributions (with declared extras) that the project imports or declares for running."""
    roots: dict[str, None] = {}
    for requirement in environment.requirements:
        name = names.distribution_of_conda(requirement.name) if requirement.is_conda else requirement.name
        if name in installed.by_name and not requirement.is_development:
            roots[name + (f"[{','.join(requirement.extras)}]" if requirement.extras else "")] = None
    for imported in imports:
        provider = next((name for name in names.distributions(imported, installed) if name in installed.by_name), "")
        if provider and not any(_name_and_extras(root)[0] == provider for root in roots):
            roots[provider] = None
    return tuple(roots)


def freeze(roots: Iterable[str], installed: InstalledEnvironment) -> Frozen:
    """The roots and their closure as exact lines, sorted by name."""
    names = {_name_and_extras(root)[0]: root for root in roots}
    closure = installed_closure(names.values(), installed)
    direct: list[str] = []
    further: list[str] = []
    indexes: dict[str, str] = {}
    notes: list[Text] = []
    for name in sorted(closure):
        distribution = closure[name]
        if name in _INSTALLERS and name not in names:
            continue
        _, bracket, extras = names.get(name, "").partition("[")
        line = frozen_line(distribution, bracket + extras)
        if isinstance(line, Text):
            notes.append(line)
            continue
        (direct if name in names else further).append(line)
        address = public_index_of(distribution.name, distribution.version)
        if address:
            indexes.setdefault(address, f"{distribution.name} {distribution.version}")
        elif "+" in distribution.version and distribution.source in {"index", "conda"}:
            notes.append(
                text(
                    "{name} {version} is a build that no public index known here serves: add the address it came from.",
                    name=name,
                    version=distribution.version,
                )
            )
    if any(distribution.source == "conda" for distribution in closure.values()):
        notes.append(text("Some packages were installed by conda: pip may not have the same builds of them."))
    return Frozen(tuple(direct), tuple(further), tuple(indexes.items()), tuple(notes))


def frozen_line(distribution: Distribution, extras: str = "") -> str | Text:
    """An installed distribution as a line that installs the same elsewhere, or why there is none."""
    name = f"{distribution.name}{extras}"
    if not distribution.is_valid or not distribution.version:
        return text("{name} was left out: its metadata names no valid version.", name=distribution.name)
    if distribution.source == "local" or distribution.is_editable:
        return text("{name} was left out: it is installed from a folder of this machine.", name=distribution.name)
    if distribution.source in {"git", "archive"}:
        is_public = host_of(distribution.url) in _PUBLIC_HOSTS and not has_credentials(distribution.url)
        if distribution.source == "git" and is_public and is_full_commit(distribution.commit):
            return f"{name} @ git+{distribution.url}@{distribution.commit}"
        if distribution.source == "archive" and is_public:
            return f"{name} @ {distribution.url}"
        return text("{name} was left out: it comes from an address that may be private.", name=distribution.name)
    return f"{name}=={distribution.version}"


def public_index_of(name: str, version: str) -> str:
    """The public index of a local version such as `torch 2.3.1+cu121`, as an option line; empty where none is known."""
    _, plus, local = version.partition("+")
    if not plus:
        return ""
    if canonicalize_name(name) in _TORCH_PACKAGES and _TORCH_BUILD.fullmatch(local):
        return f"--extra-index-url https://download.pytorch.org/whl/{local}"
    built = _PYG_BUILD.fullmatch(local)
    if built:
        return f"--find-links https://data.pyg.org/whl/torch-{built[1]}.{built[2]}.0+{built[3]}.html"
    return ""


def requirements_text(frozen: Frozen, python: str, label: str) -> bytes:
    """A new requirements file of a frozen list; `label` names the environment it was read from."""
    lines = [f"# Python {python}" if python else "# Python version unknown"]
    for option, why in frozen.indexes:
        lines += ["", f"# Only this public index has {why}.", option]
    lines += ["", f"# What the project imports or declares, as installed in {label}.", *frozen.direct]
    if frozen.closure:
        lines += ["", "# What these need in turn.", *frozen.closure]
    return ("\n".join(lines) + "\n").encode()
