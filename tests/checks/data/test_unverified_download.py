"""Files fetched by Python, shell and notebooks, with and without a checksum."""

from __future__ import annotations

import json

import pytest

from repro_gui.audit.report import CheckResult, Outcome
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
