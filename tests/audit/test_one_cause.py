"""One cause is told by one check; when that one may not tell of it (waived, broken, mended in part), the others do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
import pytest

from repro_gui.audit.answers import answer_questions
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Answer, CheckResult, Outcome, Question
from repro_gui.audit.run import run_checks
from repro_gui.checks.check import CannotTell, Check, Finding, Observation, Pillar, Place, Weight
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.settings import Settings, Waiver
from repro_gui.facts.tree import FileTree
from repro_gui.knowledge import load_knowledge
from repro_gui.location import Location
from repro_gui.progress import NoProgress
from repro_gui.text import text
from tests.projects_in_memory import fixed, snapshot_of

SEED = "import numpy as np\n\n\ndef set_seed(seed=1):\n    np.random.seed(seed)\n"
DRAWS = 'import numpy as np\n{}\nnp.save("rows.npy", np.random.rand(9))\n'
UNCALLED = {"seeds.py": SEED.encode(), "train.py": DRAWS.format("import seeds\n").encode()}
SPLIT = b"""\
import argparse

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
options = parser.parse_args()
np.random.seed(options.seed)
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=options.seed)
joblib.dump(LogisticRegression().fit(X_train, y_train), "model.joblib")
np.save("noise.npy", np.random.rand(3))
"""


def results_of(
    files: Mapping[str, bytes], waived: Iterable[str] = (), checks: Iterable[Check] | None = None
) -> tuple[dict[str, CheckResult], FactsFor]:
    waivers = tuple(Waiver(key, "on purpose", "Anna") for key in waived)
    snapshot = msgspec.structs.replace(snapshot_of(files), settings=Settings(waivers=waivers))
    facts = FactsFor(snapshot, load_knowledge())
    return {one.check_id: one for one in run_checks(facts, checks or all_checks(), NoProgress())}, facts


def failed(results: Mapping[str, CheckResult]) -> set[str]:
    seeds = ("uncalled-seed", "unseeded-library", "unseeded-loader", "optional-seed", "unpinned-split", "moving-seed")
    return {name for name in seeds if results[name].outcome is Outcome.FAILED}


def answers_of(results: Mapping[str, CheckResult], facts: FactsFor) -> dict[Question, Answer]:
    return {one.question: one.answer for one in answer_questions(facts, results.values())}


def test_the_function_that_nobody_calls_tells_of_the_library() -> None:
    results, facts = results_of(UNCALLED)
    assert failed(results) == {"uncalled-seed"}
    library = results["unseeded-library"]
    assert (library.outcome, library.told_by) == (Outcome.NOT_APPLICABLE, ("uncalled-seed",))
    assert str(library.why_not) == "uncalled-seed tells of the same cause."
    assert "nothing on its way seeds" in library.evidence[0].message
    assert not library.evidence[0].key
    assert answers_of(results, facts)[Question.SEEDS] is Answer.NO


def test_a_waived_cause_tells_of_nothing() -> None:
    results, _ = results_of(UNCALLED)
    (finding,) = results["uncalled-seed"].findings
    again, facts = results_of(UNCALLED, [finding.key])
    assert again["uncalled-seed"].outcome is Outcome.WAIVED
    assert failed(again) == {"unseeded-library"}
    assert again["unseeded-library"].told_by == ()
    assert answers_of(again, facts)[Question.SEEDS] is Answer.NO
    both, facts = results_of(UNCALLED, [finding.key, again["unseeded-library"].findings[0].key])
    assert failed(both) == set()
    assert both["unseeded-library"].outcome is Outcome.WAIVED


def test_a_check_that_breaks_or_is_not_run_tells_of_nothing() -> None:
    def find(tree: FileTree) -> Iterator[Observation]:
        raise ZeroDivisionError

    checks = [msgspec.structs.replace(one, find=find) if one.id == "uncalled-seed" else one for one in all_checks()]
    results, _ = results_of(UNCALLED, checks=checks)
    assert failed(results) == {"unseeded-library"}
    alone, _ = results_of(UNCALLED, checks=[one for one in all_checks() if one.id == "unseeded-library"])
    assert alone["unseeded-library"].outcome is Outcome.FAILED


def test_what_the_function_would_not_seed_is_told_by_itself() -> None:
    train = (
        b"import numpy as np\nimport random\nimport seeds\n\nnp.save('rows.npy', np.random.rand(9) + random.random())\n"
    )
    files = UNCALLED | {"train.py": train}
    results, _ = results_of(files)
    assert failed(results) == {"uncalled-seed", "unseeded-library"}
    assert [one.values["library"] for one in results["unseeded-library"].findings] == ["python"]
    after, _ = results_of(fixed(["uncalled-seed"], files))
    assert failed(after) == {"unseeded-library"}
    assert [one.values["library"] for one in after["unseeded-library"].findings] == ["python"]


def test_called_by_one_program_it_is_no_cause_for_another() -> None:
    called = DRAWS.format("import seeds\n\nseeds.set_seed()").encode()
    results, _ = results_of(UNCALLED | {"evaluate.py": UNCALLED["train.py"], "train.py": called})
    assert failed(results) == {"unseeded-library"}
    assert [one.path for one in results["unseeded-library"].findings] == ["evaluate.py"]


def test_a_function_that_a_program_cannot_import_is_not_its_cause() -> None:
    files = {"first/seeds.py": SEED.encode(), "first/train.py": UNCALLED["train.py"]}
    files["second/train.py"] = DRAWS.format("").encode()
    results, _ = results_of(files)
    assert failed(results) == {"uncalled-seed", "unseeded-library"}
    assert [one.path for one in results["unseeded-library"].findings] == ["second/train.py"]


def test_a_process_of_its_own_is_told_by_the_library() -> None:
    train = b"""\
