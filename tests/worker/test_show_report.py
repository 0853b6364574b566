"""A saved report becomes a page of its own; what is none is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.errors import ReportUnreadable
from repro_gui.own_folders import cache_folder
from repro_gui.worker.show_report import page_of_report
from tests.sample_report import sample_report


def test_the_page_is_in_the_cache_and_shows_the_report(tmp_path: Path) -> None:
    saved = tmp_path / "audit.repro.json"
    saved.write_bytes(sample_report().to_json())
    page = page_of_report(saved)
    assert page.parent == cache_folder("shown-reports")
    assert sample_report().project in page.read_text(encoding="utf-8")
    assert page_of_report(saved) == page
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": 999, "tool": "x"}', b"\xff"])
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes) -> None:
    saved = tmp_path / "audit.repro.json"
    saved.write_bytes(content)
    with pytest.raises(ReportUnreadable):
        page_of_report(saved)
    with pytest.raises(ReportUnreadable):
        page_of_report(tmp_path / "missing.repro.json")
