"""Files fetched by Python, shell and notebooks, with and without a checksum."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.data.unverified_download import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Answers, FileContent, FileDigest
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge
from tests.projects_in_memory import result_of

URL = "https://example.org/data.zip"


def judged(code: str, path: str = "get.py") -> CheckResult:
    return result_of("unverified-download", {path: code.encode()})


@pytest.mark.parametrize(
    "code",
    [
        f"from urllib.request import urlretrieve as get\nget('{URL}', 'a.zip')",
        f"import requests\ndef load():\n    answer = requests.get('{URL}')\n    with open('a', 'wb') as f:\n        f.write(answer.content)",
        f"import torch\ntorch.hub.download_url_to_file('{URL}', 'a.zip')",
        f"from torchvision.datasets.utils import download_url\ndownload_url('{URL}', '.', md5=None)",
        f"from tensorflow import keras\nkeras.utils.get_file('a.zip', '{URL}')",
        f"import gdown\ngdown.download(url='{URL}', output='a')",
    ],
)
def test_python_that_compares_nothing(code: str) -> None:
    result = judged(code)
    assert [note.message for note in result.findings] == [f"{URL} is fetched and compared with no checksum."]


@pytest.mark.parametrize(
    "code",
    [
        f"from torchvision.datasets.utils import download_url\ndownload_url('{URL}', '.', 'a.zip', 'd41d8cd98f00b204')",
        f"import torch\ntorch.hub.load_state_dict_from_url('{URL}', check_hash=True)",
        f"from tensorflow import keras\nkeras.utils.get_file('a.zip', '{URL}', file_hash='abc')",
        "import urllib.request\nurllib.request.urlretrieve('https://example.org/install.sh', 'a')",
        f"import urllib.request\nurllib.request.urlretrieve('https://example.org/{'a' * 40}/x.csv', 'a')",
    ],
)
def test_python_that_compares_or_needs_not(code: str) -> None:
    assert judged(code).outcome is Outcome.PASSED, judged(code).findings


def test_a_digest_taken_in_the_same_module_is_a_doubt() -> None:
    code = f"import hashlib, urllib.request\nurllib.request.urlretrieve('{URL}', 'a')\nhashlib.sha256(b'')"
    assert judged(code).outcome is Outcome.COULD_NOT_RUN


def test_an_answer_that_is_only_looked_at_is_nothing() -> None:
    assert judged(f"import requests\nx = requests.get('{URL}').json()").outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (f"wget -q {URL} -P data\n", Outcome.FAILED),
        (f"curl -L -o a.zip {URL}\n", Outcome.FAILED),
        (f"curl -LO {URL}\n", Outcome.FAILED),
        (f"wget {URL}\nsha256sum -c sums.txt\n", Outcome.PASSED),
        (f"curl {URL}\n", Outcome.NOT_APPLICABLE),
        (f"echo wget {URL}\n", Outcome.NOT_APPLICABLE),
    ],
)
def test_shell(script: str, outcome: Outcome) -> None:
    assert judged(script, "download.sh").outcome is outcome


def test_notebooks() -> None:
    cell: dict[str, object] = {
        "cell_type": "code",
        "source": f"!wget {URL}",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    content = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    result = judged(content, "a.ipynb")
    assert [(note.path, note.cell, note.line) for note in result.findings] == [("a.ipynb", 0, 1)]


def test_addresses_that_only_a_run_knows_are_told_as_far_as_they_are_known() -> None:
    code = "import sys, wget\nwget.download('https://example.org/' + sys.argv[1])\nwget.download(sys.argv[2])"
    assert [note.message for note in judged(code).findings] == [
        "https://example.org… is fetched and compared with no checksum.",
        "What wget.download fetches is compared with no checksum.",
    ]


def fixed(files: dict[str, str | bytes], local: str, digest: str = "0" * 64, algorithm: str = "sha256") -> str:
    """The one changed file after the fix, which must take away the one finding."""
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    snapshot = snapshot_of_files("p", {**contents, local: b"here"})
    before = run_check(FactsFor(snapshot, load_knowledge()), CHECK)
    planned = plan_fix(
        snapshot,
        load_knowledge(),
        [(CHECK, None)],
        lambda wanted: Answers(
            {
                one: contents.get(one.path) if isinstance(one, FileContent) else digest
                for one in wanted
                if isinstance(one, FileContent) or one == FileDigest(local, algorithm)
            }
        ),
    )
    (change,) = planned.change_set.files
    after = run_check(FactsFor(snapshot.after(planned.change_set), load_knowledge()), CHECK)
    assert len(after.findings) == len(before.findings) - 1
    return (change.after or b"").decode()


RETRIEVED = f"""import os
from pathlib import Path
from urllib.request import urlretrieve

