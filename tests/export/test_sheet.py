import msgspec

from repro_gui.audit.report import AuditReport, CheckResult, Note, Outcome
from repro_gui.export.sheet import sheet_of
from repro_gui.text import text
from tests.sample_report import sample_report


def _note(message: str, line: int, start: int, code: str, path: str = "conda.yaml") -> Note:
    return Note(
        message, text("{what}", what=message), path, line=line, end_line=line, end_column=9, code=code, code_start=start
    )


def _with(result: CheckResult) -> AuditReport:
    return msgspec.structs.replace(sample_report(), results=(result,))


def _failed(*notes: Note) -> CheckResult:
    (result, *_) = [one for one in sample_report().results if one.outcome is Outcome.FAILED]
    return msgspec.structs.replace(result, findings=notes)


def test_neighbours_share_one_excerpt_with_every_line_marked() -> None:
    notes = (
        _note("numpy", 5, 4, "dependencies:\n- numpy\n- pandas"),
        _note("pandas", 6, 5, "- numpy\n- pandas\n- pip"),
        _note("elsewhere", 40, 39, "a\nb\nc"),
        _note("another file", 41, 40, "b\nc\nd", path="setup.py"),
    )
    (finding,) = sheet_of(_with(_failed(*notes)), "", "report.repro.json")["findings"]
    first, second, third, fourth = finding["notes"]
    assert first["code"] == []
    assert [(row["number"], row["marked"]) for row in second["code"]] == [(4, False), (5, True), (6, True), (7, False)]
    assert [row["text"] for row in second["code"]] == ["dependencies:", "- numpy", "- pandas", "- pip"]
    assert len(third["code"]) == len(fourth["code"]) == 3


def test_a_reason_that_a_note_tells_is_told_once() -> None:
    result = msgspec.structs.replace(
        _failed(),
        outcome=Outcome.COULD_NOT_RUN,
        why_not=text("No environment was found."),
        undecided=(_note("No environment was found.", 0, 0, ""),),
    )
    (finding,) = sheet_of(_with(result), "", "report.repro.json")["findings"]
    assert finding["why_not"] == ""
    assert [note["message"] for note in finding["notes"]] == ["No environment was found."]


def test_the_machine_is_told_in_words_and_units() -> None:
    report = msgspec.structs.replace(
        sample_report(),
        device={
            "cpu_flags": ["avx", "avx2"],
            "memory_bytes": 25276502016,
            "gpus": [{"model": "A", "memory_bytes": 2**30}],
        },
    )
    rows = {row["name"]: row["value"] for row in sheet_of(report, "", "report.repro.json")["device"]}
    assert rows == {"CPU flags": "avx; avx2", "Memory": "23.5 GiB", "GPUs": "A, Memory 1.0 GiB"}


def test_checks_that_one_unknown_keeps_from_deciding_stand_together() -> None:
    unknown = text("No entry point was found.")
    results = tuple(
        msgspec.structs.replace(_failed(), check_id=name, outcome=Outcome.COULD_NOT_RUN, why_not=unknown)
        for name in ("first-check", "second-check")
    )
    alone = msgspec.structs.replace(_failed(), outcome=Outcome.COULD_NOT_RUN, why_not=text("Another reason."))
    report = msgspec.structs.replace(sample_report(), results=(*results, alone))
    together, single = sheet_of(report, "", "report.repro.json")["findings"]
    assert together["heading"] == "No entry point was found."
    assert together["line"] == "2 checks could not decide"
    assert [note["message"].split("(")[1].rstrip(")") for note in together["notes"]] == [
        "`first-check`",
        "`second-check`",
    ]
    assert single["why_not"] == "Another reason."
