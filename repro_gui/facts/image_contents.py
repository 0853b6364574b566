"""Packages that an image has without an install command that names them: what its base brings, and what was cloned before.

Sources: the images' own pages on Docker Hub and NVIDIA's catalogue. Only what the image is named for counts: what came along
with that is somebody else's dependency.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from repro_gui.facts.dependencies import EnvironmentFile, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.location import Location

_BROUGHT = {
    "pytorch/pytorch": ("torch", "torchvision", "torchaudio"),
    "nvcr.io/nvidia/pytorch": ("torch", "torchvision"),
    "tensorflow/tensorflow": ("tensorflow",),
    "nvcr.io/nvidia/tensorflow": ("tensorflow",),
    "huggingface/transformers-pytorch-gpu": ("transformers", "torch", "torchvision", "torchaudio"),
}


def packages_of_images(environment: Environment) -> Iterator[Requirement]:
    """Each with the place of the image's name, or of the clone."""
    for image in environment.images:
        name = image.name.removeprefix("docker.io/")
        for package in _BROUGHT.get(name, ()) if not image.stage else ():
            yield Requirement(package, image.written, image.location, Pin.LOCAL)
    for file in environment.files:
        yield from _cloned(file)


def _cloned(file: EnvironmentFile) -> Iterator[Requirement]:
    """`git clone …/apex` and then `pip install ./apex`: as sure of its name as the repository's is."""
    clones: dict[str, Location] = {}
    for install in file.installs:
        if install.program == "git":
            for address in install.packages:
                clones[posixpath.basename(address.rstrip("/")).removesuffix(".git")] = install.location
        for entry in install.requirements:
            folder = posixpath.basename(posixpath.normpath(entry.url)) if entry.pin is Pin.LOCAL else ""
            if folder in clones:
                yield Requirement(folder.lower(), entry.written, clones[folder], Pin.LOCAL)
