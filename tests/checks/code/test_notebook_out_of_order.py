"""Orders of execution in notebooks, and outputs cleared with every other byte as it was."""

from __future__ import annotations

import codecs
import json

import pytest

from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.errors import CannotPlan
from repro_gui.facts.notebook_edits import without_outputs
from tests.projects_in_memory import fixed, result_of


def notebook(*counts: int | None, outputs: bool = True) -> bytes:
    """A notebook with a page of text and code cells with these counts; 0 is an output without a count."""
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "metadata": {}, "source": ["text"]}]
    for count in counts:
        shown = [{"name": "stdout", "output_type": "stream", "text": ["é"]}] if outputs and count is not None else []
        code = {"cell_type": "code", "execution_count": count or None, "metadata": {"execution": {"x": 1}}}
        cells.append({**code, "outputs": shown, "source": ["print('é')"]})
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def judged(content: bytes) -> CheckResult:
    return result_of("notebook-out-of-order", {"a.ipynb": content})


def test_each_cell_at_which_the_numbers_fall() -> None:
    result = judged(notebook(1, 5, 3, None, 4, 6, 6))
    (found,) = result.findings
    assert found.message == "3 cells of a.ipynb were not run in the order of the page."
    assert [place.cell for place in found.places] == [3, 5, 7]
    assert found.cell == 3
    (one,) = judged(notebook(1, 3, 2)).findings
    assert one.message == "1 cell of a.ipynb was not run in the order of the page."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (notebook(1, 2, 3), "was run from top to bottom."),
        (notebook(1, 2, None, 7), "numbers are missing"),
        (notebook(None, None), "holds no outputs of a run."),
        (notebook(), "holds no outputs of a run."),
    ],
)
def test_what_is_in_order_is_evidence(content: bytes, said: str) -> None:
    result = judged(content)
    assert result.outcome is Outcome.PASSED
    assert said in result.evidence[0].message


def test_outputs_without_counts_and_broken_notebooks_are_a_doubt() -> None:
    assert judged(notebook(0, 0)).outcome is Outcome.COULD_NOT_RUN
    assert judged(notebook(2, 1)[:-40]).outcome is Outcome.COULD_NOT_RUN
    assert result_of("notebook-out-of-order", {"a.py": b""}).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_the_fix_clears_and_leaves_the_rest(indent: int | None, mark: bytes) -> None:
    loaded = json.loads(notebook(2, 1, None))
    loaded["metadata"]["own"] = {"execution_count": 5, "outputs": [1], "x": float("nan")}
    before = mark + json.dumps(loaded, indent=indent, ensure_ascii=indent == 4).encode().replace(b"\n", b"\r\n")
    after = fixed(["notebook-out-of-order"], {"a.ipynb": before})["a.ipynb"]
    for cell in loaded["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    assert after == mark + json.dumps(loaded, indent=indent, ensure_ascii=indent == 4).encode().replace(b"\n", b"\r\n")
    assert judged(after).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"cells": 3, "nbformat": 4}', b'{"worksheets": [], "nbformat": 3}', b"{"]
)
def test_what_is_no_notebook_is_refused(content: bytes) -> None:
    with pytest.raises(CannotPlan, match="format 4"):
        without_outputs(content, "a.ipynb")
