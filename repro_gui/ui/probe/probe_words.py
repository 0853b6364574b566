"""How verdicts, states and modes of the probe are said, signed and coloured; one place for all its views."""

from __future__ import annotations

from enum import StrEnum

from repro_gui.facts.determinism import ModeResult, ModeState, ProbedCase, Verdict
from repro_gui.ui.translate import _, counted, shown

DEFAULT, STRICT, COLD, WARM = "default", "strict", "compile:cold", "compile:warm"
# What the battery says where the sentence of the verdict says it already.
_NO_TIME = "its turn did not come in the time given"


class CellState(StrEnum):
    """What a cell of the heat map shows; each has a sign and a colour of its own."""

    STEADY = "steady"
    OTHER_BITS = "other-bits"
    VARIED = "varied"
    RAISED = "raised"
    BROKE = "broke"
    UNSUPPORTED = "unsupported"
    NOT_REACHED = "not-reached"
    WAITING = "waiting"
    NOT_TRIED = "not-tried"


# Icon and colour role of each state; no two share an icon.
CELL_LOOKS = {
    CellState.STEADY: ("yes", "yes"),
    CellState.OTHER_BITS: ("other-bits", "partly"),
    CellState.VARIED: ("no", "no"),
    CellState.RAISED: ("warning", "partly"),
    CellState.BROKE: ("stop", "no"),
    CellState.UNSUPPORTED: ("not-applicable", "unknown"),
    CellState.NOT_REACHED: ("clock", "unknown"),
    CellState.WAITING: ("waiting", "muted"),
    CellState.NOT_TRIED: ("", "muted"),
}

# Icon, colour role and answer (for pills) of each verdict.
VERDICT_LOOKS = {
    Verdict.STABLE: ("yes", "yes", "yes"),
    Verdict.STABLE_UNDER_FLAG: ("partly", "partly", "partly"),
    Verdict.VARIES: ("no", "no", "no"),
    Verdict.FLAG_IGNORED: ("no", "no", "no"),
    Verdict.RAISES: ("warning", "partly", "partly"),
    Verdict.DISAGREES_WITH_TABLE: ("wrong", "partly", "partly"),
    Verdict.UNSUPPORTED: ("not-applicable", "unknown", "cannot-tell"),
    Verdict.NOT_REACHED: ("clock", "unknown", "cannot-tell"),
}
# What should be looked at first stands first.
VERDICT_ORDER = (
    Verdict.VARIES,
    Verdict.FLAG_IGNORED,
    Verdict.DISAGREES_WITH_TABLE,
    Verdict.STABLE_UNDER_FLAG,
    Verdict.RAISES,
    Verdict.NOT_REACHED,
    Verdict.UNSUPPORTED,
    Verdict.STABLE,
)
_BROKEN = {ModeState.FAILED, ModeState.OUT_OF_MEMORY, ModeState.ENDED, ModeState.HUNG}


def cell_state(result: ModeResult | None, default: ModeResult | None) -> CellState:
    """The state of one mode; `default` is what the default mode gave, to see other bits."""
    if result is None:
        return CellState.WAITING
    if result.state in _BROKEN:
        return CellState.BROKE
    if result.state is not ModeState.RAN:
        return {
            ModeState.RAISED: CellState.RAISED,
            ModeState.UNSUPPORTED: CellState.UNSUPPORTED,
        }.get(result.state, CellState.NOT_REACHED)
    if result.distinct > 1:
        return CellState.VARIED
    was_steady = default is not None and default.state is ModeState.RAN and default.distinct == 1
    if was_steady and default is not None and result.digest != default.digest:
        return CellState.OTHER_BITS
    return CellState.STEADY


def cell_word(state: CellState) -> str:
    """The state in a word or two."""
    return {
        CellState.STEADY: _("Steady"),
        CellState.OTHER_BITS: _("Steady, other bits"),
        CellState.VARIED: _("Varied"),
        CellState.RAISED: _("Raised"),
        CellState.BROKE: _("Broke"),
        CellState.UNSUPPORTED: _("Not possible here"),
        CellState.NOT_REACHED: _("Not reached"),
        CellState.WAITING: _("Waiting"),
        CellState.NOT_TRIED: _("Not tried"),
    }[state]


def cell_sentence(state: CellState, result: ModeResult | None) -> str:
    """What the cell means, with its figures."""
    if state is CellState.NOT_TRIED:
        return _("This mode has a few operations only.")
    if result is None:
        return _("It was not its turn yet.")
    if state is CellState.VARIED:
        return _("{distinct} different results in {repeats} repeats").format(
            distinct=result.distinct, repeats=result.repeats
        )
    if state is CellState.STEADY:
        return counted("no difference in {count} repeat", "no difference in {count} repeats", result.repeats)
    if state is CellState.OTHER_BITS:
        return _("no difference in {repeats} repeats, but other bits than in the default mode").format(
            repeats=result.repeats
        )
    said = result.message
    return {
        ModeState.RAISED: _("the flag makes it raise: {said}"),
        ModeState.OUT_OF_MEMORY: _("there was not enough memory: {said}"),
        ModeState.ENDED: _("it ended the interpreter: {said}"),
        ModeState.HUNG: _("it did not come back: {said}"),
        ModeState.FAILED: _("it failed: {said}"),
        ModeState.UNSUPPORTED: _("not possible here: {said}"),
    }.get(result.state, _("its turn did not come in the time given")).format(said=said)


