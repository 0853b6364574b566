"""What is fetched from a hub, by which name and revision."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import CheckResult, Outcome
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
