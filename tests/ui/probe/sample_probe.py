"""A probe as a thorough one gives it, with every state and verdict, for the windows."""

from __future__ import annotations

from repro_gui.facts.determinism import (
    Budget,
    Control,
    Determinism,
    ModeResult,
    ModeState,
    ProbedCase,
    Verdict,
)
from repro_gui.text import text
from repro_gui.worker.messages import DocumentedNote, ProbeDevice, ProbeView

THOROUGH = ("default", "strict", "warn", "fresh", "threads:1", "threads:2", "threads:4", "capability:avx2")
COMPILED = ("compile:cold", "compile:warm")


def ran(distinct: int = 1, repeats: int = 20, digest: str = "aa", seconds: float = 0.0004) -> ModeResult:
    difference = 1.2e-7 if distinct > 1 else None
    return ModeResult(ModeState.RAN, repeats, distinct, seconds, difference, digest)


def ended(state: ModeState, said: str) -> ModeResult:
    return ModeResult(state, message=said)


def sample_view(*, thorough: bool = True, held: bool = True, cases: int = 60) -> ProbeView:
    """Every verdict once, then steady operations."""
    raised = ended(ModeState.RAISED, "RuntimeError: put_ does not have a deterministic implementation")
    shown = [
        case("getitem.backward", Verdict.STABLE_UNDER_FLAG, ran(4), ran(1, seconds=0.0011), price=2.75),
        case("index_put.accumulate", Verdict.STABLE_UNDER_FLAG, ran(3), ran(1, seconds=0.0009), price=2.25),
        case("scatter_add.backward", Verdict.VARIES, ran(2, 3), ended(ModeState.NOT_REACHED, "its turn did not come")),
        case("linalg.lstsq", Verdict.FLAG_IGNORED, ran(2, 3), ran(3, 3)),
        case("put.duplicates", Verdict.RAISES, ran(), raised, why="RuntimeError: put_ has no deterministic kernel"),
        case("cumsum", Verdict.DISAGREES_WITH_TABLE, ran(), ran(2), measured=Verdict.FLAG_IGNORED),
        case("attention.flash.backward", Verdict.UNSUPPORTED, ended(ModeState.UNSUPPORTED, "no flash here"), None),
        case("training.transformer", Verdict.NOT_REACHED, ended(ModeState.NOT_REACHED, "no time left"), None),
        case("segfault.in.a.kernel", Verdict.UNSUPPORTED, ended(ModeState.ENDED, "signal 11"), None),
    ]
    shown += [
        case(
            f"steady.operation.{number:02}",
            Verdict.STABLE,
            ran(),
            ran(seconds=0.0002 + 0.00001 * number),
            price=0.5 + number / 20,
        )
        for number in range(cases)
    ]
    if thorough:
        shown = [with_modes(one, place) for place, one in enumerate(shown)]
    probe = Determinism(
        when="2026-11-23T05:00:00+00:00",
        fingerprint={
            "cpu": "Example CPU",
            "gpus": [{"model": "Example GPU", "memory_bytes": 85899345920}],
            "torch": {
                "torch": "2.13.0+cpu",
                "python": "3.11.6",
                "threads": 2,
                "capability": "AVX512",
                "build": "a\nb\nc",
            },
        },
        controls=tuple(Control(name, "default", "cpu", held=held) for name in ("control.varies", "control.stable")),
        budget=Budget(10, 9.84, 5.1),
        cases=tuple(shown),
        why_not=None if held else text("A control of the battery came out wrong, so no verdict counts."),
    )
    documented = (
        DocumentedNote("getitem.backward", "cpu", "may-vary", "steady", "the flag", "torch 2.13 docstring"),
        DocumentedNote("put.duplicates", "cpu", "may-vary", "raises", "index_put with unique indices", ""),
    )
    devices = (ProbeDevice("cpu", "Example CPU"), ProbeDevice("cuda:0", "Example GPU"))
    return ProbeView(probe, documented, devices, text("No NVIDIA driver was found."))


def case(
    name: str,
    verdict: Verdict,
    default: ModeResult,
    strict: ModeResult | None,
    *,
    price: float | None = None,
    measured: Verdict | None = None,
    why: str = "",
) -> ProbedCase:
    modes = {"default": default} if strict is None else {"default": default, "strict": strict}
    return ProbedCase(
        name,
        "cpu",
        "float32",
        verdict,
        modes,
        repeats=default.repeats,
        distinct=default.distinct,
        price=price,
        largest_difference=default.largest_difference,
        measured=measured,
        why_not=text("{why}", why=why) if why else None,
    )


def with_modes(one: ProbedCase, place: int) -> ProbedCase:
    import msgspec

    modes = dict(one.modes)
    for column, mode in enumerate(THOROUGH[2:]):
        modes[mode] = ran(digest="bb" if (place + column) % 7 == 0 else "aa") if one.distinct else one.modes["default"]
    if place % 4 == 0:
        # Few operations are compiled; with a cold cache as with a warm one.
        modes |= dict.fromkeys(COMPILED, ran(2 if place == 0 else 1, digest="cc"))
    return msgspec.structs.replace(one, modes=modes)
