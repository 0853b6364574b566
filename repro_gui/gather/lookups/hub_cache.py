"""Reads which commit this machine's cache of the Hugging Face hub has; nothing is imported, fetched or written.

The layout is that of huggingface_hub: `models--ORGANISATION--NAME/refs/BRANCH` holds the commit that was fetched last, and
`snapshots/COMMIT` its files (https://huggingface.co/docs/huggingface_hub/guides/manage-cache).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_gui.facts.lookup import HubRevision

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"(?!.*\.\.)[\w][\w.-]*(/[\w][\w.-]*)?")
_REVISION = re.compile(r"(?!.*\.\.)[\w][\w./-]*")


def cached_commit(lookup: HubRevision, environment: Mapping[str, str] | None = None) -> str | Unavailable:
    """The commit of a branch or tag as it was fetched last; `environment` is this program's own when left out."""
    steps = text("Fetch it once on this machine, or take the commit from its page on the hub, under History.")
    if not _NAME.fullmatch(lookup.repository) or not _REVISION.fullmatch(lookup.revision):
        return Unavailable(text("{name} is no name of the hub.", name=lookup.repository), steps)
    cache = hub_cache_folder(os.environ if environment is None else environment)
    folder = cache / f"{lookup.kind}s--{lookup.repository.replace('/', '--')}"
    try:
        with (folder / "refs" / lookup.revision).open("rb") as file:
            commit = file.read(64).decode("ascii", "replace").strip()
        is_whole = bool(_COMMIT.fullmatch(commit)) and (folder / "snapshots" / commit).is_dir()
    except OSError:
        commit, is_whole = "", False
    if not is_whole:
        reason = "This machine's cache of the hub has no commit of {name} ({revision})."
        return Unavailable(text(reason, name=lookup.repository, revision=lookup.revision), steps)
    return commit


def hub_cache_folder(environment: Mapping[str, str]) -> Path:
    """Where huggingface_hub keeps what it fetched, by the variables that it reads, in its order."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if environment.get(name):
            return Path(environment[name]).expanduser()
    if environment.get("HF_HOME"):
        return Path(environment["HF_HOME"]).expanduser() / "hub"
    caches = environment.get("XDG_CACHE_HOME")
    return (Path(caches).expanduser() if caches else Path.home() / ".cache") / "huggingface" / "hub"
