import json

import jsonschema
import msgspec
import pytest

from repro_gui.audit.report import SCHEMA, report_from_json, report_schema
from repro_gui.errors import ReportUnreadable
from tests.sample_report import sample_report


def test_a_report_comes_back_whole() -> None:
    assert report_from_json(sample_report().to_json()) == sample_report()


def test_a_report_obeys_the_published_schema() -> None:
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(sample_report().to_json()), schema)


def test_the_schema_names_what_machines_read() -> None:
    data = json.loads(sample_report().to_json())
    assert {"question", "answer", "why", "evidence"} <= data["answers"][0].keys()
    failed = next(result for result in data["results"] if result["check_id"] == "unpinned-split")
    assert {"check_id", "pillar", "weight", "outcome", "findings"} <= failed.keys()
    assert {"path", "line", "message", "values"} <= failed["findings"][0].keys()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"{}", b'{"schema": 1, "tool": "repro-gui"}', b"{" * 10_000]
)
def test_what_is_not_a_report_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ReportUnreadable):
        report_from_json(content)


def test_a_report_of_a_newer_schema_is_not_guessed_at() -> None:
    newer = msgspec.structs.replace(sample_report(), schema=SCHEMA + 1).to_json()
    with pytest.raises(ReportUnreadable, match="newer version"):
        report_from_json(newer)
