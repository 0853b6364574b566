"""Minimal edits of dependency lists: one entry changes, every other byte stays.

Each edit splices text at the place where the parser found the entry, so comments, order, quotes, line ends and encoding
are never written anew. What was written is read again and compared before it is handed out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.addresses import is_repository
from repro_gui.facts.decoded_text import DecodedText, decode_text
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin, Requirement
from repro_gui.facts.environment_files import parse_environment_file
from repro_gui.facts.toml_places import Keys, TomlPlace, find_toml_places
from repro_gui.location import LineIndex
from repro_gui.text import text

_NAME_AND_EXTRAS = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>\s*\[[^\]]*\])?"
_VERSION_PART = re.compile(
    rf"{_NAME_AND_EXTRAS}(?P<gap>\s*)(?P<specifier>\(\s*[<>=!~][^)]*\)|[<>=!~][^;#\s]*(?:\s*,?\s*[<>=!~]+\s*[^;#,\s]+|\s+[^;#,\s<>=!~]+)*)?"
    r"(?P<rest>\s*(?:;.*)?)",
    re.DOTALL,
)
_CONDA_PART = re.compile(
    rf"(?P<channel>[^\s\[\]=<>]+::?)?{_NAME_AND_EXTRAS}(?P<gap>\s*)(?P<specifier>[^\[\]#]*?)(?P<rest>\s*)", re.DOTALL
)
_OPERATOR_GAP = re.compile(r"\(?\s*[<>=!~]+(\s*)")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_REVISION = re.compile(r"(?P<address>[^#@\s]*://(?:[^@/#\s]*@)?[^@#\s]*?)(?:@(?P<revision>[^#@\s]*))?(?P<rest>#\S*)?")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CODING = re.compile(r"#.*?coding[:=]")


_Change = Callable[[str, FileFormat], str | None]


def pin_requirement(content: bytes, requirement: Requirement, version: str) -> bytes:
    """The file with that entry pinned to exactly `version`.

    Raises `CannotPlan` when the entry does not stand where it was, or its form cannot be pinned by a version.
    """
    if not _VERSION.fullmatch(version):
        raise CannotPlan(
            text("{version} is not a version that can be written.", version=version),
            text("Pin {name} by hand.", name=requirement.name),
        )
    return _edit(content, requirement, lambda written, kind: _pinned(written, requirement, version, kind))


def pin_commit(content: bytes, requirement: Requirement, commit: str) -> bytes:
    """The file with that repository entry pinned to a full commit; raises `CannotPlan` like `pin_requirement`."""
    if not _COMMIT.fullmatch(commit):
        raise CannotPlan(
            text("{commit} is not a full commit.", commit=commit), text("Pin {name} by hand.", name=requirement.name)
        )

    def with_commit(written: str, kind: FileFormat) -> str | None:
        if kind is FileFormat.PIPFILE or (kind is FileFormat.PYPROJECT and written.startswith("{")):
            return _table_with_commit(written, commit, "ref" if kind is FileFormat.PIPFILE else "rev")
        at = re.search(r"(?:git|hg|svn|bzr)\+\S+", written)
        found = _REVISION.fullmatch(at.group()) if at else None
        if at is None or found is None:
            return None
        changed = f"{found['address']}@{commit}{found['rest'] or ''}"
        return written[: at.start()] + changed + written[at.end() :]

    return _edit(content, requirement, with_commit)


def add_requirement(content: bytes, path: str, entry: str) -> bytes:
    """The file with one more entry: at the end of a requirements file, of `project.dependencies`, of the conda or pip list.

    `entry` is `name==version`. Raises `CannotPlan` for formats with no place for it.
    """
    decoded = _decoded(content, path)
    file = parse_environment_file(path, content)
    changed: str | None
    if file.format is FileFormat.REQUIREMENTS:
        changed = _add_line(decoded, entry)
    elif file.format is FileFormat.PYPROJECT:
        changed = _add_to_pyproject(decoded, entry)
    elif file.format is FileFormat.CONDA:
        changed = _add_to_conda(decoded, file, entry)
    else:
        changed = None
    if changed is None:
        raise CannotPlan(
            text("{path} has no place where {entry} could be added.", path=path, entry=entry),
            text("Add it by hand."),
        )
    after = decoded.encode(changed)
    name = re.split(r"[\[=@ ]", entry, maxsplit=1)[0]
    _require_others_untouched(file, parse_environment_file(path, after), path, added=name)
    return after


def add_comment(content: bytes, path: str, comment: str) -> bytes:
    """The file with a comment line at its top, below an interpreter and an encoding line."""
    decoded = _decoded(content, path)
    lines = decoded.content.split("\n")
    at = 0
    if lines[0].startswith("#!"):
        at = 1
    if len(lines) > at and _CODING.match(lines[at]):
        at += 1
    ending = "\r" if decoded.newline == "\r\n" else ""
    lines.insert(at, f"# {comment}{ending}")
    return decoded.encode("\n".join(lines))


def add_index(content: bytes, path: str, option: str, needed_by: str) -> bytes:
    """The requirements file with a public index option on a line of its own above the entries, with its reason; unless it is there."""
    decoded = _decoded(content, path)
    if any(line.strip() == option for line in decoded.content.splitlines()):
        return content
    lines = decoded.content.split("\n")
    at = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    ending = "\r" if decoded.newline == "\r\n" else ""
    lines[at:at] = [f"# Only this public index has {needed_by}.{ending}", f"{option}{ending}"]
    return decoded.encode("\n".join(lines))


def write_python_version(content: bytes | None, version: str) -> bytes:
    """`.python-version` with that version in place of the first one it names; comments and further lines stay."""
    decoded = decode_text(content) if content else None
    if decoded is None or not decoded.content.strip():
        return f"{version}\n".encode()
    # Lines as the parser has them: a lone carriage return ends one, too.
    lines = decoded.content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        stripped = line.split("#", 1)[0].strip()
        if stripped:
            lines[number] = line.replace(stripped, version, 1)
            return decoded.encode("".join(lines))
    return decoded.encode(f"{decoded.content.rstrip()}{decoded.newline}{version}{decoded.newline}")


def _edit(content: bytes, requirement: Requirement, change: _Change) -> bytes:
    path = requirement.location.path
    decoded = _decoded(content, path)
    before = parsed_file(path, content)
    span = _span(decoded.content, requirement, before.format)
    if span is None or requirement not in _entries(before):
        raise _moved(requirement)
    start, end = span
    changed = change(decoded.content[start:end], before.format)
    if changed is None:
        raise CannotPlan(
            text("`{entry}` is written in a form that is not edited.", entry=requirement.written),
            text("Pin it by hand."),
        )
    try:
        after = decoded.encode(decoded.content[:start] + changed + decoded.content[end:])
    except UnicodeEncodeError as error:
        raise _moved(requirement) from error
    if not _is_only_its_line(decoded.content, requirement, before.format, (start, end), changed):
        _require_others_untouched(before, parse_environment_file(path, after), path, changed=requirement)
    return after


@functools.lru_cache(maxsize=2)
def parsed_file(path: str, content: bytes) -> EnvironmentFile:
    """What a file says; kept, since all entries of one file are often pinned together."""
    return parse_environment_file(path, content)


def _is_only_its_line(
    content: str, requirement: Requirement, kind: FileFormat, span: tuple[int, int], changed: str
) -> bool:
    """Whether an entry stands in a line of a requirements file that says nothing of others, and that line alone is right when changed.

    False where that is not so simple, and the whole file has to be read; raises `CannotPlan` where the line says something else.
    """
    start, end = content.rfind("\n", 0, span[0]) + 1, content.find("\n", span[1])
    end = len(content) if end < 0 else end
    line, first = content[start:end], requirement.location.line
    above = content[:start].rstrip("\r\n")
    is_alone = not above.endswith("\\") and not line.rstrip().endswith("\\") and len(line.splitlines()) == 1
    if kind is not FileFormat.REQUIREMENTS or not is_alone or requirement.location.end_line != first:
        return False
    path = requirement.location.path
    alone = msgspec.structs.replace(
        requirement, location=msgspec.structs.replace(requirement.location, line=1, end_line=1)
    )
    before = parse_environment_file(path, line.encode())
    if _entries(before) != [alone]:
        return False
    after = line[: span[0] - start] + changed + line[span[1] - start :]
    if len(after.splitlines()) != 1:
        return False
    _require_others_untouched(before, parse_environment_file(path, after.encode()), path, changed=alone)
    return True


def _decoded(content: bytes, path: str) -> DecodedText:
    decoded = decode_text(content)
    if decoded is None:
        raise CannotPlan(text("{path} is not text.", path=path), text("Edit it by hand."))
    return decoded


def _moved(requirement: Requirement) -> CannotPlan:
    return CannotPlan(
        text(
            "`{entry}` does not stand in {path} where it was.",
            entry=requirement.written,
            path=requirement.location.path,
        ),
        text("Audit the project again."),
    )


def _span(content: str, requirement: Requirement, kind: FileFormat) -> tuple[int, int] | None:
    """Offsets of the text to change: the entry, without quotes; in poetry's tables the version string."""
    location = requirement.location
    if kind in {FileFormat.PYPROJECT, FileFormat.PIPFILE}:
        return _toml_span(content, requirement, kind)
    if not location.line or not location.end_line:
        return None
    index = LineIndex(content)
    start, end = index.offset(location.line, location.column), index.offset(location.end_line, location.end_column)
    written = content[start:end]
    if kind in {FileFormat.CONDA, FileFormat.MLFLOW_PYTHON, FileFormat.SETUP_PY} and written[:1] in {'"', "'"}:
        return (start + 1, end - 1) if len(written) > 1 and written[0] == written[-1] else None
    return start, end


