from __future__ import annotations

from collections.abc import Mapping

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import Finding
from repro_gui.checks.data.unversioned_data import CHECK, needs, plan_fix
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.data_state import data_answer_facts
from repro_gui.facts.git import GitFacts, GitState, NoRepository
from repro_gui.facts.lookup import Answers, FileContent, FreeSpace
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge
from repro_gui.text import text

TRAIN = b"""import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_csv("data/train.csv")
LinearRegression().fit(frame[["x"]], frame["y"])
"""
BIG = b"1,2,3\n" * 20_000
RECORD = b"outs:\n- md5: 00000000000000000000000000000000\n  hash: md5\n  path: train.csv\n"


def snapshot(
    files: Mapping[str, bytes], tracked: set[str] | None = None, git: GitFacts | None = None
) -> ProjectSnapshot:
    known = {"train.py"} if tracked is None else tracked
    return snapshot_of_files("p", files, git or GitState(head="1" * 40, tracked=frozenset(known)))


def judge(files: Mapping[str, bytes], tracked: set[str] | None = None, git: GitFacts | None = None) -> CheckResult:
    return run_check(FactsFor(snapshot(files, tracked, git), load_knowledge()), CHECK)


def answer(files: Mapping[str, bytes], tracked: set[str] | None = None, git: GitFacts | None = None) -> str:
    facts = FactsFor(snapshot(files, tracked, git), load_knowledge())
    tree, data_files = facts.snapshot.tree, facts.snapshot.data_files
    assert isinstance(tree, FileTree)
    assert isinstance(data_files, DataFiles)
    return data_answer_facts(
        tree, data_files, facts.snapshot.git, facts.program, facts.snapshot.launchers, facts.knowledge
    ).state


def said(result: CheckResult) -> list[str]:
    return [note.message for note in result.findings]


def test_read_and_tracked_by_nothing() -> None:
    files = {"train.py": TRAIN, "data/train.csv": b"x,y\n1,2\n"}
    result = judge(files)
    assert said(result) == ["data/train.csv (8 bytes) is tracked by nothing."]
    (finding,) = result.findings
    assert (finding.path, [(place.path, place.line) for place in finding.places]) == (
        "data/train.csv",
        [("train.py", 4)],
    )
    assert answer(files) == "no"


@pytest.mark.parametrize(
    ("more", "tracked", "mechanism"),
    [
        ({}, {"train.py", "data/train.csv"}, "git"),
        ({"data/train.csv.dvc": RECORD}, None, "dvc"),
        ({".gitattributes": b"*.csv filter=lfs\n"}, {"train.py", "data/train.csv"}, "git-lfs"),
        (
            {
                "dvc.lock": b"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n    - path: data\n      hash: md5\n      md5: 0.dir\n"
            },
            None,
            "dvc",
        ),
    ],
)
def test_pinned_by_each_mechanism(more: dict[str, bytes], tracked: set[str] | None, mechanism: str) -> None:
    files = {"train.py": TRAIN, "data/train.csv": b"x", **more}
    result = judge(files, tracked)
    assert result.outcome is Outcome.PASSED
    assert mechanism in {note.values.get("mechanism") for note in result.evidence}
    assert answer(files, tracked) == "yes"


def test_held_by_dvc_and_not_here_is_pinned() -> None:
    result = judge({"train.py": TRAIN, "data/train.csv.dvc": RECORD})
    assert result.outcome is Outcome.PASSED
    assert "data/train.csv is not here, but DVC holds it" in result.evidence[0].message
    assert (result.evidence[0].path, result.evidence[0].line) == ("data/train.csv.dvc", 2)


def test_without_any_repository_nothing_is_tracked() -> None:
    assert len(judge({"train.py": TRAIN, "data/train.csv": b"x"}, git=NoRepository()).findings) == 1


def test_when_git_cannot_be_read_nothing_is_claimed() -> None:
    git = Unavailable(text("Git is not installed."))
    files = {"train.py": TRAIN, "data/train.csv": b"x"}
    result = judge(files, git=git)
    assert (result.outcome, result.findings) == (Outcome.COULD_NOT_RUN, ())
    assert answer(files, git=git) == "cannot-tell"
    assert judge({**files, "data/train.csv.dvc": RECORD}, git=git).outcome is Outcome.PASSED


def test_data_that_only_lies_there() -> None:
    files = {
        "train.py": b"from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])\n",
        "model.safetensors": BIG,
        "small.csv": b"1,2\n",
        "results/scores.csv": BIG,
        "figures/plot.png": BIG,
        "notes.txt": BIG,
        "config.json": BIG,
        "data/annotations.json": BIG,
        "data/output/derived.parquet": BIG,
    }
    assert {note.path for note in judge(files).findings} == {
        "model.safetensors",
        "data/annotations.json",
        "data/output/derived.parquet",
    }


