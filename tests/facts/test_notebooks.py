"""Notebooks: formats, magics, places, and files that are no notebooks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts import events
from repro_gui.facts.notebooks import Notebook, Notebooks, is_notebook, read_notebook
from repro_gui.facts.sources import ModuleSummary


def code(source: str | list[str], count: int | None = None, outputs: list[Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "execution_count": count, "outputs": outputs or [], "metadata": {}}


def made(*cells: dict[str, Any], **metadata: Any) -> Notebook:
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}
    return read_notebook("n.ipynb", json.dumps(document).encode())


def module(*cells: dict[str, Any]) -> ModuleSummary:
    notebook = made(*cells)
    assert notebook.module is not None
    return notebook.module


def cell_events(summary: ModuleSummary) -> list[events.Event]:
    return [event for cell in summary.body if isinstance(cell, events.Cell) for event in cell.events]


def test_cells_counts_and_outputs() -> None:
    notebook = made(
        {"cell_type": "markdown", "source": "# Title"},
        code("x = 1", 3, [{"output_type": "stream"}]),
        code("", None),
        {"cell_type": "raw", "source": "raw"},
        code(["import a\n", "a.f()"]),
        kernelspec={"name": "python3", "language": "python"},
    )
    assert [(cell.kind, cell.execution_count, cell.has_outputs, cell.is_empty) for cell in notebook.cells] == [
        ("markdown", 0, False, False), ("code", 3, True, False), ("code", 0, False, True), ("raw", 0, False, False), ("code", 0, False, False),
    ]  # fmt: skip
    assert (notebook.kernel, notebook.language, notebook.version) == ("python3", "python", 4)
    assert notebook.module is not None
    cells = [event for event in notebook.module.body if isinstance(event, events.Cell)]
    assert [(cell.cell, cell.execution_count) for cell in cells] == [(1, 3), (4, 0)]
    (_, call) = cells[1].events
    assert str(notebook.module.location(call)) == "n.ipynb [cell 5]:2"


def test_format_3() -> None:
    document = {
        "nbformat": 3,
        "worksheets": [{"cells": [
            {"cell_type": "heading", "source": "T"},
            {"cell_type": "code", "input": ["import numpy\n", "numpy.f()"], "prompt_number": 4, "language": "python", "outputs": [1]},
        ]}],
    }  # fmt: skip
    notebook = read_notebook("n.ipynb", json.dumps(document).encode())
    assert [cell.kind for cell in notebook.cells] == ["markdown", "code"]
    assert notebook.cells[1].execution_count == 4
    assert notebook.cells[1].has_outputs
    assert notebook.module is not None
    assert notebook.module.called == ("numpy.f",)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9"}}, "julia"),
        ({"language_info": {"name": "scala"}}, "scala"),
    ],
)
def test_other_kernels_have_no_module(metadata: dict[str, Any], language: str) -> None:
    notebook = made(code("x <- 1"), **metadata)
    assert notebook.module is None
    assert notebook.not_read is None
    assert notebook.language == language


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("%matplotlib inline", "matplotlib", "inline"),
        ("!pip install numpy", "!", "pip install numpy"),
        ("%run other.py --seed 1", "run", "other.py --seed 1"),
        ("files = !ls *.csv", "!", "ls *.csv"),
        ("x = %sql select 1", "sql", "select 1"),
        ("np.random?", "?", "np.random"),
        ("??f", "?", "f"),
        ("%%bash\nls\necho 'x", "bash", "ls\necho 'x"),
        ("%%writefile train.py\nimport x\n", "writefile", "train.py\nimport x"),
        ("\n%%javascript\nvar x = {", "javascript", "var x = {"),
        ("%load_ext autoreload", "load_ext", "autoreload"),
        ("!wget a \\\n  b", "!", "wget a \\\n  b"),
    ],
)
def test_magics_become_events(source: str, kind: str, text: str) -> None:
    summary = module(code("before = 1"), code(source))
    assert summary.broken_cells == ()
    magic = cell_events(summary)[-1]
    assert isinstance(magic, events.Magic)
    assert (magic.kind, magic.text) == (kind, text)
    assert summary.location(magic).cell == 1


@pytest.mark.parametrize(
    ("source", "called"),
    [
        ("%time x = f(1)", ("f",)),
        ("%timeit -n 10 -r 3 f(1)", ("f",)),
        ("%%time\nf(1)\ng()", ("f", "g")),
        ("%%capture out\nf(1)", ("f",)),
        ("if x:\n    !ls\n    f(1)\nelse:\n    %cd ..\n    g()", ("f", "g")),
        ("x = (1\n% f(2))\n!ls", ("f",)),
        ("s = '''\n%time no(1)\n!no(2)\n'''\n!ls\nf()", ("f",)),
        ("# !ls\nf()\n!ls", ("f",)),
        ("x = a != b\nf()\n!ls", ("f",)),
        ("await f()\n%pwd", ("f",)),
        ("try:\n    f()\nexcept E:\n    !ls\n", ("f",)),
    ],
)
def test_python_round_magics_is_read(source: str, called: tuple[str, ...]) -> None:
    summary = module(code(source))
    assert summary.broken_cells == ()
    assert summary.called == called


def test_statements_behind_time_keep_their_columns() -> None:
    summary = module(code("%time  x = f(1)"))
    (assign,) = cell_events(summary)
    assert isinstance(assign, events.Assign)
    assert assign.value is not None
    place = summary.location(assign.value)
    assert (place.line, place.column, place.end_column) == (1, 12, 16)


def test_wide_characters_in_cells() -> None:
    summary = module(code("é = 1"), code('x = "ß𝄞"; f(x)'))
    call = cell_events(summary)[-1]
    assert (summary.location(call).cell, summary.location(call).column) == (1, 11)


def test_a_broken_cell_leaves_the_others() -> None:
    summary = module(code("a()"), code("x = 1\nfor for\n"), code("!ls\ny = ("), code("b()"))
    assert summary.called == ("a", "b")
    assert [(cell, why.line) for cell, why in summary.broken_cells] == [(1, 2), (2, 2)]


def test_cells_do_not_leak_into_each_other() -> None:
    summary = module(code("x = f(1,"), code("2)"))
    assert [cell for cell, _ in summary.broken_cells] == [0, 1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (json.dumps({"nbformat": 4, "cells": [code("x")]}).encode()[:60], "cut off"),
        (b"[]", "not a notebook"),
        (b"{}", "no cells"),
        (b'{"cells": 3}', "not a notebook"),
        (b'{"cells": [3]}', "not a notebook"),
        (b"\xff\xfe{\x00}\x00", "JSON"),
        (b"\x89PNG\r\n\x1a\n\0\0", "JSON"),
        (b'{"cells": [' + b"[" * 100_000, "not a notebook"),
        (b'{"metadata": {"x": ' + b"[" * 100_000, "deep"),
    ],
)
def test_what_is_no_notebook_says_why(content: bytes, reason: str) -> None:
    notebook = read_notebook("n.ipynb", content)
    assert notebook.not_read is not None
    assert reason in str(notebook.not_read)
    assert notebook.cells == ()


def test_nan_in_outputs_is_what_tools_write() -> None:
    notebook = read_notebook(
        "n.ipynb", b'{"cells": [{"cell_type": "code", "source": "f()", "outputs": [{"v": NaN}], "execution_count": 2}]}'
    )
    assert notebook.not_read is None
    assert notebook.cells[0].has_outputs
    assert notebook.module is not None
    assert notebook.module.called == ("f",)


def test_odd_values_of_fields_are_tolerated() -> None:
    document = {
        "nbformat": "4",
        "cells": [
            {"cell_type": 3, "source": 5},
            {"cell_type": "code", "source": ["f()", None], "execution_count": "7"},
        ],
    }
    notebook = read_notebook("n.ipynb", json.dumps(document).encode())
    assert notebook.not_read is None
    assert [cell.execution_count for cell in notebook.cells] == [0, 0]


def test_facts_after_a_change() -> None:
    content = json.dumps({"nbformat": 4, "cells": [code("f()")]}).encode()
    notebooks = Notebooks().after({"b.ipynb": content, "a.ipynb": b"", "x.py": b""})
    assert [notebook.path for notebook in notebooks.notebooks] == ["a.ipynb", "b.ipynb"]
    assert Notebooks().after({".ipynb_checkpoints/a.ipynb": content}).notebooks == ()
    assert notebooks.after({"a.ipynb": None}).by_path.keys() == {"b.ipynb"}
    assert not is_notebook("a.py")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    read_notebook("n.ipynb", content)


@given(st.lists(st.text(alphabet=st.sampled_from("%!?= \n\\'\"(a1#xé{"), max_size=40), max_size=4))
def test_arbitrary_cells_never_raise(sources: list[str]) -> None:
    summary = module(*[code(source) for source in sources])
    for event in cell_events(summary):
        summary.location(event)
