"""Where a download is kept, whether its digest is compared, and the edits that compare it."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_edits import edited, set_keyword
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import evaluated
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.events import Value
    from repro_gui.facts.fetch_commands import FetchCommand
    from repro_gui.facts.path_values import PathReader
    from repro_gui.facts.program import Program
    from repro_gui.facts.tree import FileTree
    from repro_gui.location import Location


class _Kept(msgspec.Struct, frozen=True):
    """Where a function keeps what it fetches, and the parameter with which it compares, if it has one."""

    parameter: str
    position: int
    compares_with: str = ""
    written: str = "{}"
    algorithm: str = "sha256"
    is_folder: bool = False


_KEPT = {
    "urllib.request.urlretrieve": _Kept("filename", 1),
    "urllib.urlretrieve": _Kept("filename", 1),
    "wget.download": _Kept("out", 1),
    "gdown.download": _Kept("output", 1),
    "gdown.cached_download": _Kept("path", 1, "hash", "sha256:{}"),
    "torch.hub.download_url_to_file": _Kept("dst", 1, "hash_prefix"),
    "torchvision.datasets.utils.download_url": _Kept("root", 1, "md5", algorithm="md5", is_folder=True),
    "pooch.retrieve": _Kept("path", 3, "known_hash", "sha256:{}", is_folder=True),
}


def algorithm_of(call: str) -> str:
    """The digest that the comparison for a call takes."""
    return _KEPT[call].algorithm if call in _KEPT else "sha256"


def kept_file(program: Program, site: CallSite, name: str, paths: PathReader, tree: FileTree) -> str:
    """The file of the project in which a call keeps what it fetches; empty where it is not known or not there."""
    kept = _KEPT.get(name)
    given = _target(site, name)
    if kept is None or given is None:
        return ""
    read = paths.paths(site.module.path, site.symbol, given)
    if len(read) != 1 or not read[0].is_known or read[0].open_end:
        return ""
    path = read[0].path
    if kept.is_folder:
        names = _names_in_folder(site, name, paths)
        path = posixpath.join(path, names) if names else ""
    folders = [""] if read[0].from_project else ["", posixpath.dirname(site.module.path)]
    folders += [] if read[0].from_project else [posixpath.dirname(one.path) for one in program.result_entry_points]
    return _in_tree(path, folders, tree)


def _names_in_folder(site: CallSite, name: str, paths: PathReader) -> str:
    """The name under which it lies there: the one that is given, else the last part of the address."""
    parameter, position = ("fname", 2) if name == "pooch.retrieve" else ("filename", 2)
    given = site.call.argument(parameter, position)
    if given is None and name == "pooch.retrieve":
        # It makes a name of its own from the address and the digest.
        return ""
    address = site.call.argument("url", 0) if given is None else given
    read = () if address is None else paths.paths(site.module.path, site.symbol, address)
    return posixpath.basename(read[0].path) if len(read) == 1 and read[0].is_known and not read[0].open_end else ""


def file_of_command(command: FetchCommand, tree: FileTree) -> str:
    """The file of the project that a command fetches; empty where it is not known or not there."""
    if len(command.urls) != 1:
        return ""
    into = command.into
    if command.is_folder:
        into = posixpath.join(into, posixpath.basename(command.urls[0].partition("?")[0]))
    return _in_tree(into, ["", posixpath.dirname(command.location.path)], tree)


def _in_tree(path: str, folders: list[str], tree: FileTree) -> str:
    if not path or path.startswith(("/", "~")) or set(path) & set("$`{*"):
        return ""
    places = (posixpath.normpath(posixpath.join(folder, path)) for folder in folders)
    return next((place for place in places if place in tree), "")


def takes_digest_of(program: Program, site: CallSite, paths: PathReader) -> bool:
    """True when the code of the same function takes the digest of the file that a call fetches."""
    given = _target(site, site.name)
    if given is None:
        return False
    wanted = paths.paths(site.module.path, site.symbol, given)
    if not wanted or not all(one.is_known and not one.open_end for one in wanted):
        return False
    for other in program.code.unit(site.module.path, site.symbol).steps:
        if (
            isinstance(other, CallSite)
            and other.name.startswith("hashlib.")
            and other.location.line > site.location.line
        ):
            for value in _arguments(other):
                if paths.paths(site.module.path, site.symbol, value) == wanted:
                    return True
    return False


def _arguments(site: CallSite) -> Iterator[Value]:
    for one in (*site.call.positional, *[keyword.value for keyword in site.call.keywords]):
        yield from evaluated(one)


def _target(site: CallSite, name: str) -> Value | None:
    kept = _KEPT.get(name)
    return None if kept is None else site.call.argument(kept.parameter, kept.position)


# ------------------------------------------------------------------------------------------------------------ the edits


def compare_in_code(program: Program, content: bytes, location: Location, call: str, digest: str) -> bytes:
    """Give the call the digest where it takes one; else compare below it, and raise where it differs."""
    source = SourceText(content, location.path, location.cell)
    kept = _KEPT[call]
    if kept.compares_with:
        return edited(source, set_keyword(source, location, kept.compares_with, f'"{kept.written.format(digest)}"'))
    units = (program.code.unit(location.path, symbol) for symbol in program.code.symbols(location.path))
    calls = (step for unit in units for step in unit.steps if isinstance(step, CallSite))
    site = next((one for one in calls if one.location == location), None)
    given = None if site is None else _target(site, call)
    if site is None or given is None:
        raise CannotPlan(text("The call is not there any more."), text("Audit the project again."))
    start, end = source.segment(site.module.location(given))
    written = source.text[start:end]
    if "\n" in written:
        raise CannotPlan(
            text("Where the file is kept is written over several lines."),
            text("Give the path a name, and audit again."),
        )
    outline = SourceOutline(source)
    before = outline.index_when_run(location.line)
    digests, first = import_lines(outline, "hashlib", "hashlib", before)
    path_class = outline.modules_bound(before).get("pathlib.Path", "")
    second: list[str] = []
    if not path_class:
        module, second = import_lines(outline, "pathlib", "pathlib", before)
        path_class = f"{module}.Path"
    statement = outline.statement_at(location.line, location.column)
    lines = [
        f'if {digests}.sha256({path_class}({written}).read_bytes()).hexdigest() != "{digest}":',
        f'{outline.unit}raise ValueError("what was fetched is not the file that was expected")',
    ]
    return edited(
        source, [*outline.insert_imports([*first, *second], before), *outline.insert_after_statement(statement, lines)]
    )


def compare_in_shell(content: bytes, location: Location, into: str, digest: str) -> bytes:
    """Compare in the line below the command: of a script, a Makefile's recipe, or a cell of a notebook."""
    source = SourceText(content, location.path, location.cell)
    lines = source.text.split("\n")
    index = location.line - 1
    if not 0 <= index < len(lines):
        raise CannotPlan(text("The command is not there any more."), text("Audit the project again."))
    written = lines[index]
    if re.search(r"\b(if|then|for|while|do|case)\b|[|&;{}()]", written) or "<<" in written:
        raise CannotPlan(
            text("The command shares its line with others."), text("Put it on a line of its own, then audit again.")
        )
    last = index
    while lines[last].rstrip("\r").endswith("\\") and last + 1 < len(lines):
        last += 1
    indent = written[: len(written) - len(written.lstrip())]
    mark = re.match(r"[!@-]*", written.lstrip())
    file = shlex.quote(into)
    sums = f"{digest}  {into}"
    if file != into and re.search(r"[\"$`\\]", into):
        raise CannotPlan(text("The name of the file has marks of the shell in it."), text("Compare it by hand."))
    added = f'{indent}{mark[0] if mark else ""}echo "{sums}" | sha256sum --check'
    offset = sum(len(line) + 1 for line in lines[: last + 1])
    if last + 1 == len(lines):
        return source.spliced([Splice(len(source.text), len(source.text), source.newline + added)])
    return source.spliced([Splice(offset, offset, added + source.newline)])