def _toml_span(content: str, requirement: Requirement, kind: FileFormat) -> tuple[int, int] | None:
    index = LineIndex(content)
    location = requirement.location
    places = find_toml_places(content)
    here = index.offset(location.line, location.column) if location.line else -1
    found = next((keys for keys, place in places.items() if place.start == here), None)
    if found is None:
        return None
    place = places[found]
    is_listed = kind is FileFormat.PYPROJECT and isinstance(found[-1], int) and "poetry" not in found[:2]
    if content[place.start] == "{":
        if requirement.pin in {Pin.MOVING, Pin.COMMIT}:
            return place.start, place.end
        version: TomlPlace | None = places.get((*found, "version"))
        if version is None:
            return None
        place = version
    elif not is_listed and not _is_version_of(found):
        return None
    quotes = 3 if content.startswith(('"""', "'''"), place.start) else 1
    return place.start + quotes, place.end - quotes


def _is_version_of(keys: Keys) -> bool:
    return "dependencies" in keys or "dev-dependencies" in keys or keys[0] in {"packages", "dev-packages"}


def _pinned(written: str, requirement: Requirement, version: str, kind: FileFormat) -> str | None:
    """The same entry, exact. What stands round the version (extras, marker, spaces, comment) stays."""
    if kind is FileFormat.PIPFILE:
        return f"=={version}"
    if kind is FileFormat.PYPROJECT and requirement.specifier == written and not re.match(r"[A-Za-z]", written):
        # Poetry: a bare version is exact, and a local version wants its operator.
        return f"=={version}" if written.startswith("==") or "+" in version else version
    if requirement.is_conda and kind is not FileFormat.REQUIREMENTS:
        found = _CONDA_PART.fullmatch(written)
        if found is None:
            return None
        operator = "=" if version.count(".") >= 2 else "=="
        return f"{found['channel'] or ''}{found['name']}{operator}{version}{found['rest']}"
    if is_repository(written) or "://" in written or " @ " in written:
        return None
    found = _VERSION_PART.fullmatch(written)
    if found is None:
        return None
    specifier = found["specifier"] or ""
    gap = found["gap"] if specifier else ""
    operator_gap = _OPERATOR_GAP.match(specifier)
    space = operator_gap[1] if operator_gap and "\n" not in operator_gap[1] else ""
    pinned = f"=={space}{version}"
    if specifier.startswith("("):
        pinned = f"({pinned})"
    rest = found["rest"] if specifier else found["gap"] + found["rest"]
    return f"{found['name']}{found['extras'] or ''}{gap}{pinned}{rest}"


