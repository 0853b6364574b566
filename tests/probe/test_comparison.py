import msgspec

from repro_gui.facts.determinism import Determinism, ModeResult, ModeState, ProbedCase, Verdict
from repro_gui.facts.probe_comparison import compare_probes


def probe(threads: int, digest: str, torch: str = "2.13.0") -> Determinism:
    modes = {"default": ModeResult(ModeState.RAN, repeats=3, distinct=1, digest=digest)}
    steady = ProbedCase("dot", "cpu", "float32", Verdict.STABLE, modes)
    moving = ProbedCase(
        "getitem", "cpu", "float32", Verdict.VARIES, {"default": msgspec.structs.replace(modes["default"], distinct=2)}
    )
    return Determinism(
        fingerprint={"cpu": "A", "torch": {"torch": torch, "threads": threads, "cuda": None}}, cases=(steady, moving)
    )


def test_equal_probes_have_no_difference() -> None:
    found = compare_probes(probe(2, "a"), probe(2, "a"))
    assert found.differences == ()
    assert found.can_agree
    assert found.equal == ("dot/float32 (cpu)",)
    assert found.different == ()


def test_threads_break_bits_and_it_is_said_why() -> None:
    found = compare_probes(probe(2, "a"), probe(8, "b"))
    assert [(item.name, item.left, item.right, item.breaks) for item in found.differences] == [
        ("torch threads", "2", "8", True)
    ]
    assert not found.can_agree
    assert found.different == ("dot/float32 (cpu)",)
    assert "threads" in str(found.differences[0].meaning)


def test_what_varied_is_not_compared() -> None:
    found = compare_probes(probe(2, "a"), Determinism())
    assert found.equal == found.different == ()
    assert found.uncompared == 1
