"""A report as a real project would give it, for windows: every outcome, code, long words, many findings when asked for."""

from __future__ import annotations

from repro_gui.audit.report import (
    SCHEMA,
    Answer,
    AnsweredQuestion,
    AuditReport,
    CheckResult,
    EntryPointNote,
    LeftOutNote,
    Note,
    OfferedFix,
    Outcome,
    Question,
)
from repro_gui.changes.change_set import FileChange, unified_diff
from repro_gui.changes.hunks import hunks_of
from repro_gui.checks.check import Effort, Pillar, Safety, Weight
from repro_gui.text import text
from repro_gui.worker.messages import PlannedCommand, PlannedFile, Preview, RefusedFinding

CODE = '''import numpy as np
import torch
from sklearn.model_selection import train_test_split


def load(path: str, *, shuffle: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Read the table and cut it in two."""
    table = np.genfromtxt(path, delimiter=",", skip_header=1)  # 4,177 rows
    X, y = table[:, :-1], table[:, -1]
    return train_test_split(X, y, test_size=0.2, shuffle=shuffle)
'''
EXPLANATION = """`train_test_split` shuffles the rows before it cuts them in two.

## Why it matters

Without `random_state` every run trains on **other rows** and is tested on other rows. Two numbers that differ then tell
nothing about the model.

```python
X_train, X_test = train_test_split(X, y, random_state=42)
```

## How to fix it

Pass `random_state=` with a constant, or split once and keep the files.

- A seed that the program sets globally pins it as well, as long as nothing draws in between.
- Cross-validation is pinned at its splitter.

## When to leave it

When the rows are split by a column, nothing is drawn.

## References

- [scikit-learn: controlling randomness](https://scikit-learn.org/stable/common_pitfalls.html)
"""


def note(message: str, path: str = "", line: int = 0, **more: object) -> Note:
    return Note(message=message, template=text(message), path=path, line=line, **more)  # type: ignore[arg-type]


def finding(number: int) -> Note:
    return note(
        "`train_test_split` shuffles anew on each run: no `random_state` and no seed before it",
        f"src/preparation/split_{number:05}.py" if number else "src/preparation/split.py",
        10,
        column=12,
        end_line=10,
        end_column=67,
        key=f"{number:016x}",
        weight=Weight.MUST,
        code=CODE,
        code_start=1,
        places=(note("Reached from the entry point", "train.py", 41), note("called here", "src/pipeline.py", 12)),
    )


