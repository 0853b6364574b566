"""Runs the determinism battery in another interpreter, one process per mode, and survives whatever a case does to it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.determinism import Budget, Determinism, ModeResult, ModeState
from repro_gui.probe.mode_run import Key, Mode, ModeRun, NoProbe, ProbeWish, Steps, read_record, run_battery
from repro_gui.probe.verdicts import COLD, DEFAULT, FRESH, STRICT, WARM, is_control, judge_case, judge_controls
from repro_gui.text import Text, text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from repro_gui.facts.known_determinism import DocumentedDeterminism
    from repro_gui.progress import Progress

_PACKAGE = Path(__file__).parent / "battery"


def battery_file() -> bytes:
    """The battery as one file that any Python from 3.8 on runs: the same bytes for the same version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {f"battery/{path.name}": path.read_bytes() for path in sorted(_PACKAGE.glob("*.py"))}
        parts["__main__.py"] = b"import runpy\n\nrunpy.run_module('battery', run_name='__main__')\n"
        for name, content in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def run_probe(
    wish: ProbeWish,
    table: DocumentedDeterminism,
    machine: dict[str, Any],
    when: dt.datetime,
    folder: Path,
    progress: Progress,
    on_case: Callable[[str, str, str, ModeResult], None] = lambda *_: None,
) -> Determinism:
    """Run every mode and judge; `folder` is an empty temporary one, `machine` the fingerprint that goes into the result.

    `on_case` hears (name, dtype, mode, result) live. Raises `NoProbe`, `NeedsTrust`, `Cancelled`.
    """
    battery = folder / "battery.pyz"
    battery.write_bytes(battery_file())
    listed = _list_cases(wish, battery, folder, progress)
    seen: dict[Key, dict[str, ModeResult]] = {key: {} for key in listed}
    fingerprint: dict[str, Any] = dict(machine)
    modes = _modes(wish, folder)
    cases = {
        mode.name: [key for key, compiles in listed.items() if compiles or not mode.is_compiling] for mode in modes
    }
    total, before, starting = sum(map(len, cases.values())), 0, 0.0
    used = {True: 0.0, False: 0.0}
    for number, mode in enumerate(modes):
        run = ModeRun(wish, battery, folder, mode, Steps(progress, mode.name, before, total), is_first=number == 0)
        run.run(cases[mode.name], _seconds(wish, modes, number, used), on_case)
        for key, result in run.results.items():
            seen[key][mode.name] = result
        if mode.name == DEFAULT:
            fingerprint["torch"] = run.start
        used[mode in modes[:2]] += run.used
        starting += run.starting
        before += len(cases[mode.name])
    budget = Budget(wish.budget, round(used[True], 2), round(starting, 2))
    return _judged(seen, wish.device, fingerprint, table, when, budget)


def _seconds(wish: ProbeWish, modes: list[Mode], number: int, used: dict[bool, float]) -> float:
    """The part of the time left that the weight of a mode stands for; the first two have a budget of their own."""
    is_usual = number < 2
    left = (wish.budget if is_usual else wish.thorough_budget) - used[is_usual]
    waiting = modes[number:2] if is_usual else modes[number:]
    return max(1.0, left * modes[number].weight / sum(mode.weight for mode in waiting))


def probe_from_lines(content: bytes, table: DocumentedDeterminism, when: dt.datetime) -> Determinism:
    """What the battery wrote when it ran alone on another machine; raises `NoProbe` when these are not its lines."""
    seen: dict[str, dict[tuple[str, str], dict[str, ModeResult]]] = {}
    fingerprint: dict[str, Any] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        record = read_record(line)
        if record.get("kind") == "start" and record.get("mode") == DEFAULT:
            # Later devices know more: the GPU and its libraries.
            fingerprint = {
                "system": record.get("system", ""),
                "architecture": record.get("architecture", ""),
                "torch": {**fingerprint.get("torch", {}), **record},
            }
        if record.get("kind") == "case" and record.get("state") != "begun":
            key = (str(record.get("name", "")), str(record.get("dtype", "")))
            results = seen.setdefault(str(record.get("device", "")), {}).setdefault(key, {})
            results[str(record.get("mode", ""))] = _result(record)
    if not fingerprint or not seen:
        raise NoProbe(
            text("This file holds no lines of the battery."), text("Choose the file that `--alone FILE` wrote.")
        )
    probes = [_judged(cases, device, fingerprint, table, when, Budget(0, 0, 0)) for device, cases in seen.items()]
    return join_probes(probes)


