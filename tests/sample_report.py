"""A report made by hand, with everything that a report can hold and names that attack every format."""

from __future__ import annotations

from repro_gui.audit.report import (
    SCHEMA,
    Answer,
    AnsweredQuestion,
    AppliedNote,
    AuditReport,
    ChecklistItemNote,
    ChecklistNote,
    CheckResult,
    EntryPointNote,
    LeftOutNote,
    Note,
    OfferedFix,
    Outcome,
    ProbedOperation,
    ProbeNote,
    Question,
    Tick,
    WaiverNote,
)
from repro_gui.checks.check import Effort, Pillar, Safety, Weight
from repro_gui.facts.determinism import Budget, Verdict
from repro_gui.text import text

NASTY = "#let x = 1 *b* _i_ $y$ `c` \\ </script><img src=x onerror=alert(1)> \x1b[31mred\u202eevil 数据 🎉 שלום \ue000 @ref <label>"


def sample_report() -> AuditReport:
    """A report with one result of every outcome."""
    finding = Note(
        message="`train_test_split` shuffles anew on each run.",
        template=text("`train_test_split` shuffles anew on each run."),
        path="src/train.py",
        line=12,
        column=5,
        end_line=12,
        end_column=52,
        key="0123456789abcdef",
        cause="split",
        weight=Weight.MUST,
        values={"function": "train_test_split"},
        places=(_note("Reached from here", "main.py", 3),),
        code="import numpy as np\n\nX_train, X_test = train_test_split(X, y)\n\nmodel.fit(X_train)\n",
        code_start=10,
    )
    nasty = Note(message=NASTY, template=text("{name}", name=NASTY), path=f"data/{NASTY}.csv", key="fedcba9876543210")
    results = (
        _result("no-repository", Pillar.CODE, Outcome.PASSED, evidence=(_note("HEAD is 1111111, clean", "", 0),)),
        _result("uncommitted-change", Pillar.CODE, Outcome.WAIVED, findings=(nasty,), waivers=(nasty.key,)),
        _result("unversioned-data", Pillar.DATA, Outcome.FAILED, findings=(nasty,)),
        _result(
            "unpinned-split",
            Pillar.DATA,
            Outcome.FAILED,
            findings=(finding,) * 20,
            fix=OfferedFix("Add `random_state=42`", Safety.CHANGES_RESULTS, Effort.SECONDS, can_plan=True),
        ),
        _result("changed-data", Pillar.DATA, Outcome.NOT_APPLICABLE, why_not="Nothing is under DVC."),
        _result(
            "unpinned-dependency",
            Pillar.ENVIRONMENT,
            Outcome.COULD_NOT_RUN,
            undecided=(_note("Pipfile is not read yet.", "Pipfile", 0),),
            why_not="Pipfile is not read yet.",
        ),
        _result(
            "environment-differs",
            Pillar.ENVIRONMENT,
            Outcome.PASSED,
            evidence=(
                _package("numpy", "numpy", "==1.26.4", "1.26.4", "1.26.4"),
                _package("opencv-python", "cv2", "", "", None),
                _package("pad", NASTY, NASTY, "", ""),
            ),
        ),
        _result(
            "unseeded-library",
            Pillar.RANDOMNESS,
            Outcome.BY_HAND,
            why_not="Ada answered this: seeds are in the launcher",
        ),
    )
    answers = (
        _answer(Question.CODE, Answer.YES, "Everything is committed and pushed."),
        _answer(Question.DATA, Answer.PARTLY, "Two of three files are pinned."),
        _answer(Question.SEEDS, Answer.NO, "Nothing seeds the training."),
        _answer(Question.ENVIRONMENT, Answer.CANNOT_TELL, NASTY),
        _answer(Question.TRACKING, Answer.NO, "No tracker is used."),
    )
    return AuditReport(
        schema=SCHEMA,
        tool="repro-gui",
        tool_version="0.1.0",
        knowledge_hash="ab" * 32,
        project="sample *project*",
        commit="1" * 40,
        when="2026-11-23T05:00:00+00:00",
        answers=answers,
        results=results,
        entry_points=(EntryPointNote("src/train.py", text("has a main guard"), makes_results=True),),
        device={"cpu": "Example CPU", "usable_cores": 2, "gpus": [{"model": "Example GPU", "memory_bytes": 1024}]},
        not_verified=(text("Nothing was run: that two runs agree is not shown."),),
        left_out=tuple(LeftOutNote(f"big-{number}.bin", text("too large")) for number in range(60)),
        waivers=(WaiverNote(nasty.key, "generated file", "Ada", "2027-01-01"),),
        history=(AppliedNote(text("Pin 4 requirements"), "2026-11-22T10:00:00+00:00", ("requirements.txt",)),),
        file_count=42,
        sources_hash="cd" * 32,
        probe=_probe(),
        checklist=_checklist(),
    )