def report_of_sample(findings: int = 3, *, mended: bool = False) -> AuditReport:
    """`mended`: as after pinning the requirements."""
    fix = OfferedFix("Add `random_state=42`", Safety.CHANGES_RESULTS, Effort.SECONDS, can_plan=True)
    pin = OfferedFix("Pin to the installed version", Safety.SAFE, Effort.SECONDS, can_plan=True)
    shown = OfferedFix("Push to a remote", Safety.SHOW_ONLY, Effort.MINUTES, can_plan=False)
    unpinned = tuple(
        note(
            f"`{name}` admits more than one version",
            "requirements.txt",
            line,
            key=f"req{line}",
            code="numpy\ntorch>=2\npandas\nscikit-learn\n",
            code_start=1,
        )
        for line, name in enumerate(("numpy", "torch>=2", "pandas", "scikit-learn"), 1)
    )
    results = (
        result(
            "no-repository",
            Pillar.CODE,
            Outcome.PASSED,
            "The project is in a Git repository",
            evidence=(note("`HEAD` is 3f2c1ab on `main`, clean"),),
        ),
        result("uncommitted-change", Pillar.CODE, Outcome.PASSED, "Every file the project uses is committed"),
        result(
            "untracked-source",
            Pillar.CODE,
            Outcome.FAILED,
            "Two source files are unknown to Git",
            findings=(
                note("`src/model.py` is not tracked", "src/model.py", 0, key="u1"),
                note("`configs/large.yaml` is not tracked", "configs/large.yaml", 0, key="u2"),
            ),
            fix=OfferedFix("Add and commit", Safety.SAFE, Effort.SECONDS, can_plan=True),
        ),
        result(
            "unpushed-commit",
            Pillar.CODE,
            Outcome.FAILED,
            "`HEAD` is on no remote: nobody else can get this version of the code",
            weight=Weight.SHOULD,
            findings=(note("3 commits are only here", key="p1"),),
            fix=shown,
        ),
        result(
            "hard-coded-path",
            Pillar.CODE,
            Outcome.WAIVED,
            "An absolute path in the code",
            findings=(note("`/home/…/data`", "train.py", 8, key="w1"),),
            waivers=("w1",),
            weight=Weight.SHOULD,
        ),
        result(
            "unversioned-data",
            Pillar.DATA,
            Outcome.PASSED,
            "All data is under DVC",
            evidence=(note("`data/train.csv.dvc`", "data/train.csv.dvc", 1),),
        ),
        result(
            "unpinned-split",
            Pillar.DATA,
            Outcome.FAILED,
            "A train/test split differs from run to run",
            findings=tuple(finding(number) for number in range(findings)),
            evidence=(note("split called here", "train.py", 3),),
            fix=fix,
        ),
        result(
            "changed-data",
            Pillar.DATA,
            Outcome.COULD_NOT_RUN,
            "The bytes are what DVC records",
            undecided=(note("`data/big.bin` was not hashed: 40 GB is over the limit", "data/big.bin"),),
            why="The limit of bytes to hash was reached.",
        ),
        result(
            "unpinned-dependency",
            Pillar.ENVIRONMENT,
            Outcome.PASSED if mended else Outcome.FAILED,
            "Four requirements admit more than one version",
            findings=() if mended else unpinned,
            fix=pin,
        ),
        result(
            "no-container",
            Pillar.ENVIRONMENT,
            Outcome.FAILED,
            "Neither a Dockerfile nor a conda environment",
            weight=Weight.SHOULD,
            findings=(note("no container file", key="c1"),),
            fix=OfferedFix("Generate a Dockerfile", Safety.SAFE, Effort.MINUTES, can_plan=True),
        ),
        result("python-not-pinned", Pillar.ENVIRONMENT, Outcome.PASSED, "An exact Python version is named"),
        result(
            "unseeded-library",
            Pillar.RANDOMNESS,
            Outcome.FAILED,
            "`numpy` and `torch` are drawn from and never seeded",
            findings=(finding(0),),
            fix=OfferedFix("Insert a seed function and call it", Safety.CHANGES_RESULTS, Effort.SECONDS, can_plan=True),
        ),
        result("autotuned-kernels", Pillar.RANDOMNESS, Outcome.PASSED, "`cudnn.benchmark` is off"),
        result(
            "unordered-set",
            Pillar.RANDOMNESS,
            Outcome.NOT_APPLICABLE,
            "No set reaches the run",
            why="No set is iterated on the way to a result.",
        ),
        result(
            "no-tracker",
            Pillar.TRACKING,
            Outcome.PASSED,
            "An experiment tracker is used",
            evidence=(note("`mlflow.start_run`", "train.py", 30),),
        ),
        result(
            "licence-of-data",
            Pillar.DATA,
            Outcome.BY_HAND,
            "The data's licence allows sharing",
            why="Only a person can answer this.",
            weight=Weight.ADVICE,
        ),
    )
    answers = (
        answer(
            Question.CODE,
            Answer.PARTLY,
            "Committed, but 2 source files are not tracked and 3 commits are not pushed.",
            ("untracked-source", "unpushed-commit", "uncommitted-change"),
        ),
        answer(
            Question.DATA,
            Answer.NO,
            "The split is decided anew on each run.",
            ("unpinned-split", "unversioned-data", "changed-data"),
        ),
        answer(
            Question.SEEDS,
            Answer.NO,
            "Nothing seeds `numpy` and `torch` on the way from train.py.",
            ("unseeded-library", "autotuned-kernels"),
        ),
        answer(
            Question.ENVIRONMENT,
            Answer.YES if mended else Answer.CANNOT_TELL,
            "Every requirement is pinned."
            if mended
            else "poetry.lock is recognised but could not be read: line 12 is damaged.",
            ("unpinned-dependency", "python-not-pinned"),
        ),
        answer(Question.TRACKING, Answer.YES, "12 hyperparameters go to MLflow by default.", ("no-tracker",)),
    )
    return AuditReport(
        schema=SCHEMA,
        tool="repro-gui",
        tool_version="0.1.0",
        knowledge_hash="ab" * 32,
        project="abalone-age",
        commit="3f2c1ab" + "0" * 33,
        when="2026-11-23T05:00:00+00:00",
        answers=answers,
        results=results,
        entry_points=(
            EntryPointNote("train.py", text("has a main guard and fits a model"), makes_results=True),
            EntryPointNote("scripts/plot.py", text("has a main guard"), makes_results=False),
        ),
        not_verified=(
            text("Nothing was run: that two runs agree is not shown."),
            text("The remote was not asked; its state is that of the last fetch, 4 days ago."),
        ),
        left_out=tuple(LeftOutNote(f"big-{number}.bin", text("too large")) for number in range(3)),
        file_count=412,
    )