def _result(record: dict[str, Any]) -> ModeResult:
    try:
        return msgspec.convert(record, ModeResult, strict=False)
    except msgspec.ValidationError as error:
        raise NoProbe(
            text("A line of this file is not one of the battery ({reason}).", reason=str(error)),
            text("Let the battery write the file again, and copy all of it."),
        ) from error


def join_probes(probes: Sequence[Determinism]) -> Determinism:
    """The probes of several devices of one machine as one."""
    first, *rest = probes
    for other in rest:
        torch = {**first.fingerprint.get("torch", {}), **other.fingerprint.get("torch", {})}
        first = msgspec.structs.replace(
            first,
            fingerprint={**first.fingerprint, "torch": torch},
            controls=(*first.controls, *other.controls),
            cases=(*first.cases, *other.cases),
            budget=Budget(
                first.budget.asked + other.budget.asked,
                round(first.budget.used + other.budget.used, 2),
                round(first.budget.starting + other.budget.starting, 2),
            ),
            why_not=first.why_not or other.why_not,
            remarks=tuple(dict.fromkeys((*first.remarks, *other.remarks))),
        )
    return first


def _judged(
    seen: dict[tuple[str, str], dict[str, ModeResult]],
    device: str,
    fingerprint: dict[str, Any],
    table: DocumentedDeterminism,
    when: dt.datetime,
    budget: Budget,
) -> Determinism:
    torch = str(fingerprint.get("torch", {}).get("torch", ""))
    # A device of torch that calls itself cuda may be AMD's.
    backend = fingerprint.get("torch", {}).get("backend", "") if device != "cpu" else "cpu"
    # Where nothing was reached (a GPU was lost before), there is nothing that a control could vouch for.
    tried = {
        mode
        for results in seen.values()
        for mode, result in results.items()
        if result.state is not ModeState.NOT_REACHED
    }
    controls = judge_controls(
        (name, device, mode, result)
        for (name, _), results in seen.items()
        if is_control(name)
        for mode, result in results.items()
        if mode in tried
    )
    return Determinism(
        when=when.isoformat(timespec="seconds"),
        fingerprint=fingerprint,
        controls=controls,
        budget=budget,
        cases=tuple(
            judge_case(name, device, dtype, results, table, torch)
            for (name, dtype), results in seen.items()
            if not is_control(name)
        ),
        why_not=None
        if controls and all(control.held for control in controls)
        else text("A control of the battery came out wrong, so no verdict counts."),
        remarks=_remarks(str(backend)),
    )


# What the modes of one device are tried for: nothing of them but the CPU was measured by the people who made this.
_UNTRIED = {
    "cuda": "On CUDA the battery has not been tried by its makers, and the table is what torch documents.",
    "rocm": "On ROCm the battery has not been tried by its makers, and the table says nothing about it.",
    "mps": "On Apple's GPUs the battery has not been tried by its makers, and the table says nothing about them.",
}


def _remarks(backend: str) -> tuple[Text, ...]:
    return (text(_UNTRIED[backend]),) if backend in _UNTRIED else ()


def _modes(wish: ProbeWish, folder: Path) -> list[Mode]:
    """The modes in their order; the strict one gets what the default mode left."""
    modes = [Mode(DEFAULT, weight=0.55), Mode(STRICT, weight=0.45)]
    if not wish.thorough:
        return modes
    modes += [Mode("warn"), Mode(FRESH)]
    if wish.device == "cpu":
        modes += [Mode("threads:1"), Mode("threads:2"), Mode("threads:4")]
        modes += [Mode("capability:avx2", {"ATEN_CPU_CAPABILITY": "avx2"})]
    elif wish.device.startswith("cuda"):
        modes += [Mode("benchmark"), Mode("tf32"), Mode("no-tf32"), Mode("stream")]
        modes += [Mode("workspace", {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"})]
    # Last, with what the others leave: compiling takes seconds a case. The second run finds what the first has built.
    built = {"TORCHINDUCTOR_CACHE_DIR": str(folder / "compiled"), "TORCHINDUCTOR_FX_GRAPH_CACHE": "1"}
    return [*modes, Mode(COLD, built, 3.0), Mode(WARM, built, 1.5)]


def _list_cases(wish: ProbeWish, battery: Path, folder: Path, progress: Progress) -> dict[Key, bool]:
    """The cases, and whether the modes of torch.compile have them too."""
    lines: list[dict[str, Any]] = []
    run_battery(wish, battery, ["--list"], folder, {}, progress, lambda line: lines.append(read_record(line)))
    found = {(line["name"], line["dtype"]): bool(line["compiles"]) for line in lines if line.get("kind") == "listed"}
    if not found:
        raise NoProbe(
            text("The interpreter could not run the battery."), text("Choose a Python of version 3.8 or newer.")
        )
    return found
