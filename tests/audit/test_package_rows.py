"""The consistency table that the report, its formats and the window show."""

from __future__ import annotations

import datetime as dt

import msgspec

from repro_gui.audit.audit import audit
from repro_gui.audit.report import AuditReport, package_rows, report_from_json
from repro_gui.checks.check import Sketch
from repro_gui.export.formats import find_format
from repro_gui.export.sheet import sheet_of
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.sketches import snapshot_of

FILES = {
    "train.py": "import numpy\nimport cv2\nimport yaml\n",
    "requirements.txt": "numpy==1.26.4\nopencv-python==4.9.0.80\n",
    "Dockerfile": "FROM python:3.11.9\nRUN pip install numpy==1.26.4\n",
}


def report_of(files: dict[str, str], installed: dict[str, str] | None) -> AuditReport:
    snapshot = snapshot_of(Sketch(files, installed=installed))
    return audit(snapshot, load_knowledge(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), NoProgress())


def test_rows_of_a_real_audit_what_does_not_agree_first() -> None:
    report = report_of(FILES, {"python": "3.11.9", "numpy": "1.25.0", "opencv-python": "4.9.0.80"})
    rows = package_rows(report.results)
    assert [row.cells for row in rows] == [
        ("numpy", "numpy", "==1.26.4", "–", "1.25.0", "==1.26.4"),
        ("pyyaml", "yaml", "–", "–", "–", "–"),
        ("opencv-python", "cv2", "==4.9.0.80", "–", "4.9.0.80", "–"),
    ]
    assert [row.is_odd for row in rows] == [True, True, False]
    assert (rows[0].path, rows[0].line) == ("requirements.txt", 1)


def test_an_unknown_environment_is_no_empty_one() -> None:
    (first, *_) = package_rows(report_of({"requirements.txt": "six==1.16.0\n", "a.py": "import six\n"}, None).results)
    assert first.cells == ("six", "six", "==1.16.0", "–", "?", "–")
    assert first.is_odd is False


def test_it_survives_a_saved_report_and_stands_in_every_format() -> None:
    report = report_of(FILES, {"python": "3.11.9", "numpy": "1.25.0", "opencv-python": "4.9.0.80"})
    again = report_from_json(msgspec.json.encode(report))
    assert package_rows(again.results) == package_rows(report.results)
    markdown = find_format("markdown").render(report).decode()
    assert "| ⚠ `numpy` | numpy | \\==1.26.4 | – | 1.25.0 | \\==1.26.4 |" in markdown
    page = find_format("html").render(report).decode()
    assert '<th scope="row"><code>opencv-python</code></th><td>cv2</td>' in page
    sheet = sheet_of(report, "0" * 64, "report.json")
    assert [row["odd"] for row in sheet["packages"]["rows"]] == [True, True, False]


def test_a_project_without_packages_has_no_table() -> None:
    report = report_of({"train.py": "import json\n"}, None)
    assert package_rows(report.results) == ()
    assert "## Packages" not in find_format("markdown").render(report).decode()
    assert 'id="packages"' not in find_format("html").render(report).decode()
    assert sheet_of(report, "0" * 64, "report.json")["packages"] is None


def test_long_tables_are_cut_and_say_so() -> None:
    listed = "".join(f"package-{number:03}==1.0\n" for number in range(250))
    report = report_of({"requirements.txt": listed, "a.py": "import package_001\n"}, None)
    assert "50 more; the JSON report has all." in find_format("markdown").render(report).decode()
    sheet = sheet_of(report, "0" * 64, "report.json")
    assert sheet["packages"]["more"] == "190 more; the attached report has all."
