"""The wizard's order and answers, without Qt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.settings import Settings
from repro_gui.ui.open_project.flow import PAGES, Flow, Page, start


def test_pages_follow_one_another_to_the_end() -> None:
    flow = start("/project", Settings(), trusted=False)
    seen = []
    while not flow.is_finished:
        seen.append(flow.page)
        flow = flow.next()
    assert tuple(seen) == PAGES


def test_without_a_folder_there_is_no_next_page() -> None:
    assert Flow().next() == Flow()
    assert Flow().go_to(Page.TRUST) == Flow()


def test_skipped_pages_keep_what_was_chosen_before() -> None:
    earlier = Settings(interpreter="/venv/bin/python", entry_points=("train.py",), checklist="acm")
    flow = start("/project", earlier, trusted=True).next().finish()
    assert flow.answers.settings(earlier) == earlier
    assert flow.answers.trusted is True


@given(st.lists(st.sampled_from(["next", "back", "skip", *Page]), max_size=30))
def test_any_way_through_stays_on_the_pages(steps: list[str]) -> None:
    flow = start("/project", Settings(), trusted=False)
    for step in steps:
        if flow.is_finished:
            break
        if step == "next":
            flow = flow.next()
        elif step == "back":
            flow = flow.back()
        elif step == "skip":
            flow = flow.finish()
        else:
            flow = flow.go_to(Page(step))
        assert flow.page in PAGES
        assert flow.can_go_back == (flow.page is not PAGES[0])


def test_answers_become_settings_and_leave_the_rest() -> None:
    earlier = Settings(data_folders=("old",))
    flow = start("/project", earlier, trusted=False).answer(entry_points=("a.py",), data_folders=("data",))
    made = flow.answers.settings(earlier)
    assert made.entry_points == ("a.py",)
    assert made.data_folders == ("data",)
    assert made.limits == earlier.limits