def verdict_word(verdict: Verdict) -> str:
    """The verdict in a few words."""
    return {
        Verdict.STABLE: _("Steady"),
        Verdict.STABLE_UNDER_FLAG: _("Steady under the flag"),
        Verdict.VARIES: _("Varies"),
        Verdict.FLAG_IGNORED: _("Varies, also under the flag"),
        Verdict.RAISES: _("Raises under the flag"),
        Verdict.DISAGREES_WITH_TABLE: _("Unlike documented"),
        Verdict.UNSUPPORTED: _("Not possible here"),
        Verdict.NOT_REACHED: _("Not reached"),
    }[verdict]


def verdict_sentence(case: ProbedCase) -> str:
    """What the verdict means for whoever uses the operation."""
    sentence = {
        Verdict.STABLE: _("No difference was seen in {repeats} repeats. That is no proof for more of them."),
        Verdict.STABLE_UNDER_FLAG: _(
            "It varies from run to run; the flag `use_deterministic_algorithms` steadied it here."
        ),
        Verdict.VARIES: _("It varies from run to run, and whether the flag steadies it was not seen."),
        Verdict.FLAG_IGNORED: _("It varies from run to run, and goes on doing so under the flag."),
        Verdict.RAISES: _("Under the flag `use_deterministic_algorithms` it raises an error."),
        Verdict.DISAGREES_WITH_TABLE: _("It behaved otherwise than documented."),
        Verdict.UNSUPPORTED: _("It cannot be run with this torch on this device."),
        Verdict.NOT_REACHED: _("Its turn did not come in the time given; a larger budget reaches it."),
    }[case.verdict].format(repeats=case.repeats)
    varied_too = case.verdict is Verdict.RAISES and case.distinct > 1
    return " ".join([sentence, _("Without it, it varied here.")]) if varied_too else sentence


def why_words(case: ProbedCase) -> str:
    """The reason behind a verdict that needs one."""
    words = shown(case.why_not)
    return "" if case.verdict is Verdict.NOT_REACHED and words == _NO_TIME else words


def mode_word(mode: str) -> str:
    """The head of a mode's column."""
    kind, _colon, value = mode.partition(":")
    return {
        "default": _("Default"),
        "strict": _("Strict"),
        "warn": _("Only warn"),
        "fresh": _("Fresh process"),
        "threads": counted("{count} thread", "{count} threads", int(value) if value.isdigit() else 0),
        "capability": value.upper(),
        "benchmark": _("Benchmark"),
        "tf32": _("TF32"),
        "no-tf32": _("No TF32"),
        "stream": _("Busy stream"),
        "workspace": _("Workspace"),
        "compile": _("Compiled, warm") if value == "warm" else _("Compiled"),
    }.get(kind, mode)


def mode_order(mode: str) -> tuple[int, int, str]:
    """Where a mode's column stands: as the probe runs them, thread counts by number."""
    kind, _colon, value = mode.partition(":")
    kinds = ["default", "strict", "warn", "fresh", "threads", "capability"]
    kinds += ["benchmark", "tf32", "no-tf32", "stream", "workspace", "compile"]
    place = kinds.index(kind) if kind in kinds else len(kinds)
    return place, int(value) if value.isdigit() else 0, mode


def reference_mode(mode: str) -> str:
    """The mode whose bits another one is compared with: compiled code with a warm cache has those of a cold one."""
    return COLD if mode == WARM else DEFAULT


def mode_sentence(mode: str) -> str:
    """What a mode sets."""
    kind, _colon, value = mode.partition(":")
    return {
        "default": _("As torch starts, without any flag"),
        "strict": _("With torch.use_deterministic_algorithms(True)"),
        "warn": _("With torch.use_deterministic_algorithms(True, warn_only=True)"),
        "fresh": _("The default mode again, in another process"),
        "threads": _("With torch.set_num_threads({value})"),
        "capability": _("With ATEN_CPU_CAPABILITY={value}"),
        "benchmark": _("With torch.backends.cudnn.benchmark = True"),
        "tf32": _("With TF32 allowed"),
        "no-tf32": _("With TF32 forbidden"),
        "stream": _("While a second stream is busy"),
        "workspace": _("With CUBLAS_WORKSPACE_CONFIG=:4096:8"),
        "compile": _("Compiled by torch.compile again, with what the first time left in its cache")
        if value == "warm"
        else _("Compiled by torch.compile with an empty cache; a few operations only"),
    }.get(kind, mode).format(value=value)


def price_words(price: float | None) -> str:
    """The time under the flag over the time without."""
    return "–" if price is None else f"{price:.2f}×" if price < 10 else f"{price:.0f}×"


def seconds_words(seconds: float) -> str:
    """A duration of one repeat."""
    return (
        f"{seconds * 1e6:.0f} µs"
        if seconds < 1e-3
        else f"{seconds * 1e3:.1f} ms"
        if seconds < 1
        else f"{seconds:.2f} s"
    )


def documented_word(behaviour: str) -> str:
    """What torch says of an operation in a mode."""
    return {"may-vary": _("may vary"), "steady": _("steady"), "raises": _("raises")}.get(behaviour, behaviour)
