"""One request at a time, in a process that goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from repro_gui.text import Text
from repro_gui.ui.result_file import take_result
from repro_gui.ui.runner_session import RunnerSession
from repro_gui.worker.messages import RebuildEnvironment, Refusal, Reply

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

WAIT = 60_000


def is_running(session: RunnerSession) -> bool:
    """Asked anew each time, which a type checker takes for the same answer."""
    return session.is_running


def test_a_second_request_waits_for_nobody_and_is_not_made(qtbot: QtBot, tmp_path: Path) -> None:
    session = RunnerSession()
    numbers: list[int] = []

    def rebuild(number: int) -> RebuildEnvironment:
        numbers.append(number)
        return RebuildEnvironment(number=number, root=str(tmp_path / "no-such-folder"), python="")

    with qtbot.waitSignal(session.ended, timeout=WAIT) as ended:
        session.start(rebuild)
        assert is_running(session)
        session.start(rebuild)
    assert len(numbers) == 1
    assert not is_running(session)
    assert isinstance(ended.args[0], Refusal)
    session.close()


def test_one_that_is_closed_says_nothing_more_and_can_be_started_again(qtbot: QtBot, tmp_path: Path) -> None:
    session = RunnerSession()
    ends: list[Reply] = []
    session.ended.connect(ends.append)
    session.start(lambda number: RebuildEnvironment(number=number, root=str(tmp_path), python=""))
    session.close()
    assert not is_running(session)
    with qtbot.waitSignal(session.ended, timeout=WAIT):
        session.start(lambda number: RebuildEnvironment(number=number, root=str(tmp_path / "none"), python=""))
    assert [type(end) for end in ends] == [Refusal]
    session.close()


def test_a_result_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_bytes(msgspec.json.encode(Text("read {count}", {"count": 3})))
    assert take_result(str(file), Text).template == "read {count}"
    assert not file.exists()
    with pytest.raises(FileNotFoundError):
        take_result(str(file), Text)
    file.write_bytes(b'{"template": 3}')
    with pytest.raises(msgspec.DecodeError):
        take_result(str(file), Text)
    assert not file.exists()
