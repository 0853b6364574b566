"""What the documents of a project tell people about its data: READMEs, data sheets, pages of documentation."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Goes into the cache key of documents.
DOCUMENT_VERSION = 4
MOST_BYTES = 1024 * 1024

_SUFFIXES = (".md", ".markdown", ".rst", ".txt", ".adoc")
_README = re.compile(r"read[-_]?me([-_.].*)?", re.IGNORECASE)
_DATA_SHEET = re.compile(
    r"(about[-_])?(the[-_])?data([-_]?(set|sets|sheet|card|source|sources|statement|description|readme))?([-_]card)?",
    re.IGNORECASE,
)
# They tell what was, or what may be done, in words that sound like sources.
_OTHER = re.compile(
    r"(change(log|s)|history|news|licen[cs]e|contributing|code[-_]of[-_]conduct|security|requirements.*|authors)"
)
_WORD = re.compile(
    r"\b(data(?![-\w])|data[- ]?sets?|corpus|corpora|benchmarks?|images|recordings|samples|annotations)\b",
    re.IGNORECASE,
)
_HEADING_WORD = re.compile(r"\b(data(?![-\w])|data[- ]?sets?|corpus|corpora)\b", re.IGNORECASE)
_LINK = re.compile(
    r"(https?|ftp|s3|gs|lakefs|hf)://[^\s)>\]]+|\bwww\.[^\s)>\]]+|\bdoi:\s*10\.\d{4,}|\b10\.\d{4,9}/\S+", re.IGNORECASE
)
# Pictures and badges are links to nothing that anybody reads.
_PICTURE = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>|!\[[^\]]*\]\[[^\]]*\]|https?://\S*(badge|shields\.io|\.(png|svg|gif|jpe?g)\b)[^\s)>\]]*",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b(download(s|ed|able)?|obtain(s|ed)?|fetch(es|ed)?|collected|comes? from|came from|taken from|derived from|provided by"
    r"|available (at|from|on|here|under)|recorded (by|in|at|with)|dvc (pull|get|import)|kaggle (datasets|competitions)|we use[d]?"
    r"|retrieved from|simulated)\b",
    re.IGNORECASE,
)
# "the [Iris](https://…) data set", "data set [Iris](https://…)"
_NAMED = re.compile(
    r"\]\([^)]*\)`?\s+(\w+\s+){0,2}(data ?sets?|corpus|data)\b|\b(data ?sets?|corpus)\W+(\w+\s+){0,2}\["
    r"|\[[^\]]*\b(data ?set|corpus)\b[^\]]*\]\(",
    re.IGNORECASE,
)
_DATA_HOST = re.compile(
    r"kaggle\.com/(datasets|c/|competitions|uciml|\w+/\w+)|huggingface\.co/datasets/|zenodo\.org|figshare\.com|archive\.ics\.uci\.edu"
    r"|openml\.org|physionet\.org|datadryad\.org|dataverse\.|data\.mendeley|image-net\.org|cocodataset\.org|registry\.opendata\.aws"
    r"|tensorflow\.org/datasets|yann\.lecun\.com/exdb|data\.world|ieee-dataport",
    re.IGNORECASE,
)
_DOI = re.compile(r"doi\.org/10\.|\bdoi:\s*10\.", re.IGNORECASE)
# An entry of a bibliography.
_BIBTEX = re.compile(r"\s*(@\w+\{|\w+\s*=\s*[{\"])")
_LABEL = re.compile(
    r"[-*+|>\s]*\**(source|origin|where (it|they) comes? from|obtained from|collected by|provenance|url|doi)\**\s*[:|]\**\s*(?P<value>.*)",
    re.IGNORECASE,
)
# A form that nobody has filled in yet.
_BLANK = re.compile(
    r"^\W*$|…|\.\.\.\s*\W*$|\b(TODO|TBD|FIXME|XXX|fill in|to be (added|announced|released))\b|<[^>:/]*>", re.IGNORECASE
)
_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*?)\s*#*$")
# An item of a list, a line of a table.
_ITEM = re.compile(r"\s*([-*+]|\d+[.)])\s|\s*\|")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\[*])")
_UNDERLINE = re.compile(r"([=\-~^\"'`+*#])\1{2,}\s*$")


class DataPassage(msgspec.Struct, frozen=True, array_like=True):
    """A line of a document that says where data comes from; `excerpt` is it, shortened. `line` counts from 1."""

    line: int
    excerpt: str


class Document(msgspec.Struct, frozen=True, array_like=True):
    """A document that was looked through."""

    path: str
    passages: tuple[DataPassage, ...] = ()
    not_read: Text | None = None


class Documents(msgspec.Struct, frozen=True, dict=True):
    """The documents of a project in path order."""

    files: tuple[Document, ...] = ()

    @cached_property
    def about_data(self) -> tuple[tuple[Location, DataPassage], ...]:
        """Every passage that says where data comes from, with its place; top folders first."""
        ordered = sorted(self.files, key=lambda file: (file.path.count("/"), file.path))
        return tuple((Location(file.path, passage.line), passage) for file in ordered for passage in file.passages)

    def after(self, contents: Mapping[str, bytes | None]) -> Documents:
        """The facts as they would be with these file contents (None = gone)."""
        changed = {path: content for path, content in contents.items() if is_document(path)}
        if not changed:
            return self
        kept = [file for file in self.files if file.path not in changed]
        read = [read_document(path, content) for path, content in changed.items() if content is not None]
        return Documents(tuple(sorted([*kept, *read], key=lambda file: file.path)))


def is_document(path: str) -> bool:
    """True for READMEs and data sheets anywhere, and for pages at the top or in a folder of documentation."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name.lower())
    if suffix not in _SUFFIXES:
        return bool(_README.fullmatch(name)) and suffix in {"", ".en"}
    if _OTHER.fullmatch(stem):
        return False
    if _README.fullmatch(stem) or (_DATA_SHEET.fullmatch(stem) and suffix != ".txt"):
        return True
    return suffix != ".txt" and (not folder or folder.split("/")[0].lower() in {"doc", "docs"})


