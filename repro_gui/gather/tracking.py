"""Finds the runs that experiment trackers recorded in the project and reads names from them, without a server."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.tracking import (
    RecordedRun,
    RunStore,
    StoreKind,
    Tracking,
    names_data_version,
    names_environment,
)
from repro_gui.facts.tree import EntryKind
from repro_gui.facts.wandb_records import WandbRun
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.gather.files import NotRead
from repro_gui.gather.mlflow_database import is_database, read_mlflow_database
from repro_gui.gather.wandb_runs import NAMES_ONLY, read_run_files, run_folders
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Runs beyond these are counted, not read.
_MOST_RUNS = 300
_LARGEST_FILE = 1024 * 1024
_COMMIT_TAG = "mlflow.source.git.commit"
# Stores that are recognised by their folder and not read.
_NOT_READ = {".aim": "Aim", ".neptune": "Neptune", ".guild": "Guild AI", ".clearml": "ClearML"}


def gather_tracking(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Tracking:
    """All stores of runs in the project's folder."""
    del settings, cache
    stores: list[RunStore] = []
    for path in tree.record_folders:
        progress.step(text("Looking for recorded runs"), len(stores), 0)
        name = posixpath.basename(path)
        if name == "mlruns":
            stores.append(_mlflow_files(opened, path))
        elif name == "wandb":
            stores.append(_wandb(opened, path))
        elif name in _NOT_READ:
            reason = text("{path} is not read yet.", path=path)
            stores.append(RunStore(path, StoreKind.OTHER, _NOT_READ[name], reason=reason))
    for entry in tree.entries:
        if entry.kind is EntryKind.FILE and entry.size and is_database(entry.path):
            store = read_mlflow_database(opened, entry)
            if store is not None:
                stores.append(store)
    stores.extend(_tensorboard(tree))
    stores = [store for store in stores if store.run_count != 0]
    return Tracking(tuple(sorted(stores, key=lambda store: (store.path, store.kind))))


def _mlflow_files(opened: ProjectFiles, path: str) -> RunStore:
    """`mlruns/EXPERIMENT/RUN/meta.yaml` with a file for each parameter, metric and tag."""
    folders: list[str] = []
    experiments = _folders(opened, path)
    if isinstance(experiments, NotRead):
        return RunStore(path, StoreKind.MLFLOW_FILES, "MLflow", reason=experiments.reason)
    for experiment in experiments:
        if posixpath.basename(experiment) in {".trash", "models"}:
            continue
        runs = _folders(opened, experiment)
        if not isinstance(runs, NotRead):
            folders.extend(run for run in runs if opened.is_file(f"{run}/meta.yaml"))
    read = tuple(_mlflow_run(opened, run) for run in folders[:_MOST_RUNS])
    return RunStore(path, StoreKind.MLFLOW_FILES, "MLflow", len(folders), read)


def _mlflow_run(opened: ProjectFiles, path: str) -> RecordedRun:
    meta = _yaml(opened, f"{path}/meta.yaml")
    commit = opened.read(f"{path}/tags/{_COMMIT_TAG}", _LARGEST_FILE)
    parameters = _file_names(opened, f"{path}/params")
    tags = _file_names(opened, f"{path}/tags")
    # A logged model brings its requirements; since MLflow 3 it lies beside the runs, and the run names it in `outputs`.
    has_environment = bool(_file_names(opened, f"{path}/outputs")) or names_environment(
        tags, _file_names(opened, f"{path}/artifacts")
    )
    is_elsewhere = "://" in _text_of(meta, "artifact_uri") and not _text_of(meta, "artifact_uri").startswith("file:")
    return RecordedRun(
        run_id=posixpath.basename(path),
        name=_text_of(meta, "run_name"),
        parameters=parameters,
        metrics=_file_names(opened, f"{path}/metrics"),
        commit="" if isinstance(commit, NotRead) else commit.decode("utf-8", "replace").strip(),
        started=_seconds(_text_of(meta, "start_time")),
        has_data_version=bool(_file_names(opened, f"{path}/inputs")) or names_data_version((*parameters, *tags)),
        has_environment=has_environment or (None if is_elsewhere else False),
    )


class _WandbGit(msgspec.Struct):
    commit: str = ""


class _WandbMetadata(msgspec.Struct, rename="camel"):
    git: _WandbGit | None = None


