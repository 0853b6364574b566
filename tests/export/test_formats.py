import html.parser
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_gui.audit.report import AuditReport, Note, Outcome, report_from_json
from repro_gui.export import html as web_page
from repro_gui.export import markdown, sarif, text
from repro_gui.export.causes import causes_of
from repro_gui.export.formats import FORMATS, Format, UnknownFormat, find_format, render_all
from repro_gui.redact import NOBODY, redact_report
from repro_gui.text import text as text_of
from tests.export.golden import golden_file
from tests.sample_report import NASTY, sample_report

TEXTS = [known for known in FORMATS if known.is_text]
ATTACKS = [
    NASTY,
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[2J",
    "a\nb\r\nc\u2028d\x85e",
    "\u202egnp.exe\u2066",
    "](javascript:alert(1)) ![x](http://evil/x.png) [x]: http://evil",
    "| a | b |\n|---|---|",
    "# Heading\n- item\n1. one\n> quote\n```\ncode",
    "<!-- --> &lt;b&gt; &#60;b&#62;",
    "@everyone http://evil.example www.evil.example",
    "'\"><img src=x onerror=alert(1)>",
    "\udcff\udc80 lone",
    "{0} {name} %s ${x} {{y}}",
    "`` ` ``` `",
]


def with_words(words: str) -> AuditReport:
    """The sample with these words wherever a project can put its own."""
    report = sample_report()
    wording = text_of("{words}", words=words)
    note = Note(
        message=str(wording),
        template=wording,
        path=words.replace("/", "_") or "x",
        line=3,
        key="00ff00ff00ff00ff",
        code="x" + words.replace("\n", " "),
        code_start=1,
    )
    result = next(result for result in report.results if result.outcome is Outcome.FAILED)
    failed = msgspec.structs.replace(result, findings=(note, note), evidence=(note,), undecided=(note,))
    undecided = msgspec.structs.replace(
        result, outcome=Outcome.COULD_NOT_RUN, findings=(), undecided=(note,), why_not=wording
    )
    answers = tuple(msgspec.structs.replace(a, why=wording, evidence=(note,), details=(note,)) for a in report.answers)
    return msgspec.structs.replace(
        report,
        project=words,
        answers=answers,
        results=(failed, undecided),
        not_verified=(wording,),
        device={"cpu": words},
    )


@pytest.mark.parametrize("known", TEXTS, ids=lambda known: known.name)
def test_golden(known: Format) -> None:
    assert known.render(sample_report()) == golden_file(known.suffix).read_bytes(), "see tests/export/golden.py"


@pytest.mark.parametrize("known", TEXTS, ids=lambda known: known.name)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_control_or_direction_character_gets_through(known: Format, attack: str) -> None:
    report = redact_report(with_words(attack), NOBODY)  # as it is before every export
    shown = known.render(report).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", shown)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(sorted(name for name, _ in attrs))))


def tags_of(page: bytes) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(page.decode("utf-8"))
    return parser.seen


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_never_become_markup_in_the_page(attack: str) -> None:
    plain = [tag for tag in tags_of(web_page.render(with_words("plain"))) if tag[0] not in {"code", "mark"}]
    assert [tag for tag in tags_of(web_page.render(with_words(attack))) if tag[0] not in {"code", "mark"}] == plain


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=60)
def test_no_words_at_all_become_markup_in_the_page(words: str) -> None:
    plain = [tag for tag in tags_of(web_page.render(with_words("plain"))) if tag[0] not in {"code", "mark"}]
    assert [tag for tag in tags_of(web_page.render(with_words(words))) if tag[0] not in {"code", "mark"}] == plain


