"""What the pipeline reads, or how it is written, is not what the recorded run had.

`dvc.lock` records for each stage the command, the digests of what it read and made, and its parameters. Here they are compared
with `dvc.yaml`, the parameter files and the bytes in the work tree.

## Why it matters
The results in the project come from the recorded run. When the code, the data or a parameter is another one by now, nobody can
say which numbers belong to which version, and `dvc repro` gives others.

## How to fix it
`dvc status` lists the stages, `dvc repro` runs those that are not as recorded; then commit `dvc.lock` together with the change. When
the change cannot matter (a comment), `dvc commit STAGE` records it without a run.

## When to leave it
Between two experiments. What you publish or hand over should be a state in which nothing is left to run.

## References
- [dvc repro](https://dvc.org/doc/command-reference/repro), [dvc status](https://dvc.org/doc/command-reference/status)
- [dvc.lock](https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#dvclock-file)
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.configs import ConfigFile, Configs, Setting
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.dvc_metafiles import DvcEntry, DvcMetafile, DvcRole, DvcStage
from repro_gui.facts.dvc_states import ByteState, DvcState, dvc_states
from repro_gui.location import Location
from repro_gui.text import Text, text

_TEMPLATE = "${"


def find(data_files: DataFiles, configs: Configs) -> Iterator[Observation]:
    """One finding for each stage that is not as recorded, with everything that differs as its places."""
    pipelines = [path for path in sorted(data_files.metafiles) if posixpath.basename(path) == "dvc.yaml"]
    if not pipelines:
        yield NotApplicable(text("The project has no pipeline of DVC."))
    states = {(state.entry.location, state.entry.stage): state for state in dvc_states(data_files)}
    for path in pipelines:
        pipeline = data_files.metafiles[path]
        lock = data_files.metafiles.get(posixpath.join(posixpath.dirname(path), "dvc.lock"))
        unread = next((one for one in (pipeline, lock) if one is not None and one.reason is not None), None)
        if unread is not None:
            reason = str(unread.reason)
            yield CannotTell(
                text("{path} cannot be read: {reason}.", path=unread.path, reason=reason), Location(unread.path)
            )
        else:
            yield from _Pipeline(pipeline, lock, data_files, configs, states).observed()


class _Pipeline:
    def __init__(
        self,
        pipeline: DvcMetafile,
        lock: DvcMetafile | None,
        data_files: DataFiles,
        configs: Configs,
        states: Mapping[tuple[Location, str], DvcState],
    ) -> None:
        self._pipeline = pipeline
        self._locked = lock.stages if lock is not None else ()
        self._folders = dict(pipeline.working_folders)
        self._data_files = data_files
        self._configs = configs
        self._states = states
        self._doubts: list[CannotTell] = []
        own = {one.path for one in (pipeline, lock) if one is not None}
        self._entries = [entry for entry in data_files.entries if entry.location.path in own]

    def observed(self) -> Iterator[Observation]:
        for stage in self._pipeline.stages:
            recorded = [one for one in self._locked if one.name.split("@", 1)[0] == stage.name]
            if stage.is_frozen:
                yield Evidence(
                    text("The stage {stage} is frozen: DVC does not run it again.", stage=stage.name), stage.location
                )
                continue
            if not recorded:
                if any(entry.stage == stage.name for entry in self._pipeline.entries):
                    yield self._finding(stage.name, stage.location, text("It was never run."), ())
                continue
            for one in recorded:
                differences = list(self._differences(stage, one))
                if differences:
                    yield self._finding(one.name, one.location, differences[0].text, tuple(differences))
                elif not self._doubts:
                    yield Evidence(text("The stage {stage} is as recorded.", stage=one.name), one.location)
                yield from self._doubts
                self._doubts.clear()

    def _finding(self, name: str, place: Location, first: Text, differences: tuple[Place, ...]) -> Finding:
        wording = "The stage {stage} is not as recorded. {first}"
        return Finding(
            text(wording, stage=name, first=str(first)),
            place,
            symbol=name,
            expression=name,
            cause=f"{self._pipeline.path} {name}",
            places=differences,
            values={"stage": name, "differences": len(differences)},
        )

    def _differences(self, stage: DvcStage, recorded: DvcStage) -> Iterator[Place]:
        if stage.command and _TEMPLATE not in stage.command and stage.command.split() != recorded.command.split():
            yield Place(text("Its command is another one."), stage.location)
        of_stage = [entry for entry in self._entries if entry.stage == recorded.name]
        yield from self._dependencies(stage, of_stage)
        promised = [entry for entry in self._pipeline.entries if entry.stage == stage.name and entry.path]
        known = {entry.path for entry in of_stage if entry.role is DvcRole.OUTPUT}
        for entry in promised if stage.name == recorded.name else ():
            if entry.path not in known:
                yield Place(text("The output {path} is not recorded.", path=entry.target), entry.location)
        yield from self._parameters(stage, recorded)

    def _dependencies(self, stage: DvcStage, of_stage: list[DvcEntry]) -> Iterator[Place]:
        read = [entry for entry in of_stage if entry.role is DvcRole.DEPENDENCY]
        for target in stage.dependencies:
            if _TEMPLATE not in target and target not in {entry.target for entry in read}:
                yield Place(text("The dependency {path} is not recorded.", path=target), stage.location)
        for entry in read:
            made = self._data_files.output_paths.get(entry.path)
            if made is not None:
                # Bytes that differ from the output's own record are changed data; here the two records are compared.
                if made.digest and entry.digest and made.hash_name == entry.hash_name and made.digest != entry.digest:
                    yield Place(text("{path} was made anew since.", path=entry.target), entry.location)
                continue
            state = self._states.get((entry.location, entry.stage))
            if state is None or state.state in {ByteState.SAME, ByteState.NOT_RECORDED}:
                continue
            if state.state is not ByteState.UNKNOWN and (away := self._not_here(entry)):
                reason = text("{part}, a part of {path}, is not here.", part=away, path=entry.target)
                self._doubts.append(CannotTell(reason, entry.location))
            elif state.state is ByteState.DIFFERENT:
                yield Place(text("{path} is another one than in the recorded run.", path=entry.target), entry.location)
            elif state.state is ByteState.ABSENT:
                yield Place(text("{path}, which it reads, is not here.", path=entry.target), entry.location)
            else:
                reason = state.reason or text("{path} could not be compared.", path=entry.target)
                self._doubts.append(CannotTell(reason, entry.location))

    def _not_here(self, entry: DvcEntry) -> str:
        """Something in a folder that DVC holds and that was not pulled."""
        held = [path for path in self._data_files.output_paths if entry.path and path.startswith(f"{entry.path}/")]
        hashes = self._data_files.hashes
        return next((p for p in held if p not in hashes and not any(q.startswith(f"{p}/") for q in hashes)), "")

    def _parameters(self, stage: DvcStage, recorded: DvcStage) -> Iterator[Place]:
        folder = self._folders.get(stage.name, posixpath.dirname(self._pipeline.path))
        for group in recorded.parameters:
            path = posixpath.normpath(posixpath.join(folder, group.path))
            file = self._configs.by_path.get(path)
            reason = group.reason or (file.not_read if file is not None else None)
            if file is None:
                reason = text("It is no configuration file that is here and can be read.")
            if file is None or reason is not None:
                wording = "The parameters in {path} could not be compared. {reason}"
                self._doubts.append(CannotTell(text(wording, path=path, reason=str(reason)), recorded.location))
                continue
            for setting in group.settings:
                yield from _compared(setting, file, recorded.location.path)


def _compared(setting: Setting, file: ConfigFile, lock: str) -> Iterator[Place]:
    now = file.get(setting.key)
    if now is None:
        wording = "The parameter {key} ({before} in the recorded run) is not in {path}."
        yield Place(
            text(wording, key=setting.key, before=str(setting.value), path=file.path), Location(lock, setting.line)
        )
    elif now.value != setting.value or isinstance(now.value, bool) != isinstance(setting.value, bool):
        wording = "The parameter {key} is {now}; in the recorded run it was {before}."
        what = text(wording, key=setting.key, now=str(now.value), before=str(setting.value))
        yield Place(what, file.location(now))


_PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [lr]
    outs: [model.pkl]
"""
_LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: train.py
      hash: md5
      md5: f64702d733ae8a4833ae909c0763f188
    params:
      params.yaml:
        lr: 0.1
    outs:
    - path: model.pkl
      hash: md5
      md5: 0cc175b9c0f1b6a831c399e269772661
"""
_GOOD = {"train.py": "print('training')\n", "dvc.yaml": _PIPELINE, "dvc.lock": _LOCK, "params.yaml": "lr: 0.1\n"}

CHECK = Check(
    id="stale-pipeline",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="The pipeline is as in its recorded run",
    failure_title="The pipeline has changed since its recorded run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Run the pipeline again", None, Safety.SHOW_ONLY, Effort.HOURS),
    examples=(
        Example(bad=Sketch({**_GOOD, "params.yaml": "lr: 0.2\n"}), good=Sketch(_GOOD), fixes=False),
        Example(bad=Sketch({**_GOOD, "train.py": "print('other')\n"}), good=Sketch(_GOOD), fixes=False),
    ),
)
