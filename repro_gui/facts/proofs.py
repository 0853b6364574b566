"""What running the project twice showed."""

from __future__ import annotations

import msgspec


class Proof(msgspec.Struct, frozen=True):
    """Two runs of one command, compared.

    `when` is ISO 8601 in UTC, `commit` the one that ran. `is_equal` is None when the comparison could not be
    finished. `difference` names the first difference in one line.
    """

    when: str
    command: tuple[str, ...]
    commit: str = ""
    is_equal: bool | None = None
    difference: str = ""


class Proofs(msgspec.Struct, frozen=True):
    """All proofs kept for this project, oldest first; empty when nobody has run it twice."""

    runs: tuple[Proof, ...] = ()
