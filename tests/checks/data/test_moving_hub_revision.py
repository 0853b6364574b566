"""What is fetched from a hub, by which name and revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.data.moving_hub_revision import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Consent, HubRevision
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.gather.lookups.hub_cache import cached_commit, hub_cache_folder
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.projects_in_memory import result_of

COMMIT = "86b5e0934494bd15c9632b12f734a8a67f723594"
FIT = "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n"


def judged(code: str, **files: bytes) -> CheckResult:
    return result_of("moving-hub-revision", {"train.py": f"{code}\n{FIT}".encode(), **files})


@pytest.mark.parametrize(
    "code",
    [
        "from datasets import load_dataset as load\nload('imdb', split='train')",
        "import transformers as t\nt.AutoTokenizer.from_pretrained(pretrained_model_name_or_path='org/bert')",
        "from transformers import BertModel\nNAME = 'bert'\nBertModel.from_pretrained(NAME, revision=None)",
        "from huggingface_hub import hf_hub_download\nhf_hub_download('org/x', 'a.bin', revision='v1.0')",
        "from huggingface_hub import snapshot_download\nsnapshot_download(repo_id='org/x', revision='main')",
        "from transformers import pipeline\npipeline('text-classification', 'org/x')",
        "import pandas as pd\npd.read_csv('https://huggingface.co/datasets/org/x/resolve/main/a.csv')",
        "from diffusers import DiffusionPipeline\nDiffusionPipeline.from_pretrained('org/x')",
    ],
)
def test_names_branches_and_tags_move(code: str) -> None:
    result = judged(code)
    assert result.outcome is Outcome.FAILED, result.why_not
    (found,) = result.findings
    assert (found.path, found.line) == ("train.py", code.count("\n") + 1)


@pytest.mark.parametrize(
    "code",
    [
        f"from datasets import load_dataset\nload_dataset('imdb', revision='{COMMIT}')\nload_dataset('csv', data_files='a.csv')",
        f"from transformers import BertModel\nREVISION = '{COMMIT}'\nBertModel.from_pretrained('bert', revision=REVISION)",
        f"from transformers import BertModel as B\nB.from_pretrained('bert', revision='{COMMIT}')\nB.from_pretrained('./mine')",
        f"from transformers import BertModel as B\nB.from_pretrained('b', revision='{COMMIT}')\nB.from_pretrained('models/mine')",
    ],
)
def test_commits_and_folders_do_not(code: str) -> None:
    result = judged(code, **{"models/mine/config.json": b"{}"})
    assert result.outcome is Outcome.PASSED, [note.message for note in result.findings]
    assert result.evidence[0].message.endswith(f"names the commit {COMMIT[:10]}.")


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nfrom datasets import load_dataset\nload_dataset(sys.argv[1])",
        "import sys\nfrom datasets import load_dataset\nload_dataset('imdb', revision=sys.argv[1])",
        "import json\nfrom datasets import load_dataset\nload_dataset('imdb', **json.load(open('a.json')))",
        "import sys\nfrom transformers import BertModel\nname = 'scratch' if sys.argv else 'org/bert'\nBertModel.from_pretrained(name)",
    ],
)
def test_what_only_a_run_knows_is_a_doubt(code: str) -> None:
    assert judged(code).outcome is Outcome.COULD_NOT_RUN


def test_other_functions_of_that_name_and_text_are_nothing() -> None:
    code = "class Net:\n    def from_pretrained(self, a): return a\nNet().from_pretrained('org/x')\nx = \"load_dataset('imdb')\""
    assert judged(code).outcome is Outcome.NOT_APPLICABLE


def test_a_link_that_names_a_commit_does_not_move() -> None:
    code = f"import pandas as pd\npd.read_csv('https://huggingface.co/datasets/org/x/resolve/{COMMIT}/a.csv')"
    result = judged(code)
    assert result.outcome is Outcome.PASSED
    assert result.evidence[0].message == f"A link names the commit {COMMIT[:10]}."


def cached(cache: Path, folder: str, branch: str = "main", commit: str = COMMIT) -> None:
    (cache / folder / "refs").mkdir(parents=True)
    (cache / folder / "refs" / branch).write_text(commit)
    (cache / folder / "snapshots" / commit).mkdir(parents=True)


def fixed(code: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The source after the fix, with the real look-up in a cache of the hub."""
    monkeypatch.setenv("HF_HUB_CACHE", str(home))
    project = home.parent / "project"
    project.mkdir()
    (project / "train.py").write_text(code)
    snapshot = snapshot_of_files("p", {"train.py": code.encode()})
    with ProjectFiles(project) as opened:
        planned = plan_fix(
            snapshot,
            load_knowledge(),
            [(CHECK, None)],
            lambda wanted: answer_lookups(opened, wanted, frozenset({Consent.READS}), NoProgress()),
        )
    after = run_check(FactsFor(snapshot.after(planned.change_set), load_knowledge()), CHECK)
    assert after.findings == ()
    return (planned.change_set.files[0].after or b"").decode()


