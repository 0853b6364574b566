import msgspec
import pytest

from repro_gui.facts.determinism import ModeResult, ModeState, Verdict
from repro_gui.facts.known_determinism import Documented, DocumentedDeterminism, DocumentedOperation
from repro_gui.probe.verdicts import judge_case, judge_controls

EMPTY = DocumentedDeterminism()
STEADY = ModeResult(ModeState.RAN, repeats=3, distinct=1, seconds=0.1, digest="a")
VARIED = ModeResult(ModeState.RAN, repeats=3, distinct=2, seconds=0.1, digest="a", largest_difference=0.5)
RAISED = ModeResult(ModeState.RAISED, message="no deterministic implementation")


@pytest.mark.parametrize(
    ("modes", "verdict"),
    [
        ({}, Verdict.NOT_REACHED),
        ({"default": STEADY}, Verdict.STABLE),
        ({"default": VARIED}, Verdict.VARIES),
        ({"default": STEADY, "strict": STEADY}, Verdict.STABLE),
        ({"default": VARIED, "strict": STEADY}, Verdict.STABLE_UNDER_FLAG),
        ({"default": VARIED, "strict": VARIED}, Verdict.FLAG_IGNORED),
        ({"default": VARIED, "strict": RAISED}, Verdict.RAISES),
        ({"default": STEADY, "strict": RAISED}, Verdict.RAISES),
        ({"default": ModeResult(ModeState.ENDED, message="signal 11")}, Verdict.UNSUPPORTED),
        ({"default": ModeResult(ModeState.UNSUPPORTED, message="no bf16")}, Verdict.UNSUPPORTED),
        ({"default": STEADY, "fresh": msgspec.structs.replace(STEADY, digest="b")}, Verdict.VARIES),
    ],
)
def test_one_verdict_from_all_modes(modes: dict[str, ModeResult], verdict: Verdict) -> None:
    assert judge_case("x", "cpu", "float32", modes, EMPTY, "2.13.0").verdict is verdict


def test_what_only_varies_when_it_is_compiled_is_told() -> None:
    plain = {"default": STEADY, "strict": STEADY}
    other = msgspec.structs.replace(STEADY, digest="b")
    for cold, warm, verdict in (
        (other, other, Verdict.STABLE),
        (VARIED, other, Verdict.VARIES),
        (STEADY, other, Verdict.VARIES),
        (RAISED, RAISED, Verdict.STABLE),
    ):
        modes = {**plain, "compile:cold": cold, "compile:warm": warm}
        case = judge_case("x", "cpu", "float32", modes, EMPTY, "2.13.0")
        assert case.verdict is verdict
        assert (verdict is Verdict.VARIES) == ("torch.compile" in str(case.why_not))


def test_the_price_is_time_under_the_flag_over_time_without() -> None:
    slow = msgspec.structs.replace(STEADY, seconds=0.25)
    assert judge_case("x", "cpu", "float32", {"default": VARIED, "strict": slow}, EMPTY, "2.13.0").price == 2.5
    assert judge_case("x", "cpu", "float32", {"default": VARIED, "strict": RAISED}, EMPTY, "2.13.0").price is None


def table(strict: Documented, versions: str = "") -> DocumentedDeterminism:
    return DocumentedDeterminism((DocumentedOperation(("x*",), "cpu", Documented.MAY_VARY, strict, versions),))


def test_a_measurement_that_contradicts_the_table_is_its_own_state() -> None:
    case = judge_case(
        "x.backward", "cpu", "float32", {"default": VARIED, "strict": STEADY}, table(Documented.RAISES), "2.13.0"
    )
    assert (case.verdict, case.measured) == (Verdict.DISAGREES_WITH_TABLE, Verdict.STABLE_UNDER_FLAG)
    case = judge_case(
        "x.backward", "cpu", "float32", {"default": STEADY, "strict": RAISED}, table(Documented.STEADY), "2.13.0"
    )
    assert (case.verdict, case.measured) == (Verdict.DISAGREES_WITH_TABLE, Verdict.RAISES)


def test_that_nothing_varied_here_contradicts_nothing() -> None:
    case = judge_case("x", "cpu", "float32", {"default": STEADY, "strict": STEADY}, table(Documented.STEADY), "2.13.0")
    assert case.verdict is Verdict.STABLE


def test_the_table_speaks_only_about_its_versions_and_devices() -> None:
    modes = {"default": VARIED, "strict": STEADY}
    newer = table(Documented.RAISES, ">=2.13")
    assert judge_case("x", "cpu", "float32", modes, newer, "2.13.0+cpu").verdict is Verdict.DISAGREES_WITH_TABLE
    assert judge_case("x", "cpu", "float32", modes, newer, "1.13.1").verdict is Verdict.STABLE_UNDER_FLAG
    assert judge_case("x", "cuda:0", "float32", modes, newer, "2.13.0").verdict is Verdict.STABLE_UNDER_FLAG
    assert judge_case("x", "cpu", "float32", modes, newer, "not a version").verdict is Verdict.STABLE_UNDER_FLAG


def test_controls_must_come_out_right_in_both_directions() -> None:
    held = judge_controls([("control.varies", "cpu", "default", VARIED), ("control.stable", "cpu", "default", STEADY)])
    assert [control.held for control in held] == [True, True]
    wrong = judge_controls(
        [
            ("control.varies", "cpu", "default", STEADY),
            ("control.stable", "cpu", "default", VARIED),
            ("control.stable", "cpu", "strict", RAISED),
        ]
    )
    assert [control.held for control in wrong] == [False, False, False]
