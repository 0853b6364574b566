"""The two kinds of messages between windows and workers; `messages.py` says what they are for."""

from __future__ import annotations

import msgspec


class Request(msgspec.Struct, frozen=True, tag_field="request", kw_only=True):
    """Something a worker is asked to do; `number` is unique in the life of the worker."""

    number: int


class Reply(msgspec.Struct, frozen=True, tag_field="reply", kw_only=True):
    """Something a worker says about the request with this number (0: about itself)."""

    number: int