TARGET = Path("data") / "a.csv"


def get():
    if not TARGET.exists():
        urlretrieve("{URL}", TARGET)
"""


def test_the_file_that_is_here_gives_the_digest_for_python(tmp_path: Path) -> None:
    written = fixed({"get.py": RETRIEVED}, "data/a.csv", hashlib.sha256(b"here").hexdigest())
    lines = written.splitlines()
    place = lines.index(f'        urlretrieve("{URL}", TARGET)')
    assert lines[place + 1] == (
        f'        if hashlib.sha256(Path(TARGET).read_bytes()).hexdigest() != "{hashlib.sha256(b"here").hexdigest()}":'
    )
    assert "import hashlib" in lines
    # The changed program really stops at other bytes, and only at these.
    for content, code in ((b"here", 0), (b"else", 1)):
        (tmp_path / "served").write_bytes(content)
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "a.csv").unlink(missing_ok=True)
        (tmp_path / "get.py").write_text(written.replace(URL, (tmp_path / "served").as_uri()) + "\n\nget()\n")
        done = subprocess.run([sys.executable, "get.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert ("not the file that was expected" in done.stderr) is bool(code)


def test_a_parameter_for_the_digest_is_used() -> None:
    code = f"import torch\ntorch.hub.download_url_to_file('{URL}', 'data/a.csv')\n"
    assert f"download_url_to_file('{URL}', 'data/a.csv', hash_prefix=\"{'0' * 64}\")" in fixed(
        {"get.py": code}, "data/a.csv"
    )
    code = f"from torchvision.datasets.utils import download_url\ndownload_url('{URL}', 'data', 'a.csv')\n"
    assert f'md5="{"1" * 32}"' in fixed({"get.py": code}, "data/a.csv", "1" * 32, "md5")


SHELL = {
    "script": ("get.sh", f"set -e\n  wget -q {URL} \\\n    -O data/a.csv\necho done\n", "  "),
    "no last line end": ("get.sh", f"wget {URL} -O data/a.csv", ""),
    "recipe": ("Makefile", f"data:\n\t@curl -L {URL} -o data/a.csv\n\techo done\n", "\t@"),
}


@pytest.mark.parametrize(("path", "script", "indent"), SHELL.values(), ids=SHELL)
def test_the_file_that_is_here_gives_the_digest_for_shell(path: str, script: str, indent: str) -> None:
    written = fixed({path: script}, "data/a.csv")
    added = [line for line in written.splitlines() if line not in script.splitlines()]
    assert added == [f'{indent}echo "{"0" * 64}  data/a.csv" | sha256sum --check']
    assert written.splitlines().index(added[0]) == next(
        index for index, line in enumerate(written.splitlines(), start=1) if "a.csv" in line and not line.endswith("\\")
    )


def test_the_added_line_compares(tmp_path: Path) -> None:
    written = fixed(
        {"get.sh": f"set -e\nwget {URL} -O data/a.csv\n"}, "data/a.csv", hashlib.sha256(b"here").hexdigest()
    )
    (tmp_path / "data").mkdir()
    for content, code in ((b"here", 0), (b"else", 1)):
        (tmp_path / "data" / "a.csv").write_bytes(content)
        script = written.replace(f"wget {URL} -O data/a.csv", "true")
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code


def test_only_the_download_that_is_compared_counts() -> None:
    script = f"wget {URL} -O data/a.csv\nwget {URL}.b -O data/b.csv\n"
    written = fixed({"get.sh": script}, "data/a.csv")
    assert written.splitlines()[1].startswith("echo")
    assert judged(written, "get.sh").outcome is Outcome.FAILED


def test_a_notebook_compares_in_its_cell() -> None:
    cell = {
        "cell_type": "code",
        "source": f"!wget {URL} -O a.csv\nx = 1",
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
    }
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    written = json.loads(fixed({"a.ipynb": notebook}, "a.csv"))["cells"][0]["source"]
    assert "".join(written) == f'!wget {URL} -O a.csv\n!echo "{"0" * 64}  a.csv" | sha256sum --check\nx = 1'


def test_what_is_not_here_has_no_digest() -> None:
    with pytest.raises(CannotPlan, match="does not lie in the project"):
        fixed({"get.sh": f"wget {URL} -O data/a.csv\n"}, "other.csv")


def test_a_line_that_does_more_is_left_alone() -> None:
    with pytest.raises(CannotPlan, match="shares its line"):
        fixed({"get.sh": f"if true; then wget {URL} -O data/a.csv; fi\n"}, "data/a.csv")
