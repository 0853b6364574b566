"""Asks a lakeFS server for the commit of a branch, through the official client and with the person's own configuration.

The client (`lakefs`, an optional extra) reads `~/.lakectl.yaml` and the `LAKECTL_…` variables by itself; nothing of the project tells it
where to go. A request waits ten seconds, all of them together twenty.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from typing import TYPE_CHECKING, Any

from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.lookup import LakefsCommit
    from repro_gui.progress import Progress

_REQUEST_SECONDS = 10.0
_SECONDS = 20.0
_NOT_FOUND = 404
_BY_HAND = "Run `lakectl branch show lakefs://{repository}/{ref}`, and write the commit by hand."


def ask_for_commit(
    lookup: LakefsCommit, progress: Progress, seconds: float = _SECONDS, request_seconds: float = _REQUEST_SECONDS
) -> str | Unavailable:
    """The commit that the branch has now; a tag, which does not move, is `Unavailable` with that reason."""
    by_hand = text(_BY_HAND, repository=lookup.repository, ref=lookup.ref)
    if importlib.util.find_spec("lakefs") is None:
        return Unavailable(
            text("The client of lakeFS is not installed beside Repro GUI (the package lakefs)."), by_hand
        )
    found: list[str | Unavailable] = []

    def work() -> None:
        found.append(_guarded(lambda: _ask(lookup, request_seconds), lookup))

    # The client has no call to end a request from outside: its thread is left to its own time-out.
    asking = threading.Thread(target=work, name="ask-lakefs", daemon=True)
    asking.start()
    deadline = time.monotonic() + seconds
    while asking.is_alive() and time.monotonic() < deadline:
        progress.step(text("Asking the lakeFS server"), 0, 0)
        asking.join(0.05)
    if not found:
        return Unavailable(text("The lakeFS server did not answer in {seconds} seconds.", seconds=seconds), by_hand)
    return found[0]


def _ask(lookup: LakefsCommit, seconds: float) -> str | Unavailable:
    from lakefs.client import Client  # type: ignore[import-not-found, unused-ignore]

    client = Client()
    # Once is enough: whoever asked waits.
    client.config.retries = False
    sdk: Any = client.sdk_client
    wait = (seconds, seconds)
    try:
        return str(sdk.branches_api.get_branch(lookup.repository, lookup.ref, _request_timeout=wait).commit_id)
    except Exception as error:
        if getattr(error, "status", None) != _NOT_FOUND:
            raise
    try:
        sdk.tags_api.get_tag(lookup.repository, lookup.ref, _request_timeout=wait)
    except Exception as error:
        if getattr(error, "status", None) != _NOT_FOUND:
            raise
        return Unavailable(
            text("The server knows no branch {ref} in {repository}.", ref=lookup.ref, repository=lookup.repository),
            text("Check the address, or that your configuration names the right server."),
        )
    return Unavailable(
        text("{ref} is a tag, which does not move.", ref=lookup.ref), text("Leave it, and waive the finding.")
    )


def _guarded(ask: Callable[[], str | Unavailable], lookup: LakefsCommit) -> str | Unavailable:
    """What the client raises, as a sentence; its own texts may hold addresses and credentials, and are left out."""
    by_hand = text(_BY_HAND, repository=lookup.repository, ref=lookup.ref)
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 -- whatever the client raises is its answer
        status = getattr(error, "status", None) or getattr(error, "status_code", None)
        kind = type(error).__name__
        if kind == "NoAuthenticationFound":
            return Unavailable(
                text("No lakeFS server is configured for you."), text("Run `lakectl config`, then try again.")
            )
        if isinstance(status, int):
            return Unavailable(text("The lakeFS server refused the request (status {status}).", status=status), by_hand)
        return Unavailable(text("The lakeFS server could not be asked ({kind}).", kind=kind), by_hand)