TRAIN = "from transformers import AutoModel, Trainer\nimport datasets\nimport requests\nTrainer().train()\n"
CACHED = {
    "model": ("AutoModel.from_pretrained('org/name')", "models--org--name", "main"),
    "data set": ("datasets.load_dataset('imdb', split='train')", "datasets--imdb", "main"),
    "branch": ("AutoModel.from_pretrained('org/name', revision='v2')", "models--org--name", "v2"),
    "link": (
        "requests.get('https://huggingface.co/datasets/org/name/resolve/main/a.csv')",
        "datasets--org--name",
        "main",
    ),
}


@pytest.mark.parametrize(("call", "folder", "branch"), CACHED.values(), ids=CACHED)
def test_the_commit_of_the_cache_is_written(
    call: str, folder: str, branch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(tmp_path / "hub", folder, branch)
    written = fixed(f"{TRAIN}{call}\n", tmp_path / "hub", monkeypatch).splitlines()[-1]
    if "https" in call:
        assert written == call.replace("resolve/main", f"resolve/{COMMIT}")
    elif branch == "main":
        assert written == f'{call[:-1]}, revision="{COMMIT}")'
    else:
        assert written == call.replace("'v2'", f'"{COMMIT}"')


def test_a_cache_without_it_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hub").mkdir()
    with pytest.raises(CannotPlan, match="has no commit of org/name"):
        fixed(f"{TRAIN}AutoModel.from_pretrained('org/name')\n", tmp_path / "hub", monkeypatch)


def test_half_a_cache_and_hostile_names_are_no_commit(tmp_path: Path) -> None:
    environment = {"HF_HOME": str(tmp_path)}
    folder = tmp_path / "hub" / "models--a"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(COMMIT)
    # The branch is known, its files are gone.
    assert isinstance(cached_commit(HubRevision("a", "model"), environment), Unavailable)
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    assert cached_commit(HubRevision("a", "model"), environment) == COMMIT
    (folder / "refs" / "main").write_text("main\n" * 100)
    assert isinstance(cached_commit(HubRevision("a", "model"), environment), Unavailable)
    for name in ("../a", "a/../../b", "/etc", "a\0b", ""):
        assert isinstance(cached_commit(HubRevision(name, "model"), environment), Unavailable)
    assert isinstance(cached_commit(HubRevision("a", "model", "../../x"), environment), Unavailable)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HF_HUB_CACHE": "/c", "HF_HOME": "/h"}, "/c"),
        ({"HUGGINGFACE_HUB_CACHE": "/c"}, "/c"),
        ({"HF_HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/h/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], expected: str) -> None:
    assert hub_cache_folder(environment) == Path(expected)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("fetch_openml('adult')", Outcome.FAILED),
        ("fetch_openml('adult', version='active')", Outcome.FAILED),
        ("fetch_openml('adult', version=2)", Outcome.PASSED),
        ("fetch_openml(data_id=1590)", Outcome.PASSED),
        ("fetch_openml(name)", Outcome.COULD_NOT_RUN),
        ("torch.hub.load('pytorch/vision', 'resnet18')", Outcome.FAILED),
        ("torch.hub.load('pytorch/vision:v0.10.0', 'resnet18')", Outcome.FAILED),
        (f"torch.hub.load('pytorch/vision:{COMMIT}', 'resnet18')", Outcome.PASSED),
        ("torch.hub.load('here', 'resnet18', source='local')", Outcome.NOT_APPLICABLE),
    ],
)
def test_other_hubs(call: str, outcome: Outcome) -> None:
    head = "import sys\nimport torch\nfrom sklearn.datasets import fetch_openml\nfrom sklearn.svm import SVC\nname = sys.argv[1]\n"
    assert result_of("moving-hub-revision", {"train.py": f"{head}SVC().fit({call})\n".encode()}).outcome is outcome
