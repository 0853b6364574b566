"""Names of images, and the edit that adds a digest to one."""

from __future__ import annotations

import re

from repro_gui.errors import CannotPlan
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import Image
from repro_gui.facts.environment_files import parse_environment_file
from repro_gui.location import LineIndex
from repro_gui.text import text

DOCKER_HUB = "docker.io"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def registry_of(name: str) -> tuple[str, str]:
    """Registry and repository of an image's name without tag: `python` is `library/python` of Docker Hub.

    Source: the Docker documentation of image references: the first part is a host when it has a dot, a port, or is `localhost`.
    """
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        is_hub = first in {DOCKER_HUB, "index.docker.io", "registry-1.docker.io"}
        return (DOCKER_HUB, rest if "/" in rest else f"library/{rest}") if is_hub else (first, rest)
    return DOCKER_HUB, name if slash else f"library/{name}"


def pin_image(content: bytes, image: Image, digest: str) -> bytes:
    """The file with `@sha256:…` behind the image at its place, the tag kept for people; raises `CannotPlan`."""
    path = image.location.path
    decoded = decode_text(content)
    moved = CannotPlan(
        text("`{image}` does not stand in {path} where it was.", image=image.written, path=path),
        text("Audit the project again."),
    )
    if decoded is None or not image.location.end_line or not _DIGEST.fullmatch(digest):
        raise moved
    if "$" in image.written:
        raise CannotPlan(
            text("`{image}` is put together from build arguments.", image=image.written),
            text("Write the digest {digest} behind it by hand.", digest=digest),
        )
    place = image.location
    index = LineIndex(decoded.content)
    start, end = index.offset(place.line, place.column), index.offset(place.end_line, place.end_column)
    written = decoded.content[start:end]
    at = written.find(image.written)
    if at < 0:
        raise moved
    plain = image.written.partition("@")[0]
    spliced = written[:at] + f"{plain}@{digest}" + written[at + len(image.written) :]
    after = decoded.encode(decoded.content[:start] + spliced + decoded.content[end:])
    pinned = parse_environment_file(path, after).images
    before = parse_environment_file(path, content).images
    others = [(old, new) for old, new in zip(before, pinned, strict=False) if old.written != new.written]
    if len(before) != len(pinned) or len(others) != 1 or others[0][1].digest != digest:
        raise moved
    return after
