"""Everything bad that a folder can be, through the window and the real worker: a sentence in the right place, a way on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer, Outcome, Question
from repro_gui.ui.application import Windows
from repro_gui.ui.main_window import MainWindow
from repro_gui.worker.messages import WantedFix
from tests.ui.bad_projects import BAD_PROJECTS, PROGRAM
from tests.ui.conftest import WAIT, is_audited, opened

NOBODY = 65534
AS_NOBODY = f"""
import importlib, os, pkgutil, runpy, sys
import repro_gui
for module in pkgutil.walk_packages(repro_gui.__path__, "repro_gui."):
    # Nobody may not enter the folder of root's interpreter: what is needed is imported before.
    if not module.name.startswith(("repro_gui.ui", "repro_gui.__main__", "repro_gui.probe.battery")):
        importlib.import_module(module.name)
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
sys.argv = ["repro-gui", "worker", "reader"]
runpy.run_module("repro_gui", run_name="__main__", alter_sys=True)
"""


def told(window: MainWindow) -> str:
    """Every sentence that the window has about the project now."""
    lines = [f"{notice.what} {notice.mend}" for notice in window.bar.notices]
    session = window.session
    if session is not None and session.report is not None:
        report = session.report
        lines += [f"{item.path}: {item.reason}" for item in report.left_out]
        lines += [str(answered.why) for answered in report.answers]
        for result in report.results:
            lines += [f"{note.path} {note.message}" for note in (*result.findings, *result.undecided, *result.evidence)]
    return "\n".join(lines)


def ways_on(window: MainWindow) -> list[str]:
    return [action.label for notice in window.bar.notices for action in notice.actions]


def press(window: MainWindow, words: str) -> None:
    button = next(one for one in window.bar.findChildren(QPushButton) if one.text() == words and one.isVisible())
    button.click()


def test_bad_projects_are_audited_and_said(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    """One after another in one window: each is answered, and does not harm the next."""
    window = windows.open_window()
    faults = []
    for bad in BAD_PROJECTS:
        folder = tmp_path / bad.name / "project"
        folder.mkdir(parents=True)
        bad.make(folder)
        window.open_folder(str(folder))
        qtbot.waitUntil(lambda: is_audited(window) or bool(window.bar.notices), timeout=WAIT)
        if not is_audited(window) or not re.search(bad.says, told(window)):
            faults.append(f"{bad.name}: {told(window)}")
            continue
        look_at_everything(window)
        if "\x1b" in told(window) or "\u202e" in told(window):
            faults.append(f"{bad.name}: a control character is shown")
    assert not faults, "\n\n".join(faults)
    sound = tmp_path / "sound"
    sound.mkdir()
    (sound / "train.py").write_text(PROGRAM)
    window.open_folder(str(sound))
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert not window.bar.notices
    assert not list(tmp_path.rglob("mark"))


def look_at_everything(window: MainWindow) -> None:
    """Every question and every check that says something, whatever stands in names and reasons."""
    session = window.session
    assert session is not None
    assert set(session.answers) == set(Question)
    assert Answer.YES not in {session.answers[question].answer for question in (Question.SEEDS, Question.TRACKING)}
    for question in Question:
        window.page.show_question(question)
    for result in session.results.values():
        if result.outcome is not Outcome.NOT_APPLICABLE:
            window.page.panel.choose_check(result.check_id)
    assert not window.page.grab().isNull()


def test_everything_bad_at_once(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    """Folders of all of them as one project: one does not hide another."""
    for bad in BAD_PROJECTS:
        folder = tmp_path / "all" / bad.name
        folder.mkdir(parents=True)
        bad.make(folder)
        for leftover in ("source",):
            shutil.rmtree(folder.with_name(leftover), ignore_errors=True)
    window = opened(windows, qtbot, tmp_path / "all")
    for words in (
        r"junk-named-py/model\.py",
        r"cut-notebook/explore\.ipynb",
        r"two-gigabytes/huge\.py",
        r"pipes/pipe\.py",
    ):
        assert re.search(words, told(window)), words


def _others_may_run_us() -> bool:
    """Whether another user reaches our sources: a checkout below /root keeps them out."""
    return all(parent.stat().st_mode & 0o001 for parent in Path(__file__).resolve().parents)


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder under /tmp that every user may enter, with own folders of a worker in it."""
    with tempfile.TemporaryDirectory(prefix="repro-gui-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        monkeypatch.setenv("HOME", str(folder / "home"))
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(variable, str(folder / "home" / variable.lower()))
        yield folder


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user id needs root")
@pytest.mark.skipif(not _others_may_run_us(), reason="the checkout is closed to other users")
def test_no_permission_is_a_sentence_and_can_be_tried_again(qtbot: QtBot, open_to_all: Path) -> None:
    root = open_to_all / "locked"
    root.mkdir()
    (root / "train.py").write_text(PROGRAM)
    root.chmod(0o700)
    windows = Windows([sys.executable, "-c", AS_NOBODY])
    window = windows.open_window(str(root))
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert re.search(r"permission|not allowed|may not", told(window), re.IGNORECASE), told(window)
    assert "Try again" in ways_on(window)
    root.chmod(0o755)
    press(window, "Try again")
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert not window.bar.notices


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user id needs root")
@pytest.mark.skipif(not _others_may_run_us(), reason="the checkout is closed to other users")
def test_files_of_somebody_else_are_said_and_a_fix_is_refused(qtbot: QtBot, open_to_all: Path) -> None:
    root = open_to_all / "shared"
    root.mkdir()
    (root / "train.py").write_text(PROGRAM)
    (root / "secret.py").write_text(PROGRAM)
    (root / "secret.py").chmod(0o600)
    (root / "requirements.txt").write_text("numpy\n")
    windows = Windows([sys.executable, "-c", AS_NOBODY])
    window = opened(windows, qtbot, root)
    assert re.search(r"secret\.py", told(window))
    window.fix((WantedFix("no-repository"),))
    from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None or bool(dialog.bar.notices), timeout=WAIT)
    if dialog.preview is not None:
        dialog.apply_button.click()
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    assert dialog.bar.notices[0].mend
    dialog.reject()
    assert not (root / ".git").exists()


