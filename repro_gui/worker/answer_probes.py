"""What workers do for the requests about probes; all but the probe itself are quick enough for the reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.facts.determinism import Determinism, ModeResult
from repro_gui.facts.known_determinism import DocumentedOperation
from repro_gui.facts.probe_comparison import compare_probes
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.determinism import gather_determinism
from repro_gui.gather.machine import describe_machine
from repro_gui.knowledge import load_knowledge
from repro_gui.probe.make_interpreter import made_interpreter, make_interpreter
from repro_gui.progress import Progress
from repro_gui.text import text
from repro_gui.worker import messages as m
from repro_gui.worker.exchange import Exchange
from repro_gui.worker.probe_project import (
    alone_command,
    import_probe,
    plan_own_interpreter,
    probe_project,
    save_battery,
)
from repro_gui.worker.project_settings import read_settings

_Answer = Callable[[Any, Progress], m.Reply]
# A saved probe has some hundred kilobytes; something a hundred times larger is none.
_MOST_BYTES = 64 * 1024 * 1024


class NoSuchProbe(ReproGuiError):
    """A file with a probe, or the kept one, cannot be had."""


def answers_about_probes(exchange: Exchange) -> dict[type[m.Request], _Answer]:
    """What answers each of the quick requests."""

    def read_probe(request: m.ReadProbe, _progress: Progress) -> m.Reply:
        return probed(request.number, _kept(request.root), exchange)

    def take_in(request: m.ImportProbe, _progress: Progress) -> m.Reply:
        return probed(request.number, import_probe(Path(request.root), _bytes_of(request.file)), exchange)

    def compare(request: m.CompareProbes, _progress: Progress) -> m.Reply:
        kept = _kept(request.root)
        if not kept.cases:
            raise NoSuchProbe(text("There is no probe of this machine yet."), text("Probe it, then compare."))
        # Not kept: it is only looked at.
        comparison = compare_probes(kept, import_probe(None, _bytes_of(request.file)))
        path = exchange.write("comparison.json", msgspec.json.encode(comparison))
        return m.ProbesCompared(number=request.number, comparison=path)

    def save(request: m.SaveBattery, _progress: Progress) -> m.Reply:
        target = Path(request.output)
        save_battery(target)
        return m.BatterySaved(number=request.number, path=str(target), command=alone_command(target))

    return {m.ReadProbe: read_probe, m.ImportProbe: take_in, m.CompareProbes: compare, m.SaveBattery: save}


def answer_probe(request: m.Probe, send: Callable[[m.Reply], None], exchange: Exchange, progress: Progress) -> m.Reply:
    """Probe, and tell each case as it comes."""
    root = Path(request.root)
    settings = read_settings(root)
    if request.interpreter:
        settings = msgspec.structs.replace(settings, interpreter=request.interpreter)

    def tell(device: str, name: str, dtype: str, mode: str, result: ModeResult) -> None:
        send(m.CaseProbed(number=request.number, name=name, dtype=dtype, device=device, mode=mode, result=result))

    probe = probe_project(
        root,
        settings,
        progress,
        device=request.device,
        budget=request.budget,
        thorough=request.thorough,
        on_case=tell,
    )
    return probed(request.number, probe, exchange)


def answer_plan_interpreter(request: m.PlanInterpreter, progress: Progress) -> m.Reply:
    """Say what an interpreter with torch would take."""
    planned = plan_own_interpreter(progress)
    return m.InterpreterPlanned(number=request.number, **msgspec.structs.asdict(planned))


def answer_make_interpreter(request: m.MakeInterpreter, progress: Progress) -> m.Reply:
    """Make it; what was there before stays until it is whole."""
    return m.InterpreterMade(number=request.number, path=make_interpreter(progress))


def probed(number: int, probe: Determinism, exchange: Exchange) -> m.Probed:
    """The end of a request that gives a probe: written with what is documented of its operations."""
    machine = describe_machine()
    view = m.ProbeView(
        probe=probe,
        documented=tuple(_documented(probe)),
        devices=(
            m.ProbeDevice("cpu", machine.cpu.model),
            *(m.ProbeDevice(f"cuda:{index}", gpu.model) for index, gpu in enumerate(machine.gpus)),
        ),
        no_gpu=machine.gpu_reason,
        made=made_interpreter(),
    )
    return m.Probed(number=number, probe=exchange.write("probe.json", msgspec.json.encode(view)))


def _documented(probe: Determinism) -> list[m.DocumentedNote]:
    table = load_knowledge().determinism
    torch = str((probe.fingerprint.get("torch") or {}).get("torch", ""))
    named = dict.fromkeys((case.name, case.device) for case in probe.cases)
    found = {key: table.about(*key, torch) for key in named}
    return [_note(*key, entry) for key, entry in found.items() if entry is not None]


def _note(name: str, device: str, entry: DocumentedOperation) -> m.DocumentedNote:
    return m.DocumentedNote(name, device, entry.default.value, entry.strict.value, entry.replacement, entry.source)


def _kept(root: str) -> Determinism:
    kept = gather_determinism(root)
    if isinstance(kept, Unavailable):
        raise NoSuchProbe(kept.reason, kept.mend or text("Probe this machine again."))
    return kept


def _bytes_of(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise NoSuchProbe(
            text("{path} cannot be read ({reason}).", path=path, reason=error.strerror or ""),
            text("Choose a file that exists and that you may read."),
        ) from error
    if len(content) > _MOST_BYTES:
        raise NoSuchProbe(
            text("{path} is too large for a probe.", path=path),
            text("Choose the file that the battery or `repro-gui probe --format json` wrote."),
        )
    return content