import json
import multiprocessing
import random

import seeds


def work(queue):
    queue.put(random.random())


if __name__ == "__main__":
    random.seed(1)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    with open("result.json", "w") as file:
        json.dump(queue.get() + random.random(), file)
"""
    seeds = SEED.replace("import numpy as np", "import random").replace("np.random", "random")
    results, _ = results_of({"seeds.py": seeds.encode(), "train.py": train})
    assert failed(results) == {"unseeded-library"}


def test_a_split_by_an_optional_seed_is_told_by_the_option_and_stays_a_fault_of_the_data() -> None:
    results, facts = results_of({"train.py": SPLIT})
    assert failed(results) == {"optional-seed"}
    assert results["unpinned-split"].told_by == ("optional-seed",)
    (finding,) = results["optional-seed"].findings
    # It speaks for a split, which is no smaller fault for being told here.
    assert finding.weight is Weight.MUST
    assert 14 in {place.line for place in finding.places}
    answered = {one.question: one for one in answer_questions(facts, results.values())}
    assert answered[Question.DATA].answer is Answer.PARTLY
    assert "split differs" in str(answered[Question.DATA].why)
    assert any("train_test_split" in note.message for note in answered[Question.DATA].evidence)
    again, facts = results_of({"train.py": SPLIT}, [finding.key])
    assert failed(again) == {"unpinned-split"}
    assert answers_of(again, facts)[Question.DATA] is Answer.PARTLY
    after, facts = results_of(fixed(["optional-seed"], {"train.py": SPLIT}))
    assert failed(after) == set()
    assert answers_of(after, facts)[Question.DATA] is Answer.YES


def test_a_split_by_a_moving_seed_is_told_by_the_seed() -> None:
    moving = SPLIT.replace(b"np.random.seed(options.seed)", b"np.random.seed(int(time.time()))").replace(
        b"import argparse\n", b"import argparse\nimport time\n"
    )
    results, _ = results_of({"train.py": moving.replace(b", random_state=options.seed", b"")})
    assert failed(results) == {"moving-seed"}
    assert results["unpinned-split"].told_by == ("moving-seed",)


_LOADER = """\
import torch
from torch.utils.data import DataLoader
{}
torch.save(list(DataLoader(torch.load("rows.pt"), shuffle=True)), "order.pt")
"""


@pytest.mark.parametrize(
    ("more", "told"),
    [("", "unseeded-loader"), ("model = torch.nn.Linear(2, 2)", "unseeded-library"), ("torch.manual_seed(1)", "")],
)
def test_a_loader_and_its_library_are_told_once(more: str, told: str) -> None:
    results, facts = results_of({"train.py": _LOADER.format(more).encode()})
    assert failed(results) == ({told} if told else set())
    if told:
        (finding,) = results[told].findings
        assert finding.weight is Weight.MUST
        assert answers_of(results, facts)[Question.SEEDS] is Answer.NO
        # With the one waived the other says so: nothing seeds PyTorch still.
        again, _ = results_of({"train.py": _LOADER.format(more).encode()}, [finding.key])
        assert failed(again) == {"unseeded-library", "unseeded-loader"} - {told}


def test_a_loader_that_one_program_seeds_is_told_for_the_other() -> None:
    loader = "import torch\nfrom torch.utils.data import DataLoader\n\n\ndef order():\n    return list(DataLoader(torch.load('rows.pt'), shuffle=True))\n"
    seeded = "import torch\nfrom loader import order\n\ntorch.manual_seed(1)\ntorch.save(order(), 'order.pt')\n"
    files = {"loader.py": loader, "a.py": seeded, "train.py": seeded.replace("torch.manual_seed(1)\n", "")}
    results, _ = results_of({path: content.encode() for path, content in files.items()})
    assert failed(results) == {"unseeded-loader"}
    assert [one.values["entry"] for one in results["unseeded-loader"].findings] == ["train.py"]


@pytest.mark.parametrize(
    ("written", "there", "told"),
    [
        ("/home/anna/wheat/data/train.csv", True, "hard-coded-path"),
        ("/home/anna/wheat/data/train.csv", False, "unversioned-data"),
    ],
)
def test_data_at_a_place_of_one_machine_is_told_once(written: str, there: bool, told: str) -> None:
    train = f'import pandas as pd\n\npd.read_csv("{written}").to_csv("out.csv")\n'
    files = {"train.py": train.encode()} | ({"data/train.csv": b"a\n1\n"} if there else {})
    results, _ = results_of(files)
    names = ("hard-coded-path", "unversioned-data")
    of_the_path = {name: [one for one in results[name].findings if one.values.get("path") == written] for name in names}
    assert [name for name, found in of_the_path.items() if found] == [told]
    assert of_the_path[told][0].weight is Weight.MUST
    (other,) = set(names) - {told}
    assert results[other].told_by == (told,)


# ---- the rule itself ----


def made_up(check_id: str, *observed: Observation, told_by: tuple[str, ...] = ()) -> Check:
    def find(tree: FileTree) -> Iterator[Observation]:
        yield from observed

    return Check(check_id, Pillar.CODE, Weight.SHOULD, "fine", "not fine", "Why.", find=find, told_by=told_by)


def found(cause: str, line: int, *told_by: tuple[str, str], weight: Weight | None = None) -> Finding:
    place = Location("a.py", line)
    return Finding(
        text(f"fault {line}"),
        place,
        expression=cause,
        cause=cause,
        weight=weight,
        places=(Place(text(f"here {line}"), place),),
        told_by=told_by,
    )


def outcomes(*checks: Check, waived: Iterable[str] = ()) -> dict[str, Outcome]:
    results, _ = results_of({}, waived, checks)
    return {name: one.outcome for name, one in results.items()}


def test_tellers_may_be_told_of_themselves() -> None:
    first = made_up("first", found("one", 1))
    second = made_up("second", found("two", 2, ("first", "one")), told_by=("first",))
    third = made_up("third", found("three", 3, ("second", "two"), ("first", "one")), told_by=("second", "first"))
    fails, told = Outcome.FAILED, Outcome.NOT_APPLICABLE
    assert outcomes(third, second, first) == {"first": fails, "second": told, "third": told}
    assert outcomes(third, second) == {"second": fails, "third": told}
    assert outcomes(third) == {"third": fails}
    # What tells of nothing itself tells of nothing else.
    only_second = made_up("third", found("three", 3, ("second", "two")), told_by=("second",))
    assert outcomes(only_second, second, first) == {"first": fails, "second": told, "third": fails}


def test_of_two_that_wait_for_each_other_the_first_tells() -> None:
    first = made_up("first", found("one", 1, ("second", "two")), told_by=("second",))
    second = made_up("second", found("two", 2, ("first", "one")), told_by=("first",))
    assert outcomes(first, second) == {"first": Outcome.FAILED, "second": Outcome.NOT_APPLICABLE}


def test_a_doubt_stays_beside_what_is_told_elsewhere() -> None:
    first = made_up("first", found("one", 1))
    second = made_up("second", found("two", 2, ("first", "one")), CannotTell(text("unclear")), told_by=("first",))
    results, _ = results_of({}, (), [second, first])
    assert results["second"].outcome is Outcome.COULD_NOT_RUN
    assert str(results["second"].why_not) == "unclear"
    assert results["second"].has_fault


def test_who_tells_shows_all_places_and_weighs_as_much_as_the_heaviest() -> None:
    first = made_up("first", found("one", 1, weight=Weight.ADVICE))
    second = made_up(
        "second",
        found("two", 2, ("first", "one"), weight=Weight.MUST),
        found("three", 3, ("first", "one")),
        found("four", 4),
        told_by=("first",),
    )
    results, _ = results_of({}, (), [first, second])
    (teller,) = results["first"].findings
    assert teller.weight is Weight.MUST
    assert [(place.line, place.message) for place in teller.places] == [(1, "here 1"), (2, "here 2"), (3, "here 3")]
    assert [note.line for note in results["second"].findings] == [4]
    assert results["second"].told_by == ("first",)
    assert results["second"].outcome is Outcome.FAILED


def test_every_named_check_exists() -> None:
    known = {one.id for one in all_checks()}
    assert all(set(one.told_by) <= known - {one.id} for one in all_checks())
