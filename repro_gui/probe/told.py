"""A probe, and a comparison of two, as lines of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from repro_gui.facts.determinism import Determinism, ProbedCase, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.probe_comparison import ProbeComparison
    from repro_gui.probe.make_interpreter import PlannedInterpreter

VERDICT_WORDS = {
    Verdict.VARIES: "varies",
    Verdict.FLAG_IGNORED: "varies, also under the flag",
    Verdict.RAISES: "raises under the flag",
    Verdict.STABLE_UNDER_FLAG: "steady under the flag",
    Verdict.DISAGREES_WITH_TABLE: "disagrees with the table",
    Verdict.UNSUPPORTED: "cannot be run here",
    Verdict.NOT_REACHED: "not reached",
    Verdict.STABLE: "steady",
}


def tell_probe(probe: Determinism) -> Iterator[str]:
    """What varied first, then what could not be told, then the count of what was steady."""
    yield f"Determinism probe of {probe.when}"
    yield f"  {_short(probe.fingerprint)}"
    held = "all held" if probe.controls_held else "NOT held: no verdict counts"
    yield f"  {len(probe.controls)} controls, {held}"
    yield f"  {probe.budget.used:.1f} s of {probe.budget.asked:g} s, and {probe.budget.starting:.1f} s to start the interpreter"
    yield ""
    counts = Counter(case.verdict for case in probe.cases)
    for verdict, words in VERDICT_WORDS.items():
        if not counts[verdict]:
            continue
        yield f"{words[0].upper()}{words[1:]} ({counts[verdict]})"
        if verdict is Verdict.NOT_REACHED:
            reasons = Counter(str(case.why_not) for case in probe.cases if case.verdict is verdict)
            yield from (f"  {count} · {reason}" for reason, count in reasons.items())
        if verdict in {Verdict.STABLE, Verdict.NOT_REACHED}:
            continue
        for case in probe.cases:
            if case.verdict is verdict:
                yield f"  {_line(case)}"
    if all(case.device == "cpu" for case in probe.cases):
        yield ""
        yield "Nothing is said about a GPU: none was measured."
    for remark in probe.remarks:
        yield ""
        yield str(remark)


def tell_planned(planned: PlannedInterpreter) -> Iterator[str]:
    """What an interpreter with torch takes, before anything is downloaded."""
    build = "built for the CPU" if planned.is_cpu_build else "with libraries for a GPU"
    yield f"torch {planned.torch}, {build}, and {planned.packages - 1} packages that it needs:"
    more = f" and {planned.unsized} packages whose size the index does not tell" if planned.unsized else ""
    yield f"  {planned.download_bytes / 1e6:,.0f} MB to download{more}, about {planned.disk_bytes / 1e6:,.0f} MB on the disk"
    yield f"  kept in {planned.folder}; delete that folder to be rid of it"


def _line(case: ProbedCase) -> str:
    parts = [f"{case.name} ({case.dtype}, {case.device})"]
    if case.distinct > 1:
        parts.append(f"{case.distinct} results in {case.repeats} repeats")
    if case.largest_difference:
        parts.append(f"largest difference {case.largest_difference:.2g}")
    if case.price is not None:
        parts.append(f"price of the flag {case.price:g}×")
    if case.why_not is not None and case.verdict is not Verdict.STABLE_UNDER_FLAG:
        parts.append(str(case.why_not)[:160])
    return " · ".join(parts)


def _short(fingerprint: dict[str, Any]) -> str:
    torch = fingerprint.get("torch", {})
    gpu = torch.get("gpu") or {}
    parts = [
        f"torch {torch.get('torch', '?')}",
        f"Python {torch.get('python', '?')}",
        str(fingerprint.get("cpu", "")),
        f"{torch.get('capability', '?')}, {torch.get('threads', '?')} threads",
        str(gpu.get("name", "")),
    ]
    return " · ".join(part for part in parts if part)


def tell_comparison(comparison: ProbeComparison) -> Iterator[str]:
    """What differs and what it means, then what agreed bit for bit and what did not."""
    if not comparison.differences:
        yield "The fingerprints do not differ: equal bits can be expected."
    elif comparison.can_agree:
        yield "The fingerprints differ in nothing that is known to break bits; equality is likely, not promised."
    else:
        yield "Equal bits cannot be expected:"
    for difference in comparison.differences:
        mark = "!" if difference.breaks else " "
        yield f"  {mark} {difference.name}: {difference.left} / {difference.right}. {difference.meaning}"
    yield ""
    compared = len(comparison.equal) + len(comparison.different)
    yield f"{len(comparison.equal)} of {compared} steady operations gave the same bits; {comparison.uncompared} were not on both sides."
    for name in comparison.different:
        yield f"  differs: {name}"
