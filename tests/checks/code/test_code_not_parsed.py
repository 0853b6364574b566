"""Sources that cannot be read are told with their reason and line."""

from __future__ import annotations

import json

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import result_of


def notebook(*cells: str, language: str = "python") -> bytes:
    listed: list[dict[str, object]] = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells
    ]
    metadata = {"language_info": {"name": language}}
    return json.dumps({"cells": listed, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_each_gap_has_its_place_and_reason() -> None:
    files = {
        "old.py": b"import os\nprint 'x'\n",
        "latin.py": "x = 'ä'\n".encode("latin-1"),
        "cut.ipynb": b'{"cells": [',
        "cell.ipynb": notebook("x = 1", "!ls\n%time y = 2", "for x in"),
        "fine.py": b"x = 1\n",
    }
    result = result_of("code-not-parsed", files)
    assert [(note.path, note.cell, note.line) for note in result.findings] == [
        ("cell.ipynb", 2, 1),
        ("cut.ipynb", -1, 0),
        ("latin.py", -1, 1),
        ("old.py", -1, 2),
    ]
    assert "only picked through" in result.findings[3].message
    assert "encoding" in result.findings[2].message


def test_a_notebook_in_another_language_is_evidence() -> None:
    result = result_of("code-not-parsed", {"a.ipynb": notebook("x <- 1", language="R")})
    assert result.outcome is Outcome.PASSED
    assert result.evidence[0].message == "a.ipynb runs in a kernel for R, which is not followed."


def test_without_sources_nothing_is_asked() -> None:
    assert result_of("code-not-parsed", {"README.md": b"x"}).outcome is Outcome.NOT_APPLICABLE


def test_a_template_is_no_source() -> None:
    result = result_of("code-not-parsed", {"{{ name }}/a.py": b"from {{ name }} import x\n"})
    assert result.outcome is Outcome.PASSED
    assert "template" in result.evidence[0].message