def _wandb(opened: ProjectFiles, path: str) -> RunStore:
    """`wandb/[offline-]run-DATE_TIME-ID/`: `run-ID.wandb`, and once it is synchronised `files/` with what was in it."""
    listed = _folders(opened, path)
    if isinstance(listed, NotRead):
        return RunStore(path, StoreKind.WANDB, "Weights & Biases", reason=listed.reason)
    runs = run_folders(listed)
    read = tuple(_wandb_run(opened, run, folders) for run, folders in list(runs.items())[:_MOST_RUNS])
    return RunStore(path, StoreKind.WANDB, "Weights & Biases", len(runs), read)


def _wandb_run(opened: ProjectFiles, run_id: str, folders: list[str]) -> RecordedRun:
    own = read_run_files(opened, run_id, folders, NAMES_ONLY) or WandbRun(is_whole=False)
    path = folders[-1]
    config = _yaml(opened, f"{path}/files/config.yaml")
    parameters = set(own.parameters)
    if config is not None:
        own_names = {"_wandb", "wandb_version"}
        parameters |= {key.text for key, _ in config.pairs or () if key.text and key.text not in own_names}
    metadata = opened.read(f"{path}/files/wandb-metadata.json", _LARGEST_FILE)
    commit = own.commit
    if commit is None and not isinstance(metadata, NotRead):
        try:
            found = msgspec.json.decode(metadata, type=_WandbMetadata)
            commit = found.git.commit if found.git else ""
        except (msgspec.DecodeError, UnicodeDecodeError):
            commit = None
    summary = opened.read(f"{path}/files/wandb-summary.json", _LARGEST_FILE)
    in_summary = None if isinstance(summary, NotRead) else _json_keys(summary)
    metrics = {*own.metrics, *(in_summary or ())}
    files = _file_names(opened, f"{path}/files")
    # What the run's own file does not hold is nowhere, unless part of it was not read; metrics may still come.
    is_told = own.is_begun and own.is_whole
    is_over = is_told and own.is_finished
    has_data = bool(own.data) or names_data_version(parameters)
    return RecordedRun(
        run_id=run_id,
        name=own.name,
        parameters=tuple(sorted(parameters)) if parameters or config is not None or is_told else None,
        metrics=tuple(sorted(metrics)) if metrics or in_summary is not None or is_over else None,
        commit=commit,
        started=own.started,
        # What differed from the commit is kept as a patch; without one it may be that nobody asked.
        is_dirty=True if "diff.patch" in files else None,
        has_data_version=True if has_data else False if is_over else None,
        has_environment=names_environment((), files) if files else None,
    )


def _tensorboard(tree: FileTree) -> Iterator[RunStore]:
    """Folders with event files, a run each; they hold metrics, and parameters only as their own plug-in writes them."""
    runs: dict[str, int] = {}
    for entry in tree.entries:
        if posixpath.basename(entry.path).startswith("events.out.tfevents."):
            runs[posixpath.dirname(entry.path)] = runs.get(posixpath.dirname(entry.path), 0) + 1
    stores: dict[str, list[RecordedRun]] = {}
    for folder in sorted(runs):
        stores.setdefault(folder.split("/", 1)[0], []).append(RecordedRun(folder))
    for path, found in stores.items():
        yield RunStore(path or ".", StoreKind.TENSORBOARD, "TensorBoard", len(found), tuple(found[:_MOST_RUNS]))


def _folders(opened: ProjectFiles, path: str) -> list[str] | NotRead:
    listed = opened.list_folder(path)
    if isinstance(listed, NotRead):
        return listed
    return [f"{path}/{entry.name}" for entry in listed if entry.is_folder]


def _file_names(opened: ProjectFiles, path: str) -> tuple[str, ...]:
    """Names of all files below a folder: MLflow makes folders of names with a slash."""
    listed = opened.list_folder(path)
    found: list[str] = []
    for entry in [] if isinstance(listed, NotRead) else listed:
        if entry.is_folder:
            below = opened.list_folder(f"{path}/{entry.name}")
            found += [f"{entry.name}/{inner.name}" for inner in ([] if isinstance(below, NotRead) else below)]
        else:
            found.append(entry.name)
    return tuple(found)


def _yaml(opened: ProjectFiles, path: str) -> YamlNode | None:
    content = opened.read(path, _LARGEST_FILE)
    decoded = None if isinstance(content, NotRead) else decode_text(content)
    root = read_yaml(decoded.content) if decoded else None
    return root if isinstance(root, YamlNode) else None


def _text_of(node: YamlNode | None, key: str) -> str:
    value = node.get(key) if node else None
    return (value.text or "") if value else ""


def _seconds(milliseconds: str) -> int:
    return int(milliseconds) // 1000 if milliseconds.isdecimal() and len(milliseconds) < 16 else 0


def _json_keys(content: bytes) -> tuple[str, ...] | None:
    try:
        found = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return tuple(sorted(name for name in found if not name.startswith("_")))
