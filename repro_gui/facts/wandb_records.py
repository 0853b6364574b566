"""The file that Weights & Biases keeps of a run, `run-ID.wandb`: what it says of the run, of its bytes alone.

Its frame is that of LevelDB's log: blocks of 32 KiB with pieces of records, each with CRC-32, length and kind, after a
header of seven bytes. The records are messages of protobuf. No library reads the frame without LevelDB itself, and
for a dozen fields of the messages the wire format is a page, where their schema and the library would be two megabytes.

Sources: LevelDB, `doc/log_format.md`; Protocol Buffers, “Encoding”; wandb 0.31, `wandb/proto/wandb_internal.proto` (the
numbers of the fields below).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence

import msgspec

BLOCK = 32 * 1024
_START = b":W&B\xe1\xbe\x00"
_FRAME = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = range(1, 5)
_LARGEST_RECORD = 16 * 1024 * 1024
_MOST_NAMES = 5_000
_LONGEST_VALUE = 500
_DEEPEST = 20

# Fields of `Record`.
_HISTORY, _SUMMARY, _CONFIG, _ARTIFACT, _RUN, _EXIT, _USED_ARTIFACT, _ENVIRONMENT = 2, 3, 5, 8, 17, 18, 25, 26


class WandbRun(msgspec.Struct, frozen=True):
    """What the file of a run says: values by top-level name as they are shown, names of W&B itself left out.

    `is_whole` is false where bytes were damaged or not read: then what is not here may be there. `is_begun` is whether
    the run itself is recorded, `is_finished` its end. `data` are artifacts that the run used, with their digests.
    """

    run_id: str = ""
    name: str = ""
    started: int = 0
    commit: str | None = None
    parameters: Mapping[str, str] = {}
    metrics: Mapping[str, str] = {}
    data: Mapping[str, str] = {}
    is_begun: bool = False
    is_finished: bool = False
    is_whole: bool = True


class _MalformedError(ValueError):
    """Bytes that are no message."""


def read_wandb_file(pieces: Sequence[bytes]) -> WandbRun | None:
    """Read a file from its first bytes and, where some between are left out, its last ones from a block's start.

    None for what is no such file. An end in the middle of a record is that of a run that is going on.
    """
    if not pieces or not pieces[0].startswith(_START):
        return None
    reader = _Reader()
    if len(pieces) > 1:
        reader.is_whole = False
    for number, piece in enumerate(pieces):
        for record in _records(piece, 0 if number else len(_START)):
            if record is None:
                reader.is_whole = False
                continue
            try:
                reader.take(record)
            except (_MalformedError, RecursionError):
                reader.is_whole = False
    return reader.run()


def one_run(parts: Iterable[WandbRun]) -> WandbRun | None:
    """One run from its files, in the order of time: a run that was resumed has one for each part."""
    found: WandbRun | None = None
    for part in parts:
        if found is None:
            found = part
            continue
        found = WandbRun(
            found.run_id or part.run_id,
            part.name or found.name,
            found.started or part.started,
            part.commit or found.commit,
            {**found.parameters, **part.parameters},
            {**found.metrics, **part.metrics},
            {**found.data, **part.data},
            is_begun=found.is_begun or part.is_begun,
            is_finished=part.is_finished,
            is_whole=found.is_whole and part.is_whole and found.is_begun,
        )
    return found


# ------------------------------------------------------------------------------------------------------------ the frame


def _records(content: bytes, position: int) -> Iterator[bytes | None]:
    """Each record, None where something is damaged; reading goes on at the next block."""
    pending: bytearray | None = None
    while position + _FRAME.size <= len(content):
        left = BLOCK - position % BLOCK
        if left < _FRAME.size:
            position += left
            continue
        checksum, length, kind = _FRAME.unpack_from(content, position)
        start, end = position + _FRAME.size, position + _FRAME.size + length
        is_sound = _FULL <= kind <= _LAST and length <= left - _FRAME.size
        if is_sound and end > len(content):
            return
        piece = content[start:end]
        if not is_sound or zlib.crc32(piece, zlib.crc32(bytes((kind,)))) != checksum:
            # Zeros are room that was set aside, not damage.
            if checksum or length or kind:
                yield None
            pending = None
            position += left
            continue
        position = end
        if kind == _FULL:
            pending = None
            yield piece
        elif kind == _FIRST:
            pending = bytearray(piece)
        elif pending is not None:  # else its beginning is in what was not read
            pending += piece
            if len(pending) > _LARGEST_RECORD:
                yield None
                pending = None
            elif kind == _LAST:
                yield bytes(pending)
                pending = None


# --------------------------------------------------------------------------------------------------------- the messages


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            break
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _MalformedError


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer, or bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == 2:
            length, position = _varint(message, position)
        elif kind in {1, 5}:
            length = 8 if kind == 1 else 4
        else:
            raise _MalformedError
        if length > len(message) - position:
            raise _MalformedError
        yield number, message[position : position + length]
        position += length


def _messages(message: bytes, wanted: int) -> Iterator[bytes]:
    for number, value in _fields(message):
        if number == wanted and isinstance(value, bytes):
            yield value


def _text(message: bytes, wanted: int) -> str:
    return next((value.decode("utf-8", "replace") for value in _messages(message, wanted)), "")


def _number(message: bytes, wanted: int) -> int:
    return next((value for number, value in _fields(message) if number == wanted and isinstance(value, int)), 0)


# --------------------------------------------------------------------------------------------------------------- a run


class _Reader:
    """Takes records in their order; later values replace earlier ones."""

    def __init__(self) -> None:
        self.is_whole = True
        self._values: dict[int, dict[str, object]] = {_CONFIG: {}, _SUMMARY: {}, _HISTORY: {}}
        self._data: dict[str, str] = {}
        self._run_id = self._name = ""
        self._started = 0
        self._commit: str | None = None
        self._is_begun = self._is_finished = False

    def take(self, record: bytes) -> None:
        """Take one record; raises `_MalformedError`."""
        for kind, value in _fields(record):
            if not isinstance(value, bytes):
                continue
            if kind in {_CONFIG, _SUMMARY}:
                self._take_items(kind, value)
            elif kind == _HISTORY and not self._values[_SUMMARY]:
                # A summary goes with each line of the history, but for very old versions.
                self._take_items(kind, value)
            elif kind == _RUN:
                self._take_run(value)
            elif kind == _ENVIRONMENT:
                self._take_git(value, 9)
            elif kind == _EXIT:
                self._is_finished = True
            elif kind == _USED_ARTIFACT:
                self._note_data(_text(value, 3), _text(value, 1))
            elif kind == _ARTIFACT and _number(value, 10):
                self._note_data(_text(value, 5), _text(value, 6))

    def run(self) -> WandbRun:
        """What was taken so far."""
        metrics = self._values[_SUMMARY] or self._values[_HISTORY]
        return WandbRun(
            self._run_id,
            self._name,
            self._started,
            self._commit,
            _shown_names(self._values[_CONFIG]),
            _shown_names(metrics),
            self._data,
            is_begun=self._is_begun,
            is_finished=self._is_finished,
            is_whole=self.is_whole,
        )

    def _take_run(self, message: bytes) -> None:
        self._is_begun = True
        self._run_id = _text(message, 1)
        self._name = _text(message, 8)
        for config in _messages(message, 4):
            self._take_items(_CONFIG, config)
        for summary in _messages(message, 5):
            self._take_items(_SUMMARY, summary)
        for time in _messages(message, 17):
            self._started = self._started or min(_number(time, 1), 2**40)
        self._commit = self._commit or ""
        self._take_git(message, 21)

    def _take_git(self, message: bytes, number: int) -> None:
        for git in _messages(message, number):
            self._commit = _text(git, 2) or self._commit or ""

    def _note_data(self, name: str, version: str) -> None:
        if name and len(self._data) < _MOST_NAMES:
            self._data[name] = version

    def _take_items(self, kind: int, message: bytes) -> None:
        removes = 0 if kind == _HISTORY else 2
        for number, item in _fields(message):
            if number not in {1, removes} or not isinstance(item, bytes):
                continue
            keys = [part.decode("utf-8", "replace") for part in _messages(item, 2)] or [_text(item, 1)]
            table, last = _table_of(self._values[kind], keys)
            if number == 1 and (last in table or len(table) < _MOST_NAMES):
                table[last] = _value(_text(item, 16))
            elif number != 1:
                table.pop(last, None)


def _table_of(values: dict[str, object], keys: Sequence[str]) -> tuple[MutableMapping[str, object], str]:
    """The innermost table of a nested name, made where there is none, and the last part of the name."""
    table = values
    for key in keys[: min(len(keys) - 1, _DEEPEST)]:
        below = table.get(key)
        if not isinstance(below, dict):
            below = {}
            if key in table or len(table) < _MOST_NAMES:
                table[key] = below
        table = below
    return table, ".".join(keys[min(len(keys) - 1, _DEEPEST) :])


def _value(written: str) -> object:
    """A scalar as it is shown; lists and tables as they are. `NaN` is no JSON, and stands there all the same."""
    try:
        found = msgspec.json.decode(written.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return written
    return found if isinstance(found, str | list | dict) else written


def _shown_names(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _shown(value) for name, value in values.items() if not name.startswith("_") and name}


def shown_json(written: str) -> str:
    """A value that stands as JSON, as it is shown."""
    return _shown(_value(written))


def _shown(value: object, depth: int = 0) -> str:
    """A value of a configuration or summary in one line: strings bare, tables and lists in the style of YAML."""
    if isinstance(value, str):
        return value[:_LONGEST_VALUE]
    if isinstance(value, list) and depth < _DEEPEST:
        return f"[{', '.join(_shown(item, depth + 1) for item in value[:50])}]"[:_LONGEST_VALUE]
    if isinstance(value, dict) and depth < _DEEPEST:
        pairs = ", ".join(f"{key}: {_shown(item, depth + 1)}" for key, item in list(value.items())[:50])
        return f"{{{pairs}}}"[:_LONGEST_VALUE]
    if isinstance(value, list | dict):
        return "…"
    return msgspec.json.encode(value).decode()[:_LONGEST_VALUE]
