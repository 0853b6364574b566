"""Where refs of lakeFS stand, which of them move, and what the fix writes."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.data.moving_lakefs_ref import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.facts.lakefs_refs import RefKind, ref_kind
from repro_gui.facts.lookup import LakefsCommit
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

COMMIT = "ab" * 32
TRAIN = "import pandas as pd\nfrom sklearn.svm import SVC\nREF = 'main'\nSVC().fit({})\n"


def run(files: dict[str, str]) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)


def fixed(files: dict[str, str], ref: str = "main") -> dict[str, str]:
    sketch = Sketch(files, answers={LakefsCommit("prices", ref): COMMIT})
    planned = plan_fix(
        snapshot_of(sketch), load_knowledge(), [(CHECK, None)], lambda wanted: answer_from(sketch, wanted)
    )
    after = run_check(FactsFor(snapshot_of(sketch).after(planned.change_set), load_knowledge()), CHECK)
    assert after.outcome is Outcome.PASSED
    return {change.path: (change.after or b"").decode() for change in planned.change_set.files}


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("main", RefKind.BRANCH),
        ("experiment-1a", RefKind.BRANCH),
        ("main~1", RefKind.BRANCH),
        ("main@", RefKind.BRANCH),
        (COMMIT, RefKind.COMMIT),
        (COMMIT[:16], RefKind.COMMIT),
        (f"{COMMIT}~2", RefKind.COMMIT),
        ("v1", RefKind.MAYBE_TAG),
        ("v1.2.0-rc1", RefKind.MAYBE_TAG),
        ("2024-05-01", RefKind.MAYBE_TAG),
        ("release-3", RefKind.MAYBE_TAG),
        ("cafe", RefKind.BRANCH),
        ("{ref}", RefKind.UNKNOWN),
        ("$REF", RefKind.UNKNOWN),
    ],
)
def test_what_a_name_says(ref: str, kind: RefKind) -> None:
    assert ref_kind(ref) is kind


PLACES = {
    "code": ("train.py", TRAIN.format("pd.read_csv('lakefs://prices/main/a.csv')"), 4),
    "configuration": ("conf/data.yaml", "rows: 3\npath: lakefs://prices/main/a.csv\n", 2),
    "script": ("get.sh", "set -e\nlakectl fs download -r lakefs://prices/main/ data/\n", 2),
    "client": ("train.py", "import lakefs\n" + TRAIN.format("lakefs.repository('prices').ref('main').object('a')"), 5),
}


@pytest.mark.parametrize(("path", "content", "line"), PLACES.values(), ids=PLACES)
def test_each_place_is_found_and_gets_the_commit(path: str, content: str, line: int) -> None:
    files = {"train.py": TRAIN.format("[[0], [1]], [0, 1]"), path: content}
    (finding,) = run(files).findings
    assert (finding.path, finding.line) == (path, line)
    assert fixed(files)[path] == content.replace("prices/main/", f"prices/{COMMIT}/").replace(
        ".ref('main')", f".ref('{COMMIT}')"
    )


def test_a_gateway_counts_where_its_server_is_lakefs() -> None:
    read = "pd.read_csv('s3://prices/main/a.csv', storage_options={'endpoint_url': 'https://lakefs.example.org'})"
    files = {"train.py": TRAIN.format(read)}
    (finding,) = run(files).findings
    assert finding.message == "prices is read at main, which can move."
    assert f"s3://prices/{COMMIT}/a.csv" in fixed(files)["train.py"]
    assert run({"train.py": TRAIN.format("pd.read_csv('s3://prices/main/a.csv')")}).outcome is Outcome.NOT_APPLICABLE


def test_a_ref_that_is_a_name_is_followed_and_changed_by_hand() -> None:
    files = {"train.py": TRAIN.format("pd.read_csv(f'lakefs://prices/{REF}/a.csv')")}
    (finding,) = run(files).findings
    assert finding.message == "prices is read at main, which can move."
    with pytest.raises(CannotPlan, match="put together"):
        fixed(files)


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        (f"lakefs://prices/{COMMIT}/a.csv", Outcome.PASSED),
        ("lakefs://prices/v1.0/a.csv", Outcome.COULD_NOT_RUN),
        ("lakefs://{}/x", Outcome.NOT_APPLICABLE),
        ("https://example.org/main/a.csv", Outcome.NOT_APPLICABLE),
    ],
)
def test_what_does_not_move_or_is_not_known(address: str, outcome: Outcome) -> None:
    assert run({"train.py": TRAIN.format(f"pd.read_csv('{address}')")}).outcome is outcome


@pytest.mark.parametrize(
    ("index", "outcome"),
    [
        (f"src: lakefs://prices/main/\nat_head: {COMMIT}\n", Outcome.PASSED),
        (f"src: lakefs://prices/{COMMIT}/\n", Outcome.PASSED),
        ("src: lakefs://prices/main/\n", Outcome.FAILED),
        ("[", Outcome.COULD_NOT_RUN),
        ("", Outcome.COULD_NOT_RUN),
    ],
)
def test_folders_of_lakectl_local(index: str, outcome: Outcome) -> None:
    assert run({"train.py": TRAIN.format("1"), "data/.lakefs_ref.yaml": index}).outcome is outcome


def test_a_readme_only_tells() -> None:
    files = {"train.py": TRAIN.format("1"), "README.md": "```\nlakectl fs cat lakefs://prices/main/a.csv\n```\n"}
    assert run(files).outcome is Outcome.NOT_APPLICABLE