def _table_with_commit(written: str, commit: str, key: str) -> str | None:
    """An inline table with `rev = "…"` in place of branch or tag."""
    found = re.search(r"\b(rev|tag|branch|ref)\s*=\s*(\"[^\"]*\"|'[^']*')", written)
    if found:
        quote = found[2][0]
        return written[: found.start()] + f"{key} = {quote}{commit}{quote}" + written[found.end() :]
    closing = re.search(r"\s*\}$", written)
    return None if closing is None else f'{written[: closing.start()]}, {key} = "{commit}"{closing.group()}'


def _add_line(decoded: DecodedText, entry: str) -> str:
    content = decoded.content
    ending = "" if not content or content.endswith("\n") else decoded.newline
    final = "" if content and not content.endswith("\n") else decoded.newline
    return f"{content}{ending}{entry}{final}"


def _add_to_pyproject(decoded: DecodedText, entry: str) -> str | None:
    """Behind the last element of `project.dependencies`, in the form of the list."""
    content = decoded.content
    places = find_toml_places(content)
    keys: Keys = ("project", "dependencies")
    poetry: Keys = ("tool", "poetry", "dependencies")
    if keys in places:
        return _add_to_array(content, places, keys, f'"{entry}"', decoded.newline)
    rows = [place for way, place in places.items() if way[:3] == poetry and len(way) == 4]
    if rows:
        name, _, version = entry.partition("==")
        end = content.find("\n", rows[-1].end)
        end = len(content) if end < 0 else end
        end -= 1 if content[end - 1 : end] == "\r" else 0
        written = f"=={version}" if "+" in version else version
        return f'{content[:end]}{decoded.newline}{name} = "{written}"{content[end:]}'
    return None