def test_many_loose_files_in_one_folder_are_one_finding() -> None:
    files = {"train.py": TRAIN, **{f"data/part/{index}.npy": BIG for index in range(6)}}
    found = judge(files)
    assert "6 data files in data/part (720 KB) are tracked by nothing." in said(found)
    assert len(judge(files, {"train.py", "data/part/0.npy"}).findings) == 6  # data/train.csv, and five files


def test_ignored_by_git_is_said() -> None:
    git = GitState(head="1" * 40, tracked=frozenset({"train.py"}), ignored=("data/train.csv",))
    assert said(judge({"train.py": TRAIN, "data/train.csv": BIG}, git=git)) == [
        "data/train.csv (120 KB) is tracked by nothing, and Git ignores it."
    ]


def test_missing_and_outside() -> None:
    outside = TRAIN.replace(b"data/train.csv", b"/mnt/train.csv")
    assert said(judge({"train.py": outside})) == [
        "The program reads /mnt/train.csv, outside the project, which nothing pins."
    ]
    assert said(judge({"train.py": TRAIN})) == [
        "The program reads data/train.csv, which is not here, and nothing pins it."
    ]
    assert judge({"train.py": outside}).findings[0].line == 4


def test_what_lies_in_a_store_is_pinned_by_a_version_only() -> None:
    (finding,) = judge({"train.py": TRAIN.replace(b"data/train.csv", b"s3://bucket/a.csv")}).findings
    assert "s3://bucket/a.csv" in finding.message
    versioned = judge(
        {"train.py": TRAIN.replace(b"data/train.csv", b"s3://bucket/a.csv?versionId=3sL4kqtJlcpXroDTDmJ")}
    )
    assert versioned.outcome is Outcome.PASSED


def test_a_hub_without_a_commit_is_told_by_its_own_check() -> None:
    source = b"from datasets import load_dataset\nfrom sklearn.svm import SVC\nSVC().fit(load_dataset('imdb'))\n"
    result = judge({"train.py": source})
    # Not a green mark: nothing is under version control.
    assert (result.outcome, result.findings) == (Outcome.NOT_APPLICABLE, ())
    assert answer({"train.py": source}) == "no"


def test_two_folders_of_one_root_are_one_finding() -> None:
    source = b"""import os
import sys
from sklearn.svm import SVC
from torchvision.datasets import CIFAR100, ImageFolder

def build(is_train, root="/mnt/imagenet"):
    CIFAR100(root, train=is_train)
    return ImageFolder(os.path.join(root, "train" if is_train else "val"))

build(True)
SVC().fit([[0]], [0])
"""
    (finding,) = judge({"train.py": source}).findings
    assert finding.message == "The program reads /mnt/imagenet, outside the project, which nothing pins."
    assert [place.line for place in finding.places] == [7, 8]
    (finding,) = judge({"train.py": source.replace(b"    CIFAR100(root, train=is_train)\n", b"")}).findings
    assert finding.message == "The program reads /mnt/imagenet, outside the project, which nothing pins."
    apart = b"import pandas as pd\nfrom sklearn.svm import SVC\nSVC().fit(pd.read_csv('/mnt/a/x.csv'), pd.read_csv('/mnt/b/y.csv'))\n"
    assert len(judge({"train.py": apart}).findings) == 2


@pytest.mark.parametrize(
    ("path", "outcome", "answered"),
    [
        (f"lakefs://repo/{'ab' * 32}/a.csv", Outcome.PASSED, "yes"),
        ("lakefs://repo/main/a.csv", Outcome.NOT_APPLICABLE, "no"),
        ("lakefs://repo/v1.2/a.csv", Outcome.COULD_NOT_RUN, "cannot-tell"),
    ],
)
def test_lakefs_is_pinned_by_a_commit(path: str, outcome: Outcome, answered: str) -> None:
    files = {"train.py": TRAIN.replace(b"data/train.csv", path.encode())}
    assert judge(files).outcome is outcome
    assert answer(files) == answered


def test_a_folder_of_lakectl_local_is_pinned_by_its_commit() -> None:
    index = b"src: lakefs://r/main/\nat_head: " + b"ab" * 32 + b"\n"
    files = {"train.py": TRAIN, "data/train.csv": b"x", "data/.lakefs_ref.yaml": index}
    result = judge(files)
    assert result.outcome is Outcome.PASSED
    assert [(note.values["mechanism"], note.path, note.line) for note in result.evidence] == [
        ("lakefs", "data/.lakefs_ref.yaml", 2)
    ]
    result = judge({**files, "data/.lakefs_ref.yaml": b"src: lakefs://r/main/\n"})
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "lakeFS, which is not read yet" in str(result.why_not)


