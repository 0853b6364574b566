"""Values as JSON, also when a name in them is not text."""

from __future__ import annotations

from typing import Any

import msgspec

from repro_gui.text import escape_undecodable


def encode_json(value: Any) -> bytes:
    r"""A value as JSON; undecodable bytes of names are written `\xNN`."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_escaped(msgspec.to_builtins(value)))


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return escape_undecodable(value)
    if isinstance(value, dict):
        return {escape_undecodable(str(name)): _escaped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    return value
