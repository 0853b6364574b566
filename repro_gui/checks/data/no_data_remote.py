"""Data is under DVC, and no remote is named from which somebody else could have it.

## Why it matters
A `.dvc` file in Git says which bytes belong to the commit; the bytes themselves lie in the cache of this machine.
Without a remote nobody else can pull them, and when this disk dies neither can you.

## How to fix it
`dvc remote add -d NAME URL` (a bucket, an SSH server, a shared folder), `dvc push`, and commit `.dvc/config`. Keep
credentials out of it: `dvc remote modify --local` writes them to `.dvc/config.local`, which Git ignores. A remote
that stands only in `config.local` is known to nobody else.

## When to leave it
When every `.dvc` file is an import (`dvc import`, `dvc import-url`): then the data comes from its source.

## References
- DVC, "Remote storage": <https://dvc.org/doc/user-guide/data-management/remote-storage>
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.dvc_metafiles import DvcConfig, DvcEntry, DvcRole
from repro_gui.location import Location
from repro_gui.text import text


def find(data_files: DataFiles) -> Iterator[Observation]:
    kept = [entry for entry in data_files.entries if _needs_remote(entry)]
    if not kept:
        yield NotApplicable(text("No data in this project is kept by DVC."))
    folders: dict[str | None, list[DvcEntry]] = {}
    for entry in kept:
        folders.setdefault(_repository_of(entry, data_files), []).append(entry)
    for folder, entries in folders.items():
        if folder is None:
            yield CannotTell(
                text("The configuration of DVC lies above this folder; audit the repository's own folder."),
                entries[0].location,
            )
        else:
            yield from _observed(data_files.configs[folder], entries)


def _observed(config: DvcConfig, entries: list[DvcEntry]) -> Iterator[Observation]:
    path = posixpath.join(config.folder, ".dvc/config")
    if config.reason is not None:
        yield CannotTell(text("{path} cannot be read: {reason}", path=path, reason=str(config.reason)), Location(path))
        return
    for remote in config.remotes:
        what = text("The remote {name} is at {url}.", name=remote.name, url=remote.url)
        if remote.scheme == "local":
            what = text(
                "The remote {name} is the folder {url}: whoever reaches that folder can pull.",
                name=remote.name,
                url=remote.url,
            )
        yield Evidence(what, remote.location, {"mechanism": "dvc", "remote": remote.name, "scheme": remote.scheme})
    if config.remotes:
        if not config.default_remote and len(config.remotes) > 1 and not all(entry.remote for entry in entries):
            yield Evidence(text("None of the remotes is the default: pull with `dvc pull -r NAME`."), Location(path))
        return
    values: dict[str, str | int | float | bool | None] = {
        "outputs": len(entries),
        "only_local": bool(config.local_remotes),
    }
    if config.local_remotes:
        name = config.local_remotes[0].name
        what = text("The remote {name} stands only in config.local, which is not shared.", name=name)
        yield Finding(what, config.local_remotes[0].location, expression=config.folder, values=values)
        return
    wording = "{count} {count:piece of data is|pieces of data are} kept by DVC, and {path} names no remote."
    what = text(wording, count=len(entries), path=path)
    yield Finding(what, Location(path), expression=config.folder, values=values)


def _needs_remote(entry: DvcEntry) -> bool:
    is_kept = entry.role is DvcRole.OUTPUT and entry.is_cached and bool(entry.digest or entry.files)
    return is_kept and not entry.source


def _repository_of(entry: DvcEntry, data_files: DataFiles) -> str | None:
    folder = posixpath.dirname(entry.location.path)
    while folder not in data_files.configs:
        if not folder:
            return None
        folder = posixpath.dirname(folder)
    return folder


_RECORD = "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  size: 1\n  hash: md5\n  path: train.csv\n"
_REMOTE = "[core]\n    remote = store\n['remote \"store\"']\n    url = s3://bucket/project\n"

CHECK = Check(
    id="no-data-remote",
    pillar=Pillar.DATA,
    weight=Weight.SHOULD,
    title="Data under DVC can be pulled from a remote",
    failure_title="Data under DVC has no remote",
    explanation=__doc__,
    find=find,
    fix=Fix("Add a remote", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch({"train.py": "", "data/train.csv.dvc": _RECORD, ".dvc/config": "[core]\n"}),
            good=Sketch({"train.py": "", "data/train.csv.dvc": _RECORD, ".dvc/config": _REMOTE}),
            fixes=False,
        ),
    ),
)
