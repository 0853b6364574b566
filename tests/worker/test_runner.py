"""A real runner with a real interpreter that has torch: parts, end, cancel, and what is left when it is killed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import psutil
import pytest

from repro_gui.facts.determinism import Determinism, ModeState, ProbedCase, Verdict, probe_from_json
from repro_gui.facts.probe_comparison import ProbeComparison
from repro_gui.own_folders import probe_file
from repro_gui.trust import remember_trust
from repro_gui.worker.messages import (
    BatterySaved,
    CancelledEnd,
    CaseProbed,
    CompareProbes,
    ImportProbe,
    Probe,
    Probed,
    ProbesCompared,
    ProbeView,
    ReadProbe,
    Refusal,
    Reply,
    SaveBattery,
    Step,
)
from repro_gui.worker.probe_project import keep_probe
from tests.foreign_environments import foreign_python
from tests.worker.reader_process import ReaderProcess

PROBE = Determinism(
    when="2026-01-01T00:00:00+00:00",
    fingerprint={"torch": {"torch": "2.13.0", "threads": 2}},
    cases=(ProbedCase("getitem.backward", "cpu", "float32", Verdict.STABLE_UNDER_FLAG, {}, repeats=3, distinct=2),),
)


@pytest.fixture(scope="module")
def python() -> str:
    return str(foreign_python("training"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "train.py").write_text("import torch\n")
    remember_trust(root)
    return root


def view_of(end: Reply) -> ProbeView:
    assert isinstance(end, Probed), end
    return msgspec.json.decode(Path(end.probe).read_bytes(), type=ProbeView)


def battery_of(runner: ReaderProcess) -> list[psutil.Process]:
    return psutil.Process(runner.process.pid).children(recursive=True)


def wait_for_a_case(runner: ReaderProcess, number: int) -> None:
    while True:
        reply = runner.next()
        assert reply is not None, runner.errors
        assert reply.number == number
        assert isinstance(reply, Step | CaseProbed), reply
        if isinstance(reply, CaseProbed):
            return


def test_a_probe_tells_each_case_and_is_kept(python: str, project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        number = runner.send(
            lambda number: Probe(number=number, root=str(project), interpreter=python, device="cpu", budget=4)
        )
        parts, end = runner.until_end(number)
        view = view_of(end)
        again = runner.ask(lambda number: Probe(number=number, root=str(project)))
    assert isinstance(again, Refusal)
    assert again.kind == "NotForRunners"
    told = [part for part in parts if isinstance(part, CaseProbed)]
    assert {part.mode for part in told} == {"default", "strict"}
    last = {(part.name, part.dtype, part.mode): part.result for part in told}
    for case in view.probe.cases:
        for mode, result in case.modes.items():
            if result.state is not ModeState.NOT_REACHED:
                assert last[case.name, case.dtype, mode] == result
    steps = [part for part in parts if isinstance(part, Step) and part.total]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert view.probe.controls_held
    assert view.devices[0].device == "cpu"
    assert {"getitem.backward", "index_put.accumulate"} <= {note.name for note in view.documented}
    assert probe_from_json(probe_file(project).read_bytes()) == view.probe


def test_cancel_ends_the_whole_tree_within_a_second(python: str, project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        number = runner.send(
            lambda number: Probe(number=number, root=str(project), interpreter=python, device="cpu", budget=60)
        )
        wait_for_a_case(runner, number)
        tree = battery_of(runner)
        assert tree
        runner.cancel(number)
        _parts, end = runner.until_end(number)
        assert isinstance(end, CancelledEnd)
        assert [member for member in tree if member.is_running()] == []
    assert not probe_file(project).exists()


@pytest.mark.parametrize("how", ["input ends", "killed"])
def test_nothing_survives_the_runner(python: str, project: Path, tmp_path: Path, how: str) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        number = runner.send(
            lambda number: Probe(number=number, root=str(project), interpreter=python, device="cpu", budget=60)
        )
        wait_for_a_case(runner, number)
        tree = battery_of(runner)
        assert tree
        if how == "killed":
            runner.process.kill()
        else:
            assert runner.process.stdin is not None
            runner.process.stdin.close()
        _gone, alive = psutil.wait_procs(tree, timeout=30)
        assert alive == []
        runner.process.wait(30)


def test_without_trust_nothing_runs(python: str, tmp_path: Path) -> None:
    root = tmp_path / "stranger"
    root.mkdir()
    with ReaderProcess(tmp_path, "runner") as runner:
        end = runner.ask(lambda number: Probe(number=number, root=str(root), interpreter=python, device="cpu"))
    assert isinstance(end, Refusal)
    assert end.kind == "NeedsTrust"


def test_an_interpreter_without_torch_is_refused_with_a_way_on(project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        end = runner.ask(lambda number: Probe(number=number, root=str(project)))
    assert isinstance(end, Refusal)
    assert end.kind == "NoTorch"


def test_the_reader_reads_imports_compares_and_saves(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    changed = msgspec.structs.replace(PROBE, fingerprint={"torch": {"torch": "2.12.0", "threads": 2}})
    other.write_bytes(changed.to_json())
    root = str(project)
    with ReaderProcess(tmp_path) as reader:
        assert view_of(reader.ask(lambda number: ReadProbe(number=number, root=root))).probe == Determinism()
        nothing = reader.ask(lambda number: CompareProbes(number=number, root=root, file=str(other)))
        assert isinstance(nothing, Refusal)
        keep_probe(project, PROBE)
        view = view_of(reader.ask(lambda number: ReadProbe(number=number, root=root)))
        assert view.probe == PROBE
        assert [(note.name, note.default, note.strict) for note in view.documented] == [
            ("getitem.backward", "may-vary", "steady")
        ]
        end = reader.ask(lambda number: CompareProbes(number=number, root=root, file=str(other)))
        assert isinstance(end, ProbesCompared)
        comparison = msgspec.json.decode(Path(end.comparison).read_bytes(), type=ProbeComparison)
        assert [difference.name for difference in comparison.differences] == ["torch torch"]
        imported = reader.ask(lambda number: ImportProbe(number=number, root=root, file=str(other)))
        assert view_of(imported).probe == changed
        assert probe_from_json(probe_file(project).read_bytes()) == changed
        target = tmp_path / "battery.pyz"
        saved = reader.ask(lambda number: SaveBattery(number=number, output=str(target)))
        assert isinstance(saved, BatterySaved)
        assert saved.command.startswith("python battery.pyz --alone")
        for file in (tmp_path / "missing.json", tmp_path):
            refused = reader.ask(lambda number, file=file: ImportProbe(number=number, root=root, file=str(file)))  # type: ignore[misc]
            assert isinstance(refused, Refusal), refused
        nowhere = reader.ask(lambda number: SaveBattery(number=number, output=str(tmp_path / "no" / "where.pyz")))
        assert isinstance(nowhere, Refusal)


def test_a_runner_runs_and_does_nothing_else(project: Path, tmp_path: Path) -> None:
    with ReaderProcess(tmp_path, "runner") as runner:
        end = runner.ask(lambda number: ReadProbe(number=number, root=str(project)))
        assert isinstance(end, Refusal)
        runner.quit()
        runner.process.wait(30)