def test_the_page_loads_and_runs_nothing() -> None:
    page = web_page.render(with_words(NASTY)).decode()
    assert "default-src 'none'" in page
    tags = {tag for tag, _ in tags_of(page.encode())}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "form", "base"}
    attributes = {name for _, names in tags_of(page.encode()) for name in names}
    assert not any(name.startswith("on") for name in attributes)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("## Why\n\nBecause `a < b`.", "<h4>Why</h4><p>Because <code>a &lt; b</code>.</p>"),
        ("- one\n- two\n  more", "<ul><li>one</li><li>two more</li></ul>"),
        ("```python\nx = '<b>'\n```\nafter", "<pre>x = &#x27;&lt;b&gt;&#x27;</pre><p>after</p>"),
        (
            "[a **b**](https://x.org/?a=1&b=2)",
            '<p><a href="https://x.org/?a=1&amp;b=2" rel="noreferrer">a <strong>b</strong></a></p>',
        ),
        ("[x](javascript:alert(1)) <b>", "<p>[x](javascript:alert(1)) &lt;b&gt;</p>"),
        ("a *b* snake_case_name 2 * 3 * 4", "<p>a <em>b</em> snake_case_name 2 * 3 * 4</p>"),
        ("", ""),
    ],
)
def test_explanations_become_a_page(written: str, expected: str) -> None:
    assert "".join(web_page.blocks(written)) == expected


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_never_become_markup_in_markdown(attack: str) -> None:
    renderer = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False, "html": True})

    def tags(words: str) -> list[tuple[str, tuple[str, ...]]]:
        shown = renderer.render(markdown.render(with_words(words)).decode())
        return [tag for tag in tags_of(shown.encode()) if tag[0] != "code"]

    assert tags(attack) == tags("plain")


@pytest.mark.parametrize(
    "words", ["a_b.py", "0.1.0", "x - y", "1. one", "# not a heading", "- no item", "a*b*c", "C:\\x"]
)
def test_markdown_reads_back_as_the_words(words: str) -> None:
    renderer = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    assert re.sub("<[^>]*>", "", renderer.render(markdown.words(words))).strip() == words


# ---- SARIF, by the rules of its schema that a writer can break (all of it was checked once against OASIS's own) ----


def sarif_log(report: AuditReport) -> Any:
    return json.loads(sarif.render(report))


@pytest.mark.parametrize("attack", ["plain", *ATTACKS])
def test_sarif_holds_its_rules(attack: str) -> None:
    log = sarif_log(with_words(attack))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) <= len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        assert rule["shortDescription"]["text"]
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"note", "warning", "error"}
        assert result["message"]["text"]
        assert all(re.fullmatch("[0-9a-f]{16}", key) for key in result["partialFingerprints"].values())
        for place in result["locations"]:
            artifact = place["physicalLocation"]["artifactLocation"]
            assert re.fullmatch(r"(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", artifact["uri"]), artifact["uri"]
            assert ":" not in artifact["uri"].split("/")[0]
            assert artifact["uriBaseId"] in run["originalUriBaseIds"]
            region = place["physicalLocation"].get("region", {"startLine": 1})
            assert region["startLine"] >= 1
    (invocation,) = run["invocations"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", invocation["endTimeUtc"])
    assert [note["associatedRule"]["id"] for note in invocation["toolExecutionNotifications"]]


def test_a_waived_finding_is_suppressed_and_stays() -> None:
    run = sarif_log(sample_report())["runs"][0]
    (waived,) = [result for result in run["results"] if "suppressions" in result]
    assert waived["suppressions"][0]["justification"] == "generated file (Ada)"


def test_a_place_in_a_cell_is_no_line_of_the_file() -> None:
    report = sample_report()
    wording = text_of("here")
    note = Note(message="here", template=wording, path="a.ipynb", line=7, cell=2, key="00ff00ff00ff00ff")
    result = msgspec.structs.replace(report.results[3], findings=(note,))
    (found,) = sarif_log(msgspec.structs.replace(report, results=(result,)))["runs"][0]["results"]
    assert "region" not in found["locations"][0]["physicalLocation"]
    assert found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "cell 3, line 7"


# ---- several, and by name ----


def test_several_reports_in_one() -> None:
    reports = [sample_report(), with_words("other")]
    assert len(json.loads(render_all(find_format("json"), reports))) == 2
    assert len(json.loads(render_all(find_format("sarif"), reports))["runs"]) == 2
    assert render_all(find_format("text"), reports).count(b"Reproducibility audit of") == 2
    with pytest.raises(UnknownFormat):
        render_all(find_format("html"), reports)
    with pytest.raises(UnknownFormat):
        find_format("docx")


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if "\udcff" not in attack])
def test_json_reads_back(attack: str) -> None:
    assert report_from_json(find_format("json").render(with_words(attack))) == with_words(attack)


def test_findings_with_one_cause_are_shown_once() -> None:
    shown = text.render(sample_report()).decode()
    assert shown.count("shuffles anew on each run") == 1
    assert "and 14 more places" in shown
    first, *_ = causes_of(sample_report().results[3].findings)
    assert len(first.notes) == 20


def test_colour_adds_nothing_but_colour() -> None:
    coloured = text.lines_of(sample_report(), colour=True)
    plain = text.lines_of(sample_report(), colour=False)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured] == plain
    assert coloured != plain