def _checklist() -> ChecklistNote:
    items = (
        ChecklistItemNote(
            "code", "The code is there", Tick.MET, text("{count} checks passed.", count=2), ("no-repository",)
        ),
        ChecklistItemNote("data", f"Data {NASTY}", Tick.NOT_MET, text("{why}", why=NASTY), ("unversioned-data",)),
        ChecklistItemNote("licence", "A licence is given", Tick.BY_HAND, text("Only a person can answer this.")),
        ChecklistItemNote(
            "seeds", "Seeds are stated", Tick.MET, text("Ada answered this: in the paper"), on="2026-11-20"
        ),
    )
    return ChecklistNote("sample", "A sample checklist", "Nobody", 2026, items)


def _probe() -> ProbeNote:
    return ProbeNote(
        when="2026-11-23T04:00:00+00:00",
        fingerprint={"cpu": "Example CPU", "torch": "2.13.0", "threads": 2, "environment": {"OMP_NUM_THREADS": "2"}},
        devices=("cpu",),
        controls=4,
        controls_held=True,
        budget=Budget(10.0, 9.8, 4.2),
        counts={"stable": 150, "stable-under-flag": 1, "raises": 1},
        operations=(
            ProbedOperation("put.duplicates", "float32", "cpu", Verdict.RAISES, 20, 1, why=text("{why}", why=NASTY)),
            ProbedOperation(
                "getitem.backward",
                "float32",
                "cpu",
                Verdict.STABLE_UNDER_FLAG,
                repeats=3,
                distinct=2,
                price=2.5,
                largest_difference=1e-7,
                used=(f"src/{NASTY}.py:12", "src/a.py:1", "src/b.py:2", "src/c.py:3"),
            ),
        ),
    )


def _note(message: str, path: str, line: int) -> Note:
    return Note(message=message, template=text(message), path=path, line=line)


def _package(name: str, imported: str, declared: str, locked: str, installed: str | None) -> Note:
    values = {"name": name, "imported": imported, "declared": declared, "locked": locked, "installed": installed}
    words = text("{name} stands in the table", name=name)
    return Note(message=str(words), template=words, path="train.py", line=1, values={**values, "container": ""})


def _answer(question: Question, answer: Answer, why: str) -> AnsweredQuestion:
    return AnsweredQuestion(
        question=question,
        wording=question.wording,
        answer=answer,
        why=text("{why}", why=why),
        evidence=(_note("seen here", "src/train.py", 3),),
        details=(_note("random.seed: called", "src/train.py", 4),) if question is Question.SEEDS else (),
        checks=("no-repository",),
    )


def _result(
    check_id: str,
    pillar: Pillar,
    outcome: Outcome,
    *,
    findings: tuple[Note, ...] = (),
    evidence: tuple[Note, ...] = (),
    undecided: tuple[Note, ...] = (),
    why_not: str = "",
    fix: OfferedFix | None = None,
    waivers: tuple[str, ...] = (),
) -> CheckResult:
    return CheckResult(
        check_id=check_id,
        pillar=pillar,
        weight=Weight.MUST,
        title=f"Title of {check_id}",
        failure_title=f"Failure of {check_id}",
        explanation="A **short** summary with `code`.\n\n## Why it matters\n\nBecause.\n",
        outcome=outcome,
        findings=findings,
        evidence=evidence,
        undecided=undecided,
        why_not=text("{why}", why=why_not) if why_not else None,
        fix=fix,
        waivers=waivers,
    )
