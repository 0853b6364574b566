"""When the source of the data counts as told, and what the sheet holds that the fix writes."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.data.no_data_source import _TRAIN, CHECK
from repro_gui.errors import CannotPlan
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

TABLE = {"train.py": _TRAIN, "data/train.csv": "x,y\n1,2\n"}


def run(files: dict[str, str]) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)


def fixed(files: dict[str, str]) -> str:
    sketch = Sketch(files)
    planned = plan_fix(
        snapshot_of(sketch), load_knowledge(), [(CHECK, None)], lambda wanted: answer_from(sketch, wanted)
    )
    (change,) = planned.change_set.files
    assert change.path == "DATA.md"
    return (change.after or b"").decode()


TOLD = {
    "README": {**TABLE, "README.md": "The data set was taken from https://example.org/a.csv.\n"},
    "data sheet": {**TABLE, "data/README.md": "Recorded in our lab: collected by hand in May.\n"},
    "dvc import": {
        **TABLE,
        "data/train.csv.dvc": "deps:\n- path: a.csv\n  repo:\n    url: https://example.org/registry\n    rev_lock: "
        + "1" * 40
        + "\nouts:\n- md5: f607c127d53565c06d28363eecaf5d1c\n  hash: md5\n  path: train.csv\n",
    },
    "an address in the code": {"train.py": _TRAIN.replace("data/train.csv", "https://example.org/a.csv")},
    "of the library": {
        "train.py": "from sklearn.datasets import load_iris\nfrom sklearn.svm import SVC\nSVC().fit(*load_iris(return_X_y=True))\n"
    },
    "a script fetches it": {
        "train.py": _TRAIN,
        "get.sh": "wget -O data/train.csv https://example.org/a.csv\n",
    },
}


@pytest.mark.parametrize("files", TOLD.values(), ids=TOLD)
def test_a_source_that_is_told(files: dict[str, str]) -> None:
    result = run(files)
    assert result.outcome is Outcome.PASSED
    assert result.evidence


def test_one_finding_for_all_data_without_a_word() -> None:
    source = _TRAIN.replace("frame = ", 'other = pd.read_csv("/mnt/other.csv")\nframe = ')
    (finding,) = run({**TABLE, "train.py": source, "README.md": "# Model\n"}).findings
    assert finding.message == "No README or data sheet says where /mnt/other.csv, data/train.csv comes from."
    assert [place.path for place in finding.places] == ["train.py", "data/train.csv"]


def test_without_data_nothing_is_asked_and_a_name_given_later_is_a_doubt() -> None:
    assert run({"train.py": "from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])\n"}).outcome is (
        Outcome.NOT_APPLICABLE
    )
    source = _TRAIN.replace('"data/train.csv"', "sys.argv[1]").replace("import pandas", "import sys\nimport pandas")
    assert run({"train.py": source}).outcome is Outcome.COULD_NOT_RUN


def test_a_document_that_cannot_be_read_is_a_doubt() -> None:
    assert run({**TABLE, "README.md": "\0\1\2"}).outcome is Outcome.COULD_NOT_RUN


def test_the_sheet_holds_what_is_known_and_blanks() -> None:
    sheet = fixed(TABLE)
    assert sheet.startswith("# Data\n\n## `data/train.csv`\n\n- Size: 8 bytes\n- Read by: `train.py`\n")
    assert "- Source: …\n" in sheet
    # The blanks alone are no source; filled in they are.
    (finding,) = run({**TABLE, "DATA.md": sheet}).findings
    assert finding.message.startswith("DATA.md leaves open where ")
    assert run({**TABLE, "DATA.md": sheet.replace("Source: …", "Source: our own sensor")}).outcome is Outcome.PASSED


@pytest.mark.parametrize("path", ["DATA.md", "data/README.md"])
def test_a_sheet_that_is_there_is_not_written_over(path: str) -> None:
    with pytest.raises(CannotPlan):
        fixed({**TABLE, path: "# Rows\n"})


def test_the_sheet_is_utf8_whatever_a_file_is_called() -> None:
    sheet = fixed({**TABLE, "data/tr\udce9in.csv": "x,y\n" * 60_000})
    assert "## `data/tr\\xe9in.csv`" in sheet