def test_path_from_the_command_line_cannot_be_told() -> None:
    source = TRAIN.replace(b'"data/train.csv"', b"__import__('sys').argv[1]")
    result = judge({"train.py": source})
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "pandas.read_csv" in str(result.why_not)


def test_no_data_at_all() -> None:
    result = judge({"train.py": b"from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])\n"})
    assert result.outcome is Outcome.NOT_APPLICABLE


def test_partly() -> None:
    source = TRAIN + b'test = pd.read_csv("data/test.csv")\n'
    assert (
        answer({"train.py": source, "data/train.csv": b"x", "data/test.csv": b"x"}, {"train.py", "data/test.csv"})
        == "partly"
    )


def test_downloads_checked_by_their_library_are_partly() -> None:
    source = (
        b"import torchvision\nfrom sklearn.svm import SVC\n"
        b'torchvision.datasets.MNIST("store", download=True)\nSVC().fit([[0], [1]], [0, 1])\n'
    )
    files = {"train.py": source, "store/MNIST/raw/train-images.idx3-ubyte": BIG}
    assert judge(files).outcome is Outcome.PASSED
    assert answer(files) == "partly"


def plan(files: Mapping[str, bytes], git: GitState | None = None, free: int = 10**12) -> ChangeSet:
    shot = snapshot(files, git=git)
    (finding,) = [
        one
        for one in CHECK.find(**FactsFor(shot, load_knowledge()).arguments(CHECK.find))  # type: ignore[arg-type]
        if isinstance(one, Finding)
    ]
    answers = Answers(
        {lookup: files.get(lookup.path) if isinstance(lookup, FileContent) else free for lookup in needs(finding)}
    )
    assert FreeSpace() in answers.by_lookup
    assert isinstance(shot.tree, FileTree)
    assert isinstance(shot.data_files, DataFiles)
    return plan_fix(finding, shot.tree, shot.data_files, shot.git, answers)


def shown(change_set: ChangeSet) -> list[str]:
    return [command.shown for command in change_set.commands]


def test_plan_begins_with_init_only_where_there_is_no_dvc() -> None:
    files = {"train.py": TRAIN, "data/train.csv": BIG}
    change_set = plan(files)
    assert shown(change_set) == ["dvc init --quiet", "dvc add --quiet -- data/train.csv"]
    assert change_set.files == ()
    assert "120 KB" in str(change_set.notes[0])
    assert shown(plan({**files, ".dvc/config": b""})) == ["dvc add --quiet -- data/train.csv"]
    assert not any(command.runs_project_code for command in change_set.commands)


def test_plan_needs_trust_where_hooks_or_filters_would_run() -> None:
    git = GitState(head="1" * 40, tracked=frozenset({"train.py"}), has_hooks=("pre-commit",))
    change_set = plan({"train.py": TRAIN, "data/train.csv": BIG}, git)
    assert all(command.runs_project_code for command in change_set.commands)


def test_plan_takes_the_whole_folder_when_it_holds_only_data() -> None:
    source = TRAIN.replace(b'pd.read_csv("data/train.csv")', b'pd.read_csv("data/" + input())')
    files = {"train.py": source, "data/a.csv": b"x", "data/b.csv": b"y"}
    assert shown(plan(files))[1:] == ["dvc add --quiet -- data"]
    assert shown(plan({**files, "data/load.py": b""}))[1:] == [
        "dvc add --quiet -- data/a.csv",
        "dvc add --quiet -- data/b.csv",
    ]


def test_plan_lets_git_see_the_records_in_an_ignored_folder() -> None:
    git = GitState(head="1" * 40, tracked=frozenset({"train.py", ".gitignore"}), ignored=("data/train.csv",))
    files = {"train.py": TRAIN, "data/train.csv": BIG, ".gitignore": b"data/\n"}
    (change,) = plan(files, git).files
    assert change.path == ".gitignore"
    assert change.after == b"data/\n!/data/\n/data/**\n!/data/**/\n!/data/**/*.dvc\n!/data/**/.gitignore\n"
    assert plan({**files, ".gitignore": b"*.csv\n"}, git).files == ()
    with pytest.raises(CannotPlan):
        plan({**files, ".gitignore": b"*.dvc\n"}, git)


def test_plan_refuses_a_full_disk_and_places_outside() -> None:
    with pytest.raises(CannotPlan, match=r"only 1\.0 MB are free"):
        plan({"train.py": TRAIN, "data/train.csv": BIG}, free=10**6)
    with pytest.raises(CannotPlan, match="outside the project"):
        plan({"train.py": TRAIN.replace(b"data/train.csv", b"/mnt/train.csv")})
    with pytest.raises(CannotPlan, match="is not here"):
        plan({"train.py": TRAIN})
