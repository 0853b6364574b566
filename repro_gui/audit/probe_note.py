"""What of the last determinism probe goes into the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from repro_gui.audit.report import ProbedOperation, ProbeNote
from repro_gui.facts.determinism import Verdict
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_gui.audit.report import CheckResult
    from repro_gui.facts.determinism import Determinism

# What is told one by one, in this order; the others are counted.
_TOLD = (
    Verdict.VARIES,
    Verdict.FLAG_IGNORED,
    Verdict.DISAGREES_WITH_TABLE,
    Verdict.STABLE_UNDER_FLAG,
    Verdict.RAISES,
)
_OF_MACHINE = ("cpu", "system", "architecture", "gpu_driver")
_OF_TORCH = ("torch", "python", "capability", "threads", "cuda", "hip", "cudnn", "nccl", "environment")
# The checks whose findings name the case of the battery that a line of the project runs.
_CHECKS = ("unstable-on-this-machine", "nondeterministic-operation")
_LONGEST = 300


def note_of_probe(determinism: Determinism | Unavailable, results: Sequence[CheckResult]) -> ProbeNote | None:
    """The note, with the places that the checks found; None where nothing was probed."""
    if isinstance(determinism, Unavailable) or not determinism.cases:
        return None
    used = _used(results)
    told = sorted(
        (case for case in determinism.cases if case.verdict in _TOLD), key=lambda case: _TOLD.index(case.verdict)
    )
    counts = Counter(case.verdict for case in determinism.cases)
    return ProbeNote(
        when=determinism.when,
        fingerprint=_short(determinism.fingerprint),
        devices=tuple(dict.fromkeys(case.device for case in determinism.cases)),
        controls=len(determinism.controls),
        controls_held=determinism.controls_held,
        budget=determinism.budget,
        counts={verdict.value: counts[verdict] for verdict in Verdict if counts[verdict]},
        operations=tuple(
            ProbedOperation(
                name=case.name,
                dtype=case.dtype,
                device=case.device,
                verdict=case.verdict,
                repeats=case.repeats,
                distinct=case.distinct,
                price=case.price,
                largest_difference=case.largest_difference,
                used=used.get(case.name, ()),
                why=None if case.why_not is None else text("{why}", why=str(case.why_not)[:_LONGEST]),
            )
            for case in told
        ),
        why_not=determinism.why_not,
        remarks=determinism.remarks,
    )


def _short(fingerprint: dict[str, Any]) -> dict[str, Any]:
    """The properties that decide bits; the whole fingerprint is in the probe."""
    torch = fingerprint.get("torch")
    torch = torch if isinstance(torch, dict) else {}
    gpu = torch.get("gpu")
    values = {name: fingerprint.get(name) for name in _OF_MACHINE} | {name: torch.get(name) for name in _OF_TORCH}
    values["gpu"] = gpu.get("name") if isinstance(gpu, dict) else None
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}


def _used(results: Sequence[CheckResult]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for result in results:
        if result.check_id in _CHECKS:
            for note in result.findings:
                case, place = note.values.get("case"), note.location
                if isinstance(case, str) and place is not None:
                    found.setdefault(case, {})[str(place)] = None
    return {case: tuple(places) for case, places in found.items()}
