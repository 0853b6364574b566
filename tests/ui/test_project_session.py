"""One project in one window: edits, cancel, limits, late answers; with a worker that behaves as told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from repro_gui.ui.application import Windows
from repro_gui.ui.main_window import MainWindow
from tests.ui.conftest import WAIT, is_audited, opened


def labels(window: MainWindow) -> list[str]:
    return [action.label for notice in window.bar.notices for action in notice.actions]


def test_results_come_while_the_audit_runs(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--pause", "0.05").open_window(str(tmp_path))
    session = window.session
    assert session is not None
    qtbot.waitUntil(lambda: 2 < len(session.results) < 16, timeout=WAIT)
    assert session.report is None
    assert window.activity.bar.maximum() == 16
    assert window.activity.stop.isVisible()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert not window.activity.stop.isVisible()


def test_cancel_keeps_what_is_known(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = stand_in_windows("--pause", "0.3").open_window(str(tmp_path))
    session = window.session
    assert session is not None
    qtbot.waitUntil(lambda: len(session.results) > 1, timeout=WAIT)
    window.activity.stop.click()
    qtbot.waitUntil(lambda: not session.is_auditing, timeout=WAIT)
    assert labels(window) == ["Audit again"]
    assert session.results


def test_edit_during_the_audit_is_audited_after_it(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--edits").open_window(str(tmp_path))
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    session = window.session
    assert session is not None
    first = session.report
    qtbot.waitUntil(lambda: session.report is not first and not session.is_auditing, timeout=WAIT)
    qtbot.wait(400)
    assert not session.is_auditing


def test_over_the_limit_is_asked_first(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = stand_in_windows("--over-limit").open_window()
    window.open_folder(str(tmp_path), with_wizard=True)
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert window.session is not None
    assert not window.session.is_auditing
    assert labels(window) == ["Audit up to the limit"]
    window.bar.notices[0].actions[0].run()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_dropped_folder_over_the_limit_says_what_was_audited(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows("--over-limit"), qtbot, tmp_path)
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert "up to the limit" in window.bar.notices[0].mend


def test_unreadable_folder_can_be_tried_again(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--refuse", "Audit").open_window(str(tmp_path))
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert labels(window) == ["Try again"]
    assert "gone" in window.bar.notices[0].what


def test_crash_during_the_audit_is_a_sentence_and_a_restart(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--crash-on", "Audit", "--once", str(tmp_path / "mark")).open_window(str(tmp_path))
    qtbot.waitUntil(lambda: "Audit again" in labels(window), timeout=WAIT)
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert window.bar.notices == []


def test_fault_keeps_the_window_and_its_details(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--fault", "Audit").open_window(str(tmp_path))
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert window.bar.notices[0].details


def test_another_project_in_the_same_window_forgets_the_first(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(stand_in_windows("--pause", "0.02"), qtbot, tmp_path)
    first = window.session
    window.actions_of.audit.trigger()
    other = tmp_path / "other"
    other.mkdir()
    window.open_folder(str(other))
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert window.session is not first
    assert window.session is not None
    assert window.session.root == str(other)


def test_ten_thousand_findings(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows("--findings", "10000"), qtbot, tmp_path)
    window.page.panel.choose_check("unpinned-split")
    assert window.page.check.notes.model.rowCount() == 10_000
    window.page.panel.search.setText("split_00007")
    assert window.page.panel.filter.shown_checks() == ["unpinned-split"]


def test_fault_in_the_window_itself_is_shown(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path, capsys: object
) -> None:
    windows = stand_in_windows()
    window = windows.open_window()
    try:
        raise ValueError("oops")
    except ValueError as error:
        windows.tell_fault(type(error), error, error.__traceback__)
    assert "oops" in window.bar.notices[0].what
    assert "Traceback" in window.bar.notices[0].details


def test_worker_that_was_replaced_learns_the_project_again(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    """A plan that would not stop costs its worker, not the report, its export or the next plan."""
    window = opened(stand_in_windows("--hang-on", "PlanFixes"), qtbot, tmp_path)
    session = window.session
    assert session is not None
    first, worker = session.report, window.client.process_id
    session.plan_fixes(()).drop()
    qtbot.waitUntil(lambda: window.client.process_id not in {0, worker}, timeout=WAIT)
    assert session.report is first
    assert Path(session.report_file).is_file()
    qtbot.waitUntil(lambda: session.report is not first and not session.is_auditing, timeout=WAIT)
    assert window.bar.notices == []
    kept = Path(session.report_file)
    assert kept.is_file()
    window.close()
    assert not kept.parent.exists()
