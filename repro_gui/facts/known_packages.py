"""What is known of packages: who provides an import, what conda calls a distribution, what a container needs beside them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from repro_gui.facts.installed import InstalledEnvironment
    from repro_gui.facts.unavailable import Unavailable


class ImportNames(msgspec.Struct, frozen=True, dict=True):
    """`imports`: distributions by top-level import name, the likeliest first; `conda`: distribution by conda package."""

    imports: dict[str, tuple[str, ...]] = {}
    conda: dict[str, str] = {}

    def distributions(self, import_name: str, installed: InstalledEnvironment | Unavailable) -> tuple[str, ...]:
        """Names of the distributions that may provide an import, the likeliest first.

        The project's own environment knows best; then the table; then the import's own name.
        """
        by_import = getattr(installed, "by_import", {})
        found = [distribution.name for distribution in by_import.get(import_name, ())]
        found += self.imports.get(import_name, ())
        found.append(canonicalize_name(import_name))
        return tuple(dict.fromkeys(found))

    def distribution_of_conda(self, package: str) -> str:
        """The distribution that a conda package holds."""
        return self.conda.get(package, package)

    @cached_property
    def conda_of_distribution(self) -> dict[str, str]:
        """The conda package of a distribution, where it is called otherwise."""
        return {distribution: package for package, distribution in reversed(self.conda.items())}


class SystemNeed(msgspec.Struct, frozen=True):
    """System packages that an import needs, unless one of the named distributions provides it."""

    name: str = msgspec.field(name="import")
    packages: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    why: str = ""


class PythonRelease(msgspec.Struct, frozen=True):
    """The patch release to take for a minor one, and the variant of its official image."""

    minor: str
    patch: str
    image: str


class CudaImage(msgspec.Struct, frozen=True):
    """The base image for a CUDA build of torch (`cu121`)."""

    build: str
    image: str


class SystemPackages(msgspec.Struct, frozen=True):
    """What a container needs beside Python's own packages."""

    needs: tuple[SystemNeed, ...] = ()
    python: tuple[PythonRelease, ...] = ()
    cuda: tuple[CudaImage, ...] = ()

    def release(self, minor: str) -> PythonRelease | None:
        """The release to take for `3.11`, None for one that is not known."""
        return next((release for release in self.python if release.minor == minor), None)

    def cuda_image(self, build: str) -> str:
        """The base image for `cu121`, empty for one that is not known."""
        return next((image.image for image in self.cuda if image.build == build), "")
