"""Packages that a notebook installs itself."""

from __future__ import annotations

import json

import pytest

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import result_of


def notebook(*cells: str) -> bytes:
    made: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": [c]} for c in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


RUN = "import ftfy\nimport numpy as np\nprint(np.random.rand(), ftfy)"
SELF = "no list names it"
NOWHERE = "no list names a package"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["!pip install ftfy regex", RUN], SELF),
        (["%pip install -q 'ftfy>=6'", RUN], SELF),
        (["!pip install ftfy==6.1.1", RUN], ""),
        (["%pip install ftfy==6.1.1", RUN], ""),
        (["! pip3 install --upgrade pip && pip3 install ftfy", RUN], SELF),
        (["import sys\n!{sys.executable} -m pip install ftfy", RUN], SELF),
        (["%%bash\napt-get update\npip install ftfy==6.1.1\n", RUN], ""),
        (["%conda install ftfy", RUN], SELF),
        ([f"!pip install ftfy\n{RUN}"], SELF),
        # In one notebook twice: what comes last before the import counts.
        (["!pip install ftfy==6.1.1", "!pip install -U ftfy", RUN], SELF),
        # Too late, for something else, or only said.
        ([RUN, "!pip install ftfy"], NOWHERE),
        (["!pip install regex", RUN], NOWHERE),
        (["# !pip install ftfy", RUN], NOWHERE),
        (["print('pip install ftfy')", RUN], NOWHERE),
        (["!pip uninstall -y ftfy", RUN], NOWHERE),
        (["!pip install -r requirements.txt", RUN], NOWHERE),
    ],
)
def test_a_notebook_that_installs_its_package(cells: list[str], told: str) -> None:
    files = {"look.ipynb": notebook(*cells), "requirements.txt": b"numpy==1.26.4\n"}
    result = result_of("undeclared-import", files)
    assert [told in finding.message for finding in result.findings] == ([True] if told else [])
    assert result.outcome is (Outcome.FAILED if told else Outcome.PASSED)
    if told == SELF:
        (finding,) = result.findings
        assert "look.ipynb installs ftfy" in finding.message
        assert str(finding.places[0].location).startswith("look.ipynb")


def test_other_files_that_import_it_have_no_such_line() -> None:
    files = {
        "look.ipynb": notebook("!pip install ftfy==6.1.1", RUN),
        "train.py": b"import ftfy\nimport numpy as np\nnp.save('x', np.random.rand(3))\n",
        "requirements.txt": b"numpy==1.26.4\n",
    }
    (finding,) = result_of("undeclared-import", files).findings
    assert NOWHERE in finding.message


def test_once_the_list_names_it_nothing_is_left() -> None:
    files = {"look.ipynb": notebook("!pip install ftfy", RUN), "requirements.txt": b"numpy==1.26.4\nftfy==6.1.1\n"}
    assert result_of("undeclared-import", files).findings == ()


def test_a_line_with_credentials_is_not_shown() -> None:
    line = "!pip install git+https://user:hunter2@git.example.org/ftfy.git@main#egg=ftfy"
    files = {"look.ipynb": notebook(line, RUN), "requirements.txt": b"numpy==1.26.4\n"}
    result = result_of("undeclared-import", files)
    assert len(result.findings) == 1
    assert "hunter2" not in repr(result)


IMAGE = """FROM pytorch/pytorch:1.10.0-cuda11.3-cudnn8-devel
RUN git clone https://github.com/NVIDIA/apex.git
RUN pip install -v --no-cache-dir ./apex
RUN pip install timm==0.4.12
"""


def test_what_an_image_brings_or_clones_is_declared_there() -> None:
    code = b"import apex\nimport cv2\nimport timm\nimport torch\nimport torchvision\ntorch.save(torch.rand(3), 'x')\n"
    result = result_of("undeclared-import", {"train.py": code, "Dockerfile": IMAGE.encode()})
    assert [finding.values["import"] for finding in result.findings] == ["cv2"]
    without = IMAGE.replace("pytorch/pytorch:1.10.0-cuda11.3-cudnn8-devel", "python:3.11.9").replace("RUN git", "# ")
    result = result_of("undeclared-import", {"train.py": code, "Dockerfile": without.encode()})
    assert [finding.values["import"] for finding in result.findings] == ["apex", "cv2", "torch", "torchvision"]


def test_import_names_of_other_packages() -> None:
    files = {
        "train.py": b"from imwatermark import WatermarkEncoder\n",
        "requirements.txt": b"invisible-watermark==0.2\n",
    }
    assert result_of("undeclared-import", files).findings == ()
