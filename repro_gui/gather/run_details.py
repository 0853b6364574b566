"""Reads the values of one recorded run, from the files that its tracker wrote; nothing is run and no server asked."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.runs import RunDetails
from repro_gui.facts.tracking import StoreKind, names_data_version
from repro_gui.facts.wandb_records import shown_json
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.gather.files import NotRead
from repro_gui.gather.mlflow_database import MlflowRows, read_mlflow_run
from repro_gui.gather.wandb_runs import ALL_VALUES, read_run_files, run_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from repro_gui.facts.runs import RunRow
    from repro_gui.facts.tracking import RunStore, Tracking
    from repro_gui.gather.files import ProjectFiles

_LARGEST_FILE = 1024 * 1024
_MOST_NAMES = 2_000
_LONGEST_VALUE = 500
_PIN = re.compile(r"\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#\\]+)")
_LISTS = ("requirements.txt", "pip-freeze.txt", "freeze.txt")


def read_run(opened: ProjectFiles, tracking: Tracking, row: RunRow) -> RunDetails:
    """The values of a run of the table; what its store does not hold stays None."""
    store = next(store for store in tracking.stores if store.path == row.store and store.tracker == row.tracker)
    run = next(run for run in store.runs if run.run_id == row.run_id)
    details = RunDetails(row.run_id, row.name, row.store, row.tracker, row.started, run.commit)
    match store.kind:
        case StoreKind.MLFLOW_FILES:
            return _from_files(opened, store, details)
        case StoreKind.MLFLOW_SQLITE:
            rows = read_mlflow_run(opened, store.path, row.run_id)
            return details if rows is None else _from_rows(rows, details)
        case StoreKind.WANDB:
            return _from_wandb(opened, store, details)
        case _:
            return details


def _from_files(opened: ProjectFiles, store: RunStore, details: RunDetails) -> RunDetails:
    folder = next(
        (
            f"{store.path}/{experiment}/{details.run_id}"
            for experiment in _folder_names(opened, store.path)
            if opened.is_file(f"{store.path}/{experiment}/{details.run_id}/meta.yaml")
        ),
        "",
    )
    if not folder:
        return details
    parameters = dict(_values(opened, f"{folder}/params"))
    tags = dict(_values(opened, f"{folder}/tags"))
    metrics = {name: _last(value) for name, value in _values(opened, f"{folder}/metrics")}
    return msgspec.structs.replace(
        details,
        parameters=parameters,
        metrics=metrics,
        data={**_named_data(parameters, tags), **_data_sets(opened, folder)},
        environment=_environment(opened, [f"{folder}/artifacts", *_models(opened, folder)]),
    )


def _from_rows(rows: MlflowRows, details: RunDetails) -> RunDetails:
    return msgspec.structs.replace(
        details,
        parameters=rows.parameters,
        metrics=rows.metrics,
        data={**_named_data(rows.parameters, rows.tags), **rows.data},
    )


def _from_wandb(opened: ProjectFiles, store: RunStore, details: RunDetails) -> RunDetails:
    folders = run_folders(f"{store.path}/{name}" for name in _folder_names(opened, store.path)).get(details.run_id, [])
    own = read_run_files(opened, details.run_id, folders, ALL_VALUES)
    files = f"{folders[-1]}/files" if folders else store.path
    config = _yaml(opened, f"{files}/config.yaml")
    parameters: dict[str, str] | None = dict(own.parameters) if own is not None and own.is_begun else None
    if config is not None:
        parameters = parameters or {}
        for key, value in config.pairs or ():
            written = value.get("value")
            if key.text and key.text not in {"_wandb", "wandb_version"} and written is not None:
                parameters.setdefault(key.text, _scalar(written))
    metrics = dict(own.metrics) if own is not None and (own.metrics or own.is_finished) else None
    summary = opened.read(f"{files}/wandb-summary.json", _LARGEST_FILE)
    if not isinstance(summary, NotRead):
        try:
            found = msgspec.json.decode(summary, type=dict[str, msgspec.Raw])
            metrics = metrics or {}
            for name, raw in found.items():
                if name[:1] != "_":
                    metrics.setdefault(name, shown_json(bytes(raw).decode("utf-8", "replace")))
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    data = {**(own.data if own is not None else {}), **_named_data(parameters or {}, {})}
    is_told = own is not None and own.is_whole and own.is_finished
    return msgspec.structs.replace(
        details,
        parameters=parameters,
        metrics=metrics,
        data=data if data or is_told else None,
        environment=_pins(opened, f"{files}/requirements.txt"),
    )


def _named_data(parameters: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    """Parameters and tags that name a version of data."""
    return {name: value for name, value in {**tags, **parameters}.items() if names_data_version([name])}


def _data_sets(opened: ProjectFiles, folder: str) -> dict[str, str]:
    """`inputs/ID/meta.yaml` names a data set of the experiment, which has its digest."""
    found = {}
    for name in _folder_names(opened, f"{folder}/inputs"):
        source = _text_of(_yaml(opened, f"{folder}/inputs/{name}/meta.yaml"), "source_id")
        if source and "/" not in source:
            meta = _yaml(opened, f"{posixpath.dirname(folder)}/datasets/{source}/meta.yaml")
            found[_text_of(meta, "name") or source] = _text_of(meta, "digest")
    return found


def _models(opened: ProjectFiles, folder: str) -> Iterator[str]:
    """Folders of the models that a run logged: since MLflow 3 they lie beside the runs."""
    for name in _folder_names(opened, f"{folder}/outputs"):
        model = _text_of(_yaml(opened, f"{folder}/outputs/{name}/meta.yaml"), "destination_id")
        if model and "/" not in model:
            yield f"{posixpath.dirname(folder)}/models/{model}/artifacts"


def _environment(opened: ProjectFiles, folders: list[str]) -> dict[str, str] | None:
    for folder in folders:
        for place in (folder, *[f"{folder}/{name}" for name in _folder_names(opened, folder)]):
            for name in _LISTS:
                pins = _pins(opened, f"{place}/{name}")
                if pins is not None:
                    return pins
    return {}


def _pins(opened: ProjectFiles, path: str) -> dict[str, str] | None:
    content = opened.read(path, _LARGEST_FILE)
    decoded = None if isinstance(content, NotRead) else decode_text(content)
    if decoded is None:
        return None
    found = (_PIN.match(line) for line in decoded.content.splitlines()[:_MOST_NAMES])
    return {match[1].lower().replace("_", "-"): match[2] for match in found if match is not None}


def _values(opened: ProjectFiles, folder: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and content of every file of a folder; MLflow makes folders of names with a slash."""
    listed = opened.list_folder(folder)
    for entry in [] if isinstance(listed, NotRead) else listed[:_MOST_NAMES]:
        if entry.is_folder:
            if not prefix:
                yield from _values(opened, f"{folder}/{entry.name}", f"{entry.name}/")
            continue
        content = opened.read(f"{folder}/{entry.name}", _LARGEST_FILE)
        if not isinstance(content, NotRead):
            yield f"{prefix}{entry.name}", content.decode("utf-8", "replace")[-_LONGEST_VALUE * 4 :].strip()