def test_ten_thousand_findings_of_a_real_project(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    (root / "train.py").write_text("import numpy as np\nprint(np.random.rand())\n")
    (root / "requirements.txt").write_text("".join(f"package-{number}\n" for number in range(10_000)))
    window = opened(windows, qtbot, root)
    window.page.panel.choose_check("unpinned-dependency")
    notes = window.page.check.notes
    assert notes.model.rowCount() == 10_000
    notes.view.scrollToBottom()
    notes._choose_row(9_999)
    chosen = notes.current()
    assert chosen is not None
    assert chosen.line == 10_000
    window.page.panel.search.setText("package-1999")
    assert window.page.panel.filter.shown_checks() == ["unpinned-dependency"]


def test_long_plan_tells_where_it_is_and_is_stopped_at_once(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

    root = tmp_path / "many"
    installed = root / "venv/lib/python3.11/site-packages"
    installed.mkdir(parents=True)
    (root / "venv/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    (root / "train.py").write_text("import numpy as np\nprint(np.random.rand())\n")
    names = [f"package-{number}" for number in range(600)]
    (root / "requirements.txt").write_text("".join(f"{name}\n" for name in names))
    for name in names:
        record = installed / f"{name.replace('-', '_')}-1.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    window = opened(windows, qtbot, root)
    window.fix((WantedFix("unpinned-dependency"),))
    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: "Planning: " in dialog.waiting.text(), timeout=WAIT)
    dialog.reject()
    window.page.show_overview()
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_path_with_a_lone_surrogate_is_refused_with_a_way_on(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    Path(name).mkdir()
    (Path(name) / "train.py").write_text(PROGRAM)
    window = windows.open_window(name)
    qtbot.waitUntil(lambda: bool(window.bar.notices) or is_audited(window), timeout=WAIT)
    assert is_audited(window) or "Rename the folder" in told(window)


def test_worker_killed_while_it_audits(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = windows.open_window(str(project))
    qtbot.waitUntil(lambda: window.session is not None and window.session.is_auditing, timeout=WAIT)
    os.kill(window.client.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: "Audit again" in ways_on(window), timeout=WAIT)
    press(window, "Audit again")
    qtbot.waitUntil(lambda: is_audited(window) and not window.bar.notices, timeout=WAIT)


def test_worker_killed_while_it_plans(windows: Windows, qtbot: QtBot, project: Path) -> None:
    from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

    window = opened(windows, qtbot, project)
    window.fix((WantedFix("unpinned-split"),))
    (dialog,) = window.findChildren(FixPreviewDialog)
    os.kill(window.client.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(dialog.bar.notices) or dialog.preview is not None, timeout=WAIT)
    if dialog.preview is None:
        # The restarted worker has to audit first; then the plan is made.
        qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
        press(window, "Audit again")
        qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
        dialog.plan()
        qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    dialog.reject()


def test_folder_vanishes_while_a_preview_is_open(windows: Windows, qtbot: QtBot, project: Path) -> None:
    from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

    window = opened(windows, qtbot, project)
    window.fix((WantedFix("unpinned-split"),))
    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    project.rename(project.with_name("gone"))
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    assert dialog.bar.notices[0].mend
    assert not project.exists()
    dialog.reject()
    project.with_name("gone").rename(project)
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: is_audited(window) and not window.bar.notices, timeout=WAIT)


def test_closing_while_a_fix_is_written_finishes_it(windows: Windows, qtbot: QtBot, project: Path) -> None:
    from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog

    window = opened(windows, qtbot, project)
    window.fix((WantedFix("unpinned-split"),))
    (dialog,) = window.findChildren(FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    dialog.apply_button.click()
    window.close()
    assert "random_state" in (project / "train.py").read_text()
    again = opened(windows, qtbot, project)
    assert again.session is not None
    qtbot.waitUntil(lambda: again.session is not None and len(again.session.history) == 1, timeout=WAIT)
