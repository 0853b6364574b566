"""Other files that name images or Python versions: compose, devcontainer and CI files."""

from __future__ import annotations

import re

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Image, PythonVersion, Unread
from repro_gui.facts.dockerfile import python_of_image, split_image, substitute
from repro_gui.facts.python_versions import named_version
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.location import LineIndex, Location
from repro_gui.text import Text, text

_DEVCONTAINER_IMAGE = re.compile(r'^(?![ \t]*//)[^\n"]*"image"\s*:\s*"([^"\n]+)"', re.MULTILINE)
_PYTHON_KEYS = frozenset({"python-version", "python_version"})


def parse_compose(path: str, content: bytes) -> EnvironmentFile:
    """Images of the services that are not built here."""
    root = _read(path, content, FileFormat.COMPOSE)
    if isinstance(root, EnvironmentFile):
        return root
    images: list[Image] = []
    services = root.get("services")
    for _, service in (services.pairs or ()) if services else ():
        image = service.get("image")
        if image is None or not image.text or service.get("build") is not None:
            continue
        named, unknown = substitute(image.text, {})
        repository, tag, digest = split_image(named)
        images.append(
            Image(
                image.text, repository, _location(path, image), tag, digest, origin="compose", unknown_arguments=unknown
            )
        )
    return EnvironmentFile(path, FileFormat.COMPOSE, images=tuple(images))


def parse_devcontainer(path: str, content: bytes) -> EnvironmentFile:
    """The image of a `devcontainer.json` (JSON with comments)."""
    decoded = decode_text(content)
    if decoded is None:
        return EnvironmentFile(
            path, FileFormat.DEVCONTAINER, unread=(Unread(text("{path} is not text", path=path), Location(path)),)
        )
    index = LineIndex(decoded.content)
    images: list[Image] = []
    for found in _DEVCONTAINER_IMAGE.finditer(decoded.content):
        repository, tag, digest = split_image(found[1])
        location = Location(path, *index.position(found.start(1)), *index.position(found.end(1)))
        images.append(Image(found[1], repository, location, tag, digest, origin="devcontainer"))
    return EnvironmentFile(path, FileFormat.DEVCONTAINER, images=tuple(images))


def parse_ci(path: str, content: bytes) -> EnvironmentFile:
    """Python versions that a GitHub workflow or a GitLab pipeline sets up; in a list they are versions that it tests."""
    root = _read(path, content, FileFormat.CI)
    if isinstance(root, EnvironmentFile):
        return root
    versions: list[PythonVersion] = []
    for node in root.walk():
        for key, value in node.pairs or ():
            if key.text in _PYTHON_KEYS:
                listed = value.sequence()
                for scalar in listed or [value]:
                    version = named_version(scalar.text or "")
                    if version:
                        versions.append(
                            PythonVersion(
                                scalar.text or "", version, "ci", _location(path, scalar), is_tested=bool(listed)
                            )
                        )
            elif key.text == "image" and value.text:
                repository, tag, _ = split_image(value.text)
                version = python_of_image(repository, tag)
                if version:
                    versions.append(PythonVersion(value.text, version, "ci", _location(path, value)))
    return EnvironmentFile(path, FileFormat.CI, python_versions=tuple(versions))


def _read(path: str, content: bytes, kind: FileFormat) -> YamlNode | EnvironmentFile:
    decoded = decode_text(content)
    root = read_yaml(decoded.content) if decoded else text("it is not text")
    if isinstance(root, YamlNode):
        return root
    if root is None:
        return EnvironmentFile(path, kind)
    assert isinstance(root, Text)
    reason = text("{path} could not be read: {reason}", path=path, reason=str(root))
    return EnvironmentFile(path, kind, unread=(Unread(reason, Location(path)),))


def _location(path: str, node: YamlNode) -> Location:
    # A plain or quoted scalar on one line; block scalars do not name images.
    return Location(path, node.line, node.column, node.line, node.column + node.end - node.start)
