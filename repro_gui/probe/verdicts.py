"""From what the battery wrote in its modes to one verdict per operation; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.determinism import Control, ModeResult, ModeState, ProbedCase, Verdict
from repro_gui.facts.known_determinism import Documented, DocumentedDeterminism
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT, STRICT, FRESH, COLD, WARM = "default", "strict", "fresh", "compile:cold", "compile:warm"
_CONTROL_PREFIX = "control."
_NO_RESULT = ModeResult(ModeState.NOT_REACHED, message="its turn did not come in the time given")


def judge_case(
    name: str, device: str, dtype: str, modes: Mapping[str, ModeResult], table: DocumentedDeterminism, torch: str
) -> ProbedCase:
    """One verdict from the results of one case in all modes that ran."""
    default, strict = modes.get(DEFAULT, _NO_RESULT), modes.get(STRICT)
    verdict, why = _measured(default, strict, _differs_between_processes(default, modes.get(FRESH)))
    if verdict is Verdict.STABLE and _varies_compiled(modes.get(COLD), modes.get(WARM)):
        verdict, why = Verdict.VARIES, text("It is steady as torch runs it, and varies when torch.compile compiled it.")
    disagreement = _disagreement(name, device, torch, default, strict, table)
    both_ran = strict is not None and strict.state is ModeState.RAN and default.state is ModeState.RAN
    return ProbedCase(
        name=name,
        device=device,
        dtype=dtype,
        verdict=verdict if disagreement is None else Verdict.DISAGREES_WITH_TABLE,
        modes=dict(modes),
        repeats=default.repeats,
        distinct=default.distinct,
        price=round(strict.seconds / default.seconds, 2) if both_ran and strict and default.seconds > 0 else None,
        largest_difference=default.largest_difference,
        measured=None if disagreement is None else verdict,
        why_not=disagreement or why,
    )


def judge_controls(results: Iterable[tuple[str, str, str, ModeResult]]) -> tuple[Control, ...]:
    """Whether the controls came out right, from (name, device, mode, result) of each; one that did not run did not hold."""
    return tuple(
        Control(
            name,
            mode,
            device,
            held=result.state is ModeState.RAN
            and ((result.distinct > 1) if name.endswith(".varies") else (result.distinct == 1)),
        )
        for name, device, mode, result in results
    )


def is_control(name: str) -> bool:
    """Controls are cases of the battery that get no verdict of their own."""
    return name.startswith(_CONTROL_PREFIX)


def _measured(default: ModeResult, strict: ModeResult | None, across: bool) -> tuple[Verdict, Text | None]:
    if default.state is ModeState.NOT_REACHED:
        return Verdict.NOT_REACHED, text("{reason}", reason=default.message)
    if default.state is not ModeState.RAN:
        return Verdict.UNSUPPORTED, _why(default)
    varies = default.distinct > 1 or across
    if strict is None or strict.state is ModeState.NOT_REACHED:
        return (Verdict.VARIES if varies else Verdict.STABLE), text("The flag was not tried.")
    if strict.state is ModeState.RAISED:
        return Verdict.RAISES, text("{said}", said=strict.message)
    if strict.state is not ModeState.RAN:
        return (Verdict.VARIES if varies else Verdict.STABLE), _why(strict)
    if strict.distinct > 1:
        return Verdict.FLAG_IGNORED, None
    if varies:
        return Verdict.STABLE_UNDER_FLAG, text("It differs from one process to another.") if across else None
    return Verdict.STABLE, None


def _why(result: ModeResult) -> Text:
    match result.state:
        case ModeState.OUT_OF_MEMORY:
            return text("There was not enough memory: {said}", said=result.message)
        case ModeState.ENDED:
            return text("It ended the interpreter: {said}", said=result.message)
        case ModeState.HUNG:
            return text("It did not come back: {said}", said=result.message)
    return text("{said}", said=result.message)


def _differs_between_processes(default: ModeResult, fresh: ModeResult | None) -> bool:
    return (
        fresh is not None
        and fresh.state is ModeState.RAN
        and default.state is ModeState.RAN
        and fresh.digest != default.digest
    )


def _varies_compiled(cold: ModeResult | None, warm: ModeResult | None) -> bool:
    """Whether repeats of the compiled one differed, or what a cold and a warm cache gave. Other bits than without are no news."""
    if any(result is not None and result.state is ModeState.RAN and result.distinct > 1 for result in (cold, warm)):
        return True
    return cold is not None and _differs_between_processes(cold, warm)


def _disagreement(
    name: str, device: str, torch: str, default: ModeResult, strict: ModeResult | None, table: DocumentedDeterminism
) -> Text | None:
    """Where the measurement contradicts the table; that something documented to vary was steady here does not."""
    known = table.about(name, device, torch)
    if known is None or default.state is not ModeState.RAN:
        return None
    if known.default is Documented.STEADY and default.distinct > 1:
        return text("The table says that it is steady; {distinct} outcomes were seen.", distinct=default.distinct)
    if strict is None:
        return None
    if known.strict is Documented.RAISES and strict.state is ModeState.RAN:
        return text("The table says that the flag makes it raise; it ran.")
    if known.strict is Documented.STEADY and strict.state is ModeState.RAISED:
        return text("The table says that the flag steadies it; it raised: {said}", said=strict.message)
    if known.strict is Documented.STEADY and strict.state is ModeState.RAN and strict.distinct > 1:
        return text(
            "The table says that the flag steadies it; {distinct} outcomes were seen.", distinct=strict.distinct
        )
    return None
