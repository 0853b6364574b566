"""Dockerfiles: stages, base images with build arguments substituted, and what their commands install.

Source of the grammar: Docker's documentation, "Dockerfile reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import (
    ContainerInstall,
    EnvironmentFile,
    FileFormat,
    Image,
    IndexOption,
    PythonVersion,
    Unread,
    Variable,
)
from repro_gui.facts.install_commands import read_install_commands
from repro_gui.location import Location
from repro_gui.text import text

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)")
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_VARIABLE = re.compile(
    r"\\\$|\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?:(?P<operator>:?[-+?])(?P<word>[^}]*))?\})"
)
_FLAG = re.compile(r"--[a-z-]+(?:=\S+)?\s+")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:[^\s\\]|\\.)*)")
_PYTHON_TAG = re.compile(r"(\d+\.\d+(?:\.\d+)?(?:(?:a|b|rc)\d+)?)(?=$|-)")
_MOST_INSTRUCTIONS = 5_000
_LONGEST_VALUE = 20_000
_LONGEST_COMMAND = 100_000


class Instruction(msgspec.Struct, frozen=True):
    """One instruction: keyword in upper case, arguments with continuations joined, first and last line from 1."""

    keyword: str
    arguments: str
    line: int
    last_line: int
    column: int = 1


def read_instructions(content: str) -> Iterator[Instruction]:
    """The instructions of a Dockerfile; comment lines inside them are left out, here documents belong to theirs."""
    lines = _Lines(content.splitlines())
    lines.read_directives()
    for _ in range(_MOST_INSTRUCTIONS):
        lines.skip_empty()
        if lines.at >= len(lines.all):
            return
        first = lines.at
        joined = lines.join_instruction()
        keyword = _keyword(joined)
        for marker in _HEREDOC.findall(joined) if keyword in {"RUN", "COPY", "ADD"} else ():
            body = lines.take_until(marker)
            if keyword == "RUN":
                joined += "\n" + "\n".join(body)
        found = _INSTRUCTION.fullmatch(joined)
        if found:
            column = len(lines.all[first]) - len(lines.all[first].lstrip()) + 1
            yield Instruction(found[1].upper(), (found[2] or "").strip(), first + 1, lines.at, column)


class _Lines:
    """The lines of a Dockerfile and how far they are read."""

    def __init__(self, lines: list[str]) -> None:
        self.all = lines
        self.at = 0
        self.escape = "\\"

    def read_directives(self) -> None:
        while self.at < len(self.all) and (directive := _DIRECTIVE.fullmatch(self.all[self.at].strip())):
            if directive[1].lower() == "escape" and directive[2] in {"\\", "`"}:
                self.escape = directive[2]
            self.at += 1

    def skip_empty(self) -> None:
        while self.at < len(self.all) and (not self.all[self.at].strip() or self.all[self.at].lstrip().startswith("#")):
            self.at += 1

    def join_instruction(self) -> str:
        parts: list[str] = []
        while self.at < len(self.all):
            line = self.all[self.at]
            self.at += 1
            if line.lstrip().startswith("#") or (parts and not line.strip()):
                continue
            stripped = line.rstrip()
            if not stripped.endswith(self.escape):
                parts.append(stripped)
                break
            parts.append(stripped[: -len(self.escape)])
        return " ".join(parts)

    def take_until(self, marker: str) -> list[str]:
        start = self.at
        while self.at < len(self.all) and self.all[self.at].strip() != marker:
            self.at += 1
        self.at += 1
        return self.all[start : self.at - 1]


def _keyword(joined: str) -> str:
    found = _INSTRUCTION.match(joined)
    return found[1].upper() if found else ""


def substitute(written: str, arguments: Mapping[str, str | None]) -> tuple[str, tuple[str, ...]]:
    """Put build arguments in; also the names of those that have no value. Values are put in as they are, once.

    Arguments that double each other grow without end: past a length that no name has, they count as unknown.
    """
    unknown: list[str] = []
    room = _LONGEST_VALUE

    def value(found: re.Match[str]) -> str:
        nonlocal room
        name = found["plain"] or found["braced"]
        if name is None:
            return found.group()
        put_in = known_value(found, name)
        room -= len(put_in)
        if room < 0:
            unknown.append(name)
            return ""
        return put_in

    def known_value(found: re.Match[str], name: str) -> str:
        known = arguments.get(name)
        operator = found["operator"] or ""
        if operator.endswith("-"):
            return known or found["word"]
        if operator.endswith("+"):
            return found["word"] if known else ""
        if known is None:
            unknown.append(name)
            return found.group()
        return known

    return _VARIABLE.sub(value, written), tuple(dict.fromkeys(unknown))


def split_image(name: str) -> tuple[str, str, str]:
    """Repository, tag and digest of an image name (`registry:5000/team/image:1.2@sha256:…`)."""
    repository, _, digest = name.partition("@")
    before, colon, tag = repository.rpartition(":")
    if colon and "/" not in tag:
        return before, tag, digest
    return repository, "", digest


def python_of_image(repository: str, tag: str) -> str:
    """The Python version of the official `python` image and of those named like it; empty for other images."""
    name = repository.rpartition("/")[2]
    if name in {"python", "uv"} or name.startswith("python-"):
        found = re.search(r"python(\d+\.\d+(?:\.\d+)?)", tag) if name == "uv" else _PYTHON_TAG.match(tag)
        return found[1] if found else ""
    return ""


def parse_dockerfile(path: str, content: bytes) -> EnvironmentFile:
    """Read a Dockerfile or Containerfile."""
    decoded = decode_text(content)
    if decoded is None:
        unread = Unread(text("{path} is not text", path=path), Location(path))
        return EnvironmentFile(path, FileFormat.DOCKERFILE, unread=(unread,))
    reader = _DockerfileReader(path, decoded.content)
    for instruction in read_instructions(decoded.content):
        reader.read(instruction)
    if not any(image.origin == "FROM" for image in reader.images):
        reader.unread.append(Unread(text("{path} has no FROM line", path=path), Location(path)))
    return EnvironmentFile(
        path,
        FileFormat.DOCKERFILE,
        images=tuple(reader.images),
        installs=tuple(reader.installs),
        indexes=tuple(reader.indexes),
        python_versions=tuple(reader.python_versions),
        unread=tuple(reader.unread),
        variables=reader.variables,
    )


class _DockerfileReader:
    def __init__(self, path: str, content: str) -> None:
        self.path = path
        self.lines = content.splitlines()
        self.images: list[Image] = []
        self.installs: list[ContainerInstall] = []
        self.indexes: list[IndexOption] = []
        self.python_versions: list[PythonVersion] = []
        self.unread: list[Unread] = []
        self._global: dict[str, str | None] = {}
        self._arguments: dict[str, str | None] = {}
        self._stages: list[str] = []
        self._variables: list[dict[str, Variable]] = []

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the last stage, which is the image, with those that it has from earlier ones."""
        return tuple(self._variables[-1].values()) if self._variables else ()

    def read(self, instruction: Instruction) -> None:
        match instruction.keyword:
            case "ARG":
                self._argument(instruction.arguments)
            case "ENV":
                self._environment(instruction)
            case "FROM":
                self._from(instruction)
            case "COPY":
                self._copy(instruction)
            case "RUN":
                self._run(instruction)
            case _:
                pass

    def _argument(self, written: str) -> None:
        for name, value in _assignments(written):
            default = (
                substitute(value, self._arguments if self._stages else self._global)[0] if value is not None else None
            )
            if not self._stages:
                self._global[name] = default
            else:
                # `ARG NAME` in a stage takes the default that stands before the first FROM.
                self._arguments[name] = default if value is not None else self._global.get(name)

    def _environment(self, instruction: Instruction) -> None:
        written = instruction.arguments
        words = written.split(None, 1)
        if words and "=" not in words[0]:  # the old form `ENV name value`
            pairs: list[tuple[str, str | None]] = [(words[0], words[1] if len(words) > 1 else "")]
        else:
            pairs = list(_assignments(written))
        for name, value in pairs:
            known = self._arguments[name] = substitute(value or "", self._arguments)[0]
            if self._variables:
                self._variables[-1][name] = Variable(name, known, self._place(instruction, name))

    def _from(self, instruction: Instruction) -> None:
        platform = re.match(r"--platform=(\S+)\s+", instruction.arguments)
        words = instruction.arguments[platform.end() if platform else 0 :].split()
        if not words:
            return
        image = self._image(words[0], instruction, "FROM", self._global)
        if platform:
            image = msgspec.structs.replace(image, platform=platform[1])
        self.images.append(image)
        self._arguments = {}
        stage = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
        above = self._variables[self._stages.index(image.stage)] if image.stage else {}
        self._variables.append(dict(above))
        self._stages.append(stage.lower())
        version = python_of_image(image.name, image.tag)
        if version and not image.stage:
            written = f"FROM {image.written}"
            self.python_versions.append(PythonVersion(written, version, "image", image.location))

    def _copy(self, instruction: Instruction) -> None:
        found = re.search(r"--from=(\S+)", instruction.arguments)
        if found and not found[1].isdigit():
            image = self._image(found[1], instruction, "COPY --from", self._global)
            if not image.stage:
                self.images.append(image)

    def _image(self, written: str, instruction: Instruction, origin: str, arguments: Mapping[str, str | None]) -> Image:
        named, unknown = substitute(written, arguments)
        repository, tag, digest = split_image(named)
        stage = named.lower() if named.lower() in self._stages else ""
        return Image(
            written=written,
            name=repository,
            location=self._place(instruction, written),
            tag=tag,
            digest=digest,
            stage=stage,
            origin=origin,
            unknown_arguments=() if stage else unknown,
        )

    def _run(self, instruction: Instruction) -> None:
        command = instruction.arguments
        while flag := _FLAG.match(command):
            command = command[flag.end() :]
        expanded, _ = substitute(command, {name: value for name, value in self._arguments.items() if value is not None})
        location = Location(self.path, instruction.line, instruction.column, instruction.last_line)
        if len(expanded) > _LONGEST_COMMAND:
            reason = text("a command of {path} is too long to be read", path=self.path)
            self.unread.append(Unread(reason, location, is_fault=False))
            return
        read = read_install_commands(expanded, location, self._line_of(instruction))
        self.installs += read.installs
        self.indexes += read.indexes
        self.python_versions += read.python_versions

    def _line_of(self, instruction: Instruction) -> list[str]:
        return self.lines[instruction.line - 1 : instruction.last_line]

    def _place(self, instruction: Instruction, written: str) -> Location:
        """Where a word of an instruction stands."""
        for number in range(instruction.line, instruction.last_line + 1):
            column = self.lines[number - 1].find(written) if number <= len(self.lines) else -1
            if column >= 0:
                return Location(self.path, number, column + 1, number, column + 1 + len(written))
        return Location(self.path, instruction.line, instruction.column)


def _assignments(written: str) -> Iterator[tuple[str, str | None]]:
    position = 0
    while position < len(written):
        found = _ASSIGNMENT.match(written, position)
        if found:
            value = found[2]
            quoted = value[:1] in {'"', "'"}
            yield found[1], value[1:-1] if quoted else value
            position = found.end()
        else:
            bare = re.compile(r"[A-Za-z_]\w*").match(written, position)
            if bare and not written.startswith("=", bare.end()):
                yield bare.group(), None
            position = bare.end() if bare else position + 1