def _add_to_array(content: str, places: dict[Keys, TomlPlace], keys: Keys, element: str, newline: str) -> str:
    array = places[keys]
    elements = sorted(place.start for way, place in places.items() if len(way) == len(keys) + 1 and way[:-1] == keys)
    if not elements:
        inside = content[array.start + 1 : array.end - 1]
        if inside.strip():  # only comments
            return content[: array.end - 1] + f"    {element},{newline}" + content[array.end - 1 :]
        return content[: array.start + 1] + element + content[array.end - 1 :]
    last = next(place for place in places.values() if place.start == elements[-1])
    line_start = content.rfind("\n", 0, last.start) + 1
    indent = content[line_start : last.start]
    if line_start <= array.start or indent.strip():
        return f"{content[: last.end]}, {element}{content[last.end :]}"
    line_end = content.find("\n", last.end)
    if line_end < 0 or line_end > array.end:  # the list closes on this line
        return f"{content[: last.end]},{newline}{indent}{element}{content[last.end :]}"
    line_end -= 1 if content[line_end - 1] == "\r" else 0
    rest = content[last.end : line_end]
    has_comma = rest.lstrip().startswith(",")
    row = f"{'' if has_comma else ','}{rest}{newline}{indent}{element}{',' if has_comma else ''}"
    return content[: last.end] + row + content[line_end:]


def _add_to_conda(decoded: DecodedText, file: EnvironmentFile, entry: str) -> str | None:
    """Below the last entry of the pip list, or of the conda list where there is no pip list."""
    pip = [requirement for requirement in file.requirements if not requirement.is_conda]
    rows = pip or [requirement for requirement in file.requirements if requirement.is_conda]
    if not rows:
        return None
    lines = decoded.content.split("\n")
    number = max(requirement.location.line for requirement in rows)
    row = lines[number - 1]
    found = re.match(r"\s*-\s+", row)
    if found is None:
        return None
    name, _, version = entry.partition("==")
    written = entry
    if not pip:
        written = f"{name}={version}" if version.count(".") >= 2 else entry
    lines.insert(number, f"{found.group()}{written}" + ("\r" if row.endswith("\r") else ""))
    return "\n".join(lines)


def _require_others_untouched(
    before: EnvironmentFile, after: EnvironmentFile, path: str, *, changed: Requirement | None = None, added: str = ""
) -> None:
    """Raise `CannotPlan` unless exactly the intended entry differs: the last guard against a wrong splice."""
    entries, written = _entries(before), _entries(after)
    old, new = [_meaning(entry) for entry in entries], [_meaning(entry) for entry in written]
    problems = len(before.unread) != len(after.unread)
    if changed is not None:
        at = entries.index(changed)
        is_fine = len(old) == len(new) and old[:at] + old[at + 1 :] == new[:at] + new[at + 1 :]
        if is_fine:
            now = written[at]
            is_fine = now.pin in {Pin.EXACT, Pin.COMMIT} and (now.extras, now.marker) == (
                changed.extras,
                changed.marker,
            )
    else:
        extra = [entry for entry in new if entry not in old]
        is_fine = len(new) == len(old) + 1 and all(entry[0] == added.lower().replace("_", "-") for entry in extra)
    if not is_fine or problems:
        raise CannotPlan(
            text("The entry in {path} cannot be changed without touching others.", path=path),
            text("Change it by hand."),
        )


def _entries(file: EnvironmentFile) -> list[Requirement]:
    return [*file.requirements, *(entry for install in file.installs for entry in install.requirements)]


def _meaning(entry: Requirement) -> tuple[object, ...]:
    return (
        entry.name,
        entry.specifier,
        entry.extras,
        entry.marker,
        entry.url,
        entry.revision,
        entry.group,
        entry.hashes,
    )