def result(
    check_id: str,
    pillar: Pillar,
    outcome: Outcome,
    title: str,
    *,
    findings: tuple[Note, ...] = (),
    evidence: tuple[Note, ...] = (),
    undecided: tuple[Note, ...] = (),
    weight: Weight = Weight.MUST,
    why: str = "",
    fix: OfferedFix | None = None,
    waivers: tuple[str, ...] = (),
) -> CheckResult:
    return CheckResult(
        check_id,
        pillar,
        weight,
        title,
        title,
        EXPLANATION,
        outcome,
        findings,
        evidence,
        undecided,
        text(why) if why else None,
        fix,
        waivers,
    )


def answer(question: Question, given: Answer, why: str, checks: tuple[str, ...]) -> AnsweredQuestion:
    details: tuple[Note, ...] = ()
    if question is Question.SEEDS:
        details = tuple(
            note(message, path, line)
            for message, path, line in (
                ("`random.seed`: not needed, nothing draws from it", "", 0),
                ("`np.random.seed`: missing", "", 0),
                ("`torch.manual_seed`: missing", "", 0),
                ("`torch.cuda.manual_seed_all`: implied by `torch.manual_seed`, which is missing", "", 0),
                ("`cudnn.deterministic`: set at src/model.py:4", "src/model.py", 4),
            )
        )
    evidence = (note("seen here", "train.py", 3, code=CODE, code_start=1), note("and here", "src/model.py", 4))
    return AnsweredQuestion(question, question.wording, given, text(why), evidence, details, checks)


def preview_of_sample() -> Preview:
    before = "numpy\ntorch>=2  # GPU build\npandas\n# models\nscikit-learn\n"
    after = "numpy==1.26.4\ntorch==2.3.1  # GPU build\npandas==2.2.2\n# models\nscikit-learn==1.5.0\n"
    code_after = CODE.replace("shuffle=shuffle)", "shuffle=shuffle, random_state=42)")
    files = []
    for path, old, new, reason in (
        ("requirements.txt", before, after, "the versions that are installed in .venv"),
        ("src/preparation/split.py", CODE, code_after, "so that every run cuts the rows at the same place"),
        (
            "Dockerfile",
            "",
            "FROM python:3.11.6-slim\nWORKDIR /work\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
            "an image that holds the environment",
        ),
    ):
        change = FileChange(path, old.encode() or None, new.encode())
        hunks = len(hunks_of(change))
        files.append(
            PlannedFile(path, unified_diff(change), old, new, is_new=not old, reason=text(reason), hunks=hunks)
        )
    return Preview(
        plan="plan-1",
        title=text("Pin {count} requirements and the split", count=4),
        files=tuple(files),
        commands=(
            PlannedCommand("git add requirements.txt src/preparation/split.py", can_be_undone=True, needs_trust=False),
            PlannedCommand("git commit -m 'Pin the requirements'", can_be_undone=True, needs_trust=True),
        ),
        mended=("req1", "req2", "req3", "req4"),
        refused=(
            RefusedFinding(
                "req5", text("`mytool @ file:///x` is a local path."), text("Publish it, or pin it by commit.")
            ),
        ),
        effect=text("Numbers will change once, then stay."),
        answers_before=report_of_sample().answers,
        answers_after=report_of_sample(mended=True).answers,
        safe=False,
    )
