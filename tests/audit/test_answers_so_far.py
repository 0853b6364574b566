"""Answers while some sources are not read yet: never a yes, and a no only where it stays one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from repro_gui.audit.answers import answer_questions
from repro_gui.audit.answers_so_far import answers_so_far
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Answer, AnsweredQuestion, Question
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.sources import NOT_READ_YET, ModuleSummary, NotParsed, PythonSources
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress

CORPUS = Path(__file__).parent.parent / "projects" / "randomness"
FIT = "from sklearn.linear_model import SGDClassifier\nSGDClassifier(random_state=1).fit([[1]], [1])\n"
TRAIN = "import numpy as np\nimport seeding\nseeding.seed()\nprint(np.random.rand(3))\n" + FIT


def read(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def without(snapshot: ProjectSnapshot, paths: set[str]) -> ProjectSnapshot:
    """The snapshot while these sources are known by name only."""
    assert isinstance(snapshot.sources, PythonSources)
    modules = tuple(
        ModuleSummary(module.path, not_parsed=NotParsed(NOT_READ_YET)) if module.path in paths else module
        for module in snapshot.sources.modules
    )
    return msgspec.structs.replace(snapshot, sources=PythonSources(modules, is_complete=not paths))


def final(snapshot: ProjectSnapshot) -> dict[Question, AnsweredQuestion]:
    facts = FactsFor(snapshot, load_knowledge())
    answers = answer_questions(facts, list(run_checks(facts, all_checks(), NoProgress())))
    return {one.question: one for one in answers}


def so_far(snapshot: ProjectSnapshot) -> dict[Question, AnsweredQuestion]:
    return {one.question: one for one in answers_so_far(snapshot, load_knowledge(), NoProgress()).answers}


def of_files(**files: str) -> ProjectSnapshot:
    return snapshot_of_files("p", {f"{name}.py": content.encode() for name, content in files.items()})


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir() if path.is_dir()))
def test_what_is_told_early_stays(name: str) -> None:
    snapshot = snapshot_of_files("p", read(CORPUS / name / "before"))
    assert isinstance(snapshot.sources, PythonSources)
    at_last = final(snapshot)
    for path in snapshot.sources.by_path:
        for question, early in so_far(without(snapshot, {path})).items():
            assert early.answer is not Answer.YES
            if early.answer is not Answer.CANNOT_TELL:
                assert at_last[question].answer in {Answer.NO, Answer.PARTLY}, (path, question, early.why)


def test_what_a_module_not_read_yet_may_do_is_no_fault_yet() -> None:
    whole = of_files(train=TRAIN, seeding="import numpy as np\ndef seed():\n    np.random.seed(1)\n")
    assert final(whole)[Question.SEEDS].answer is Answer.YES
    early = so_far(without(whole, {"seeding.py"}))[Question.SEEDS]
    assert early.answer is Answer.CANNOT_TELL
    assert "1 of 2 sources are read" in str(early.why)
    assert not early.evidence


def test_a_yes_waits_for_the_rest() -> None:
    whole = of_files(train=TRAIN, seeding="import numpy as np\ndef seed():\n    np.random.seed(1)\n", other="x = 1\n")
    early = answers_so_far(without(whole, {"other.py"}), load_knowledge(), NoProgress())
    seeds = next(one for one in early.answers if one.question is Question.SEEDS)
    assert (seeds.answer, early.read, early.count) == (Answer.CANNOT_TELL, 2, 3)
    assert "so far nothing speaks against it" in str(seeds.why)


def test_a_fault_on_a_way_that_is_read_to_its_end_is_told_at_once() -> None:
    files = {"train": "import numpy as np\nprint(np.random.rand(3))\n" + FIT, "other": "x = 1\n"}
    early = so_far(without(of_files(**files), {"other.py"}))[Question.SEEDS]
    assert early.answer in {Answer.NO, Answer.PARTLY}
    # Another program whose way is not read to its end takes nothing from it.
    files["second"] = "import other\nimport numpy as np\nprint(np.random.rand(3))\n" + FIT
    assert so_far(without(of_files(**files), {"other.py"}))[Question.SEEDS].answer in {Answer.NO, Answer.PARTLY}


def test_no_tracker_is_told_only_at_the_end() -> None:
    whole = of_files(train=FIT, second="import mlflow\nmlflow.log_params({'a': 1})\n" + FIT)
    early = so_far(without(whole, {"second.py"}))[Question.TRACKING]
    assert early.answer is Answer.CANNOT_TELL
    assert "in the others" in str(early.why)


def test_nothing_is_marked_once_everything_is_read() -> None:
    whole = of_files(train=TRAIN, seeding="import numpy as np\ndef seed():\n    np.random.seed(1)\n")
    early = answers_so_far(whole, load_knowledge(), NoProgress())
    assert early.read == early.count == 2
    assert {one.question: one.answer for one in early.answers} == {
        question: one.answer for question, one in final(whole).items()
    }