def is_data_sheet(path: str) -> bool:
    """True for a document that is about data as a whole: `DATA.md`, `data/README.md`."""
    folder, name = posixpath.split(path)
    stem = posixpath.splitext(name)[0]
    if _DATA_SHEET.fullmatch(stem):
        return True
    return bool(_README.fullmatch(stem)) and any(
        part in {"data", "dataset", "datasets"} for part in folder.lower().split("/")
    )


def read_document(path: str, content: bytes) -> Document:
    """The passages of one document."""
    decoded = decode_text(content)
    if decoded is None:
        return Document(path, not_read=text("{path} is no text.", path=path))
    return Document(path, tuple(_passages(decoded.content, is_about=is_data_sheet(path))))


class _Paragraph(msgspec.Struct, frozen=True):
    """Lines that belong together, with the number of the first, and whether their section is about data."""

    line: int
    lines: tuple[str, ...]
    in_section: bool


def _passages(written: str, *, is_about: bool) -> Iterator[DataPassage]:
    for paragraph in _paragraphs(written, is_about=is_about):
        joined = "\n".join(paragraph.lines)
        start = 0
        for sentence in _SENTENCE.split(joined):
            if _tells_source(" ".join(sentence.split()), in_section=paragraph.in_section, is_about=is_about):
                line = paragraph.line + joined.count("\n", 0, joined.index(sentence, start))
                yield DataPassage(line, " ".join(sentence.split())[:200])
            start = joined.index(sentence, start) + len(sentence)


def _paragraphs(written: str, *, is_about: bool) -> Iterator[_Paragraph]:
    in_section, level = is_about, 0
    gathered: list[str] = []
    lines = written.splitlines()
    for number, line in enumerate([*lines, ""], start=1):
        heading = _HEADING.match(line)
        below = lines[number] if number < len(lines) else ""
        is_underlined = bool(line.strip()) and bool(_UNDERLINE.match(below)) and len(below.strip()) >= 3
        starts = heading is not None or is_underlined or not line.strip() or _ITEM.match(line) or _BIBTEX.match(line)
        if starts and gathered:
            yield _Paragraph(number - len(gathered), tuple(gathered), in_section)
            gathered = []
        if heading is not None or is_underlined:
            title = heading["title"] if heading is not None else line.strip()
            depth = line.index(" ") if heading is not None else 1
            # A section of a section on data is about data too.
            if not (in_section and level and depth > level):
                in_section, level = is_about or bool(_HEADING_WORD.search(title)), depth
        elif line.strip() and not _BIBTEX.match(line):
            gathered.append(line)


def _tells_source(sentence: str, *, in_section: bool, is_about: bool) -> bool:
    label = _LABEL.match(sentence)
    if label is not None and in_section:
        return not _BLANK.search(label["value"])
    if _BLANK.search(sentence):
        return False
    read = _PICTURE.sub("", sentence)
    link = _LINK.search(read)
    if link is not None and _DATA_HOST.search(read):
        return True
    if in_section and _DOI.search(read):
        return True
    says, names = _SOURCE.search(read) is not None, _WORD.search(read) is not None
    if in_section and says and (is_about or names):
        return True
    return link is not None and names and (says or is_about or _NAMED.search(read) is not None)
