"""Published checklists and policy files over a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.audit.report import Tick, report_from_json
from repro_gui.errors import PolicyUnreadable
from repro_gui.facts.settings import HandTick, Settings
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from repro_gui.worker.judge_checklist import answer_judge_checklist, find_checklist, read_policy, with_checklist
from repro_gui.worker.messages import ChecklistJudged, JudgeChecklist
from tests.ui.sample_project import report_of_sample

POLICY = """
id = "acme"
name = "Acme's rules"
owner = "Acme"
year = 2026
source = "wiki"
read = "all"

[[items]]
id = "A1"
text = "Splits are pinned"
pillar = "data"
decided = "auto"
checks = ["unpinned-split"]

[[items]]
id = "A2"
text = "Somebody else ran it"
pillar = "paper"
decided = "manual"
"""


def judged(tmp_path: Path, checklist: str, *ticks: HandTick) -> ChecklistJudged:
    report = tmp_path / "report.json"
    report.write_bytes(report_of_sample().to_json())
    request = JudgeChecklist(number=1, report=str(report), checklist=checklist, ticks=ticks)
    return answer_judge_checklist(request, NoProgress())


def test_every_bundled_checklist_is_answered(tmp_path: Path) -> None:
    for checklist in load_knowledge().checklists:
        reply = judged(tmp_path, checklist.id)
        assert [line.id for line in reply.items] == [item.id for item in checklist.items]
        assert all(str(line.why) for line in reply.items)


def test_our_own_pillars_are_no_list(tmp_path: Path) -> None:
    assert find_checklist("pillars") is None
    assert judged(tmp_path, "pillars").items == ()


def test_policy_of_an_organisation_is_answered_and_ticked(tmp_path: Path) -> None:
    policy = tmp_path / "acme.toml"
    policy.write_text(POLICY)
    assert [line.tick for line in judged(tmp_path, str(policy)).items] == ["not-met", "by-hand"]
    tick = HandTick("acme/A2", "Ada", "on her machine", "2026-11-23")
    assert [line.tick for line in judged(tmp_path, str(policy), tick).items] == ["not-met", "met"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "could not be read"),
        (b"\xff\xfe", "could not be read"),
        (b"id = ", "could not be read"),
        (b'id = "a"\n', "could not be read"),
        (POLICY.replace("unpinned-split", "no-such-check").encode(), "no-such-check, which does not exist"),
        (b"#" * 2_000_000, "larger than 1 MiB"),
    ],
)
def test_what_is_no_policy_is_a_sentence(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PolicyUnreadable, match=words):
        read_policy(path)


def test_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(PolicyUnreadable, match="neurips"):
        find_checklist("nobodys")


def test_the_report_holds_the_chosen_checklist_with_what_answers_each_item(tmp_path: Path) -> None:
    policy = tmp_path / "acme.toml"
    policy.write_text(POLICY)
    tick = HandTick("acme/A2", "Ada", "Bob ran it", "2026-11-20")
    report = with_checklist(report_of_sample(), Settings(checklist=str(policy), ticks=(tick,)))
    assert report.checklist is not None
    assert [(item.id, item.tick, str(item.why), item.on) for item in report.checklist.items] == [
        ("A1", Tick.NOT_MET, "unpinned-split: A train/test split differs from run to run", ""),
        ("A2", Tick.MET, "Ada answered this: Bob ran it", "2026-11-20"),
    ]
    assert report_from_json(report.to_json()).checklist == report.checklist


def test_without_a_chosen_checklist_the_report_holds_none() -> None:
    assert with_checklist(report_of_sample(), Settings()).checklist is None


def test_a_policy_that_is_gone_is_told_and_keeps_no_report_back(tmp_path: Path) -> None:
    report = with_checklist(report_of_sample(), Settings(checklist=str(tmp_path / "gone.toml")))
    assert report.checklist is None
    assert "gone.toml could not be read" in str(report.not_verified[-1])