def _last(written: str) -> str:
    """The last value of a metric: lines of time, value and step."""
    words = written.rpartition("\n")[2].split()
    return words[1] if len(words) > 1 else ""


def _scalar(node: YamlNode) -> str:
    if node.text is not None:
        return node.text[:_LONGEST_VALUE]
    if node.items is not None:
        return f"[{', '.join(_scalar(item) for item in node.items[:50])}]"[:_LONGEST_VALUE]
    pairs = ", ".join(f"{_scalar(key)}: {_scalar(value)}" for key, value in (node.pairs or [])[:50])
    return f"{{{pairs}}}"[:_LONGEST_VALUE]


def _folder_names(opened: ProjectFiles, path: str) -> list[str]:
    listed = opened.list_folder(path)
    return [] if isinstance(listed, NotRead) else [entry.name for entry in listed if entry.is_folder]


def _yaml(opened: ProjectFiles, path: str) -> YamlNode | None:
    content = opened.read(path, _LARGEST_FILE)
    decoded = None if isinstance(content, NotRead) else decode_text(content)
    root = read_yaml(decoded.content) if decoded else None
    return root if isinstance(root, YamlNode) else None


def _text_of(node: YamlNode | None, key: str) -> str:
    value = node.get(key) if node else None
    return (value.text or "") if value else ""
