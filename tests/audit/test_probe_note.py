"""The probe in the report: what is told, where it is used, what leaves, and reports from before there was one."""

from __future__ import annotations

import json

import msgspec

from repro_gui.audit.probe_note import note_of_probe
from repro_gui.audit.report import Note, report_from_json
from repro_gui.facts.determinism import Budget, Control, Determinism, ProbedCase, Verdict
from repro_gui.facts.unavailable import Unavailable
from repro_gui.redact import PersonalNames, redact_report
from repro_gui.text import text
from tests.sample_report import sample_report

PROBE = Determinism(
    when="2026-01-01T00:00:00+00:00",
    fingerprint={"cpu": "Example", "torch": {"torch": "2.13.0", "threads": 2, "build": "long", "cuda": None}},
    controls=(Control("control.varies", "default", "cpu", held=True),),
    budget=Budget(10, 9.5, 3),
    cases=(
        ProbedCase("mm", "cpu", "float32", Verdict.STABLE, {}, repeats=3, distinct=1),
        ProbedCase("put", "cpu", "float32", Verdict.RAISES, {}, repeats=3, distinct=1, why_not=text("it raises")),
        ProbedCase("getitem", "cpu", "float32", Verdict.STABLE_UNDER_FLAG, {}, repeats=3, distinct=2, price=2.0),
        ProbedCase("lstsq", "cpu", "float32", Verdict.FLAG_IGNORED, {}, repeats=3, distinct=2),
    ),
)


def test_what_was_not_steady_is_told_with_its_lines() -> None:
    report = sample_report()
    note = Note("varies", text("varies"), "src/a.py", 12, key="k", values={"case": "getitem"})
    result = msgspec.structs.replace(report.results[3], check_id="unstable-on-this-machine", findings=(note, note))
    found = note_of_probe(PROBE, [result])
    assert found is not None
    assert [(one.name, one.used) for one in found.operations] == [
        ("lstsq", ()),
        ("getitem", ("src/a.py:12",)),
        ("put", ()),
    ]
    assert found.counts == {"stable": 1, "stable-under-flag": 1, "raises": 1, "flag-ignored": 1}
    assert found.fingerprint == {"cpu": "Example", "torch": "2.13.0", "threads": 2}
    assert (found.controls, found.controls_held, found.devices) == (1, True, ("cpu",))


def test_without_a_probe_there_is_no_note() -> None:
    assert note_of_probe(Determinism(), []) is None
    assert note_of_probe(Unavailable(text("damaged")), []) is None


def test_a_report_from_before_there_were_probes_is_read() -> None:
    written = json.loads(sample_report().to_json())
    del written["probe"]
    assert report_from_json(json.dumps(written).encode()).probe is None


def test_names_and_secrets_do_not_leave_with_the_probe() -> None:
    report = sample_report()
    assert report.probe is not None
    secret = "hf_" + "a1B2" * 10
    operation = msgspec.structs.replace(
        report.probe.operations[0], used=(f"src/{secret}.py:1",), why=text("{why}", why="/home/lovelace/torch broke")
    )
    probe = msgspec.structs.replace(report.probe, operations=(operation,), fingerprint={"cpu": "of host enigma-7"})
    names = PersonalNames(homes=("/home/lovelace",), users=("lovelace",), hosts=("enigma-7",))
    told = redact_report(msgspec.structs.replace(report, probe=probe), names).to_json()
    for hidden in (secret, "lovelace", "enigma-7"):
        assert hidden.encode() not in told
