"""Moves of a seeding statement from one cell of a notebook to another."""

from __future__ import annotations

import json

import pytest

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import fixed, result_of

SEEDED_LATE = (
    ("import numpy as np\nSEED = 3", "x = np.random.rand(3)", "# seed\nnp.random.seed(SEED)  # here\nmodel.fit(x)"),
    ("import numpy as np", "a = 1\nx = np.random.rand(3)\nb = 2", "np.random.seed(7)", "model.fit(x)"),
    ("import numpy as np", "x = np.random.rand(3)", "print(x)\nnp.random.seed(7)"),
    ("import numpy as np\nfrom numpy import random", "x = np.random.rand(3)\nmodel.fit(x)", "random.seed(0x10)\n"),
    (
        "import numpy as np",
        "# first\nx = np.random.rand(3)",
        "%matplotlib inline\nnp.random.seed(\n    7,\n)\nmodel.fit(x)",
    ),
)


def notebook(cells: tuple[str, ...], *, as_list: bool) -> bytes:
    made: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": cell.splitlines(keepends=True) if as_list else cell,
        }
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1).encode()


def sources(content: bytes) -> list[str]:
    cells = json.loads(content)["cells"]
    assert all("" not in cell["source"] or cell["source"] == [""] for cell in cells if isinstance(cell["source"], list))
    return ["".join(cell["source"]) for cell in cells]


@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize("cells", SEEDED_LATE)
def test_the_seed_goes_to_the_cell_that_draws(cells: tuple[str, ...], *, as_list: bool) -> None:
    files = {"a.ipynb": notebook(cells, as_list=as_list)}
    assert result_of("late-seed", files, ["a.ipynb"]).outcome is Outcome.FAILED
    mended = fixed(["late-seed"], files, ["a.ipynb"])["a.ipynb"]
    assert result_of("late-seed", {"a.ipynb": mended}, ["a.ipynb"]).outcome is Outcome.PASSED
    now = sources(mended)
    # The same lines as before, one statement of them at another place.
    lines = "\n".join(now).split("\n")
    assert sorted(filter(None, lines)) == sorted(filter(None, "\n".join(cells).split("\n")))
    drawing = next(cell for cell in now if "np.random.rand" in cell)
    assert "seed(" in drawing.partition("np.random.rand")[0]
    assert [line for line in lines if "seed(" not in line and line] != []


@pytest.mark.parametrize(
    "cells",
    [
        # The value is made only after the draw.
        ("import numpy as np", "x = np.random.rand(3)\nSEED = 3", "np.random.seed(SEED)\nmodel.fit(x)"),
        ("import numpy as np", "x = np.random.rand(3)", "SEED = 3", "np.random.seed(SEED)\nmodel.fit(x)"),
        # What is run in between may make it.
        ("import numpy as np", "x = np.random.rand(3)\n%run constants.py", "np.random.seed(SEED)\nmodel.fit(x)"),
        # It shares its line, or stands in a branch.
        ("import numpy as np", "x = np.random.rand(3)", "np.random.seed(3); model.fit(x)"),
        ("import numpy as np", "x = np.random.rand(3)", "if True:\n    np.random.seed(3)\nmodel.fit(x)"),
    ],
)
def test_where_it_cannot_be_moved_another_call_comes_first(cells: tuple[str, ...]) -> None:
    files = {"a.ipynb": notebook(cells, as_list=True)}
    assert result_of("late-seed", files, ["a.ipynb"]).outcome is Outcome.FAILED
    mended = fixed(["late-seed"], files, ["a.ipynb"])["a.ipynb"]
    assert result_of("late-seed", {"a.ipynb": mended}, ["a.ipynb"]).outcome is Outcome.PASSED
    assert sources(mended)[1:] == list(cells[1:])
