"""Asks a registry which digest a tag has: one HEAD request, with the anonymous token that public registries hand out.

Source: OCI Distribution Specification, “Pulling manifests”; Docker's “Token authentication specification”.
"""

from __future__ import annotations

import http.client
import json
import queue
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

from repro_gui.facts.image_edits import DOCKER_HUB, registry_of
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import ImageDigest
    from repro_gui.progress import Progress

_SECONDS = 10.0
_TURN = 0.05
_HUB = "registry-1.docker.io"
_ACCEPTED = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")
_MOST_BYTES = 1024 * 1024


def ask_for_digest(lookup: ImageDigest, progress: Progress) -> str | Unavailable:
    """The digest; `Unavailable` when the registry does not answer in time, or does not let everybody read."""
    host, repository = registry_of(lookup.image)
    tag = lookup.tag or "latest"
    by_hand = text("`docker buildx imagetools inspect {image}` shows the digest.", image=f"{lookup.image}:{tag}")
    if not (_HOST.fullmatch(host) and _REPOSITORY.fullmatch(repository) and _TAG.fullmatch(tag)):
        return Unavailable(text("{image} is no name that a registry knows.", image=lookup.image), by_hand)
    try:
        found = _patiently(lambda: _digest(host, repository, tag), progress, host)
    except _Refused as error:
        return Unavailable(text("{host} did not tell the digest ({reason}).", host=host, reason=str(error)), by_hand)
    return found


class _Refused(Exception):
    """The registry does not say."""


def _patiently(ask: Callable[[], str], progress: Progress, host: str) -> str:
    """The answer of a question that waits for the network, in a thread of its own: a cancel need not wait for it."""
    answered: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answered.put(ask())
        except (OSError, http.client.HTTPException, ValueError) as error:
            answered.put(_Refused(_reason(error)))
        except _Refused as error:
            answered.put(error)

    threading.Thread(target=work, daemon=True).start()
    while True:
        progress.step(text("Asking {host}", host=host), 0, 0)
        try:
            found = answered.get(timeout=_TURN)
        except queue.Empty:
            continue
        if isinstance(found, Exception):
            raise found
        return found


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__


def _digest(host: str, repository: str, tag: str) -> str:
    # As Docker does it: what runs on this very machine may speak plain HTTP.
    is_here = host.partition(":")[0] in {"localhost", "127.0.0.1"}
    address = _HUB if host == DOCKER_HUB else host
    url = f"{'http' if is_here else 'https'}://{address}/v2/{repository}/manifests/{tag}"
    try:
        return _head(url, "")
    except urllib.error.HTTPError as error:
        if error.code != http.client.UNAUTHORIZED:
            raise
        asked = error.headers.get("WWW-Authenticate", "")
        error.close()
    return _head(url, _token(asked, repository, is_here=is_here))


def _head(url: str, token: str) -> str:
    headers = {"Accept": _ACCEPTED}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, method="HEAD", headers=headers)  # noqa: S310 -- made above from checked parts
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        digest = str(answer.headers.get("Docker-Content-Digest", ""))
    if not _DIGEST.fullmatch(digest):
        message = "it names no digest"
        raise _Refused(message)
    return digest


def _token(asked: str, repository: str, *, is_here: bool) -> str:
    """An anonymous token for reading, from where the registry says."""
    scheme, _, rest = asked.partition(" ")
    parameters = dict(_PARAMETER.findall(rest))
    realm = parameters.get("realm", "")
    if scheme.lower() != "bearer" or not realm.startswith(("https://", "http://") if is_here else "https://"):
        message = "it wants a password"
        raise _Refused(message)
    wanted = {"scope": parameters.get("scope") or f"repository:{repository}:pull"}
    if "service" in parameters:
        wanted["service"] = parameters["service"]
    url = f"{realm}{'&' if '?' in realm else '?'}{urllib.parse.urlencode(wanted)}"
    with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 -- https, or this machine
        told = json.loads(answer.read(_MOST_BYTES))
    token = told.get("token") or told.get("access_token") if isinstance(told, dict) else ""
    if not isinstance(token, str) or not token:
        message = "it gave no token"
        raise _Refused(message)
    return token
