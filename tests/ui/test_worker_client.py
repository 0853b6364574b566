"""The line to the worker: crashes, hangs, noise, late answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from repro_gui.facts.settings import Settings
from repro_gui.ui import worker_client
from repro_gui.ui.worker_client import WorkerClient, WorkerRequest
from repro_gui.worker import messages as m
from tests.ui.conftest import WAIT, stand_in


class Heard:
    """What a request told."""

    def __init__(self, request: WorkerRequest) -> None:
        self.parts: list[m.Reply] = []
        self.ends: list[m.Reply] = []
        request.part_arrived.connect(self.parts.append)
        request.ended.connect(self.ends.append)


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QObject]:
    made = QObject()
    yield made
    for client in made.findChildren(WorkerClient):
        client.close()
    made.deleteLater()


def recognise(client: WorkerClient, root: str = "/nowhere") -> WorkerRequest:
    return client.send(lambda number: m.Recognise(number=number, root=root))


def audit(client: WorkerClient) -> WorkerRequest:
    return client.send(lambda number: m.Audit(number=number, root="/nowhere", settings=Settings()))


def wait_for_end(qtbot: QtBot, heard: Heard) -> m.Reply:
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=WAIT)
    assert len(heard.ends) == 1
    return heard.ends[0]


def test_answers_come_to_their_request_with_parts_in_between(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in())
    first, second = Heard(audit(client)), Heard(recognise(client))
    assert isinstance(wait_for_end(qtbot, second), m.Recognised)
    end = wait_for_end(qtbot, first)
    assert isinstance(end, m.Audited)
    assert sum(isinstance(part, m.CheckDone) for part in first.parts) == 16
    assert not client.is_busy
    assert client.hello is not None


def test_crash_costs_the_request_and_the_next_one_works(qtbot: QtBot, parent: QObject, tmp_path: Path) -> None:
    client = WorkerClient(parent, stand_in("--crash-on", "Recognise", "--once", str(tmp_path / "mark")))
    lost: list[str] = []
    client.lost.connect(lost.append)
    end = wait_for_end(qtbot, Heard(recognise(client)))
    assert isinstance(end, m.Refusal)
    assert end.kind == "WorkerLost"
    assert len(lost) == 1
    assert isinstance(wait_for_end(qtbot, Heard(recognise(client))), m.Recognised)


def test_worker_that_always_crashes_is_given_up(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in("--crash-on", "Recognise"))
    ends = [wait_for_end(qtbot, Heard(recognise(client))) for _turn in range(4)]
    assert all(isinstance(end, m.Refusal) for end in ends)
    assert "several times" in str(ends[-1].what)  # type: ignore[attr-defined]


def test_program_that_is_not_there_is_a_refusal(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, ["/nowhere/python", "-c", ""])
    assert isinstance(wait_for_end(qtbot, Heard(recognise(client))), m.Refusal)


def test_request_that_hangs_after_cancel_gets_its_process_replaced_and_others_are_asked_again(
    qtbot: QtBot, parent: QObject
) -> None:
    client = WorkerClient(parent, stand_in("--hang-on", "Audit"))
    first = audit(client)
    heard, waiting = Heard(first), Heard(recognise(client))
    qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT)
    pid = client.process_id
    first.cancel()
    assert isinstance(wait_for_end(qtbot, heard), m.CancelledEnd)
    assert isinstance(wait_for_end(qtbot, waiting), m.Recognised)
    assert client.process_id not in {0, pid}


def test_a_new_process_is_told_what_it_must_know_before_it_is_asked_again(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in("--hang-on", "Audit"))
    ended = []
    first, waiting = audit(client), recognise(client)
    waiting.ended.connect(lambda _: ended.append("asked again"))
    client.replaced.connect(lambda: recognise(client).ended.connect(lambda _: ended.append("told")))
    qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT)
    first.cancel()
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=WAIT)
    assert ended == ["told", "asked again"]


def test_a_watch_that_is_slow_to_stop_costs_no_process(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in("--hang-on", "Watch"))
    request = client.send(lambda number: m.Watch(number=number, root="/nowhere"))
    qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT)
    pid = client.process_id
    request.drop()
    qtbot.wait(round(worker_client.CANCEL_SECONDS * 1000) + 300)
    assert client.process_id == pid


def test_apply_is_never_cut_off(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in("--hang-on", "ApplyPlan"))
    request = client.send(lambda number: m.ApplyPlan(number=number, root="/nowhere", plan="plan-1"))
    heard = Heard(request)
    qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT)
    pid = client.process_id
    request.cancel()
    qtbot.wait(round(worker_client.CANCEL_SECONDS * 1000) + 300)
    assert heard.ends == []
    assert client.process_id == pid
    assert client._process is not None
    client._process.kill()
    assert isinstance(wait_for_end(qtbot, heard), m.CancelledEnd)


def test_dropped_request_tells_nothing(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in())
    request = audit(client)
    heard = Heard(request)
    request.drop()
    assert isinstance(wait_for_end(qtbot, Heard(recognise(client))), m.Recognised)
    assert heard.parts == []
    assert heard.ends == []


def test_noise_on_the_line_is_ignored(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in("--noise"))
    assert isinstance(wait_for_end(qtbot, Heard(audit(client))), m.Audited)


def test_path_that_cannot_be_sent_is_a_refusal_and_the_worker_lives(qtbot: QtBot, parent: QObject) -> None:
    client = WorkerClient(parent, stand_in())
    end = wait_for_end(qtbot, Heard(recognise(client, "/tmp/\udcff")))
    assert isinstance(end, m.Refusal)
    assert isinstance(wait_for_end(qtbot, Heard(recognise(client))), m.Recognised)


def test_lines_are_decoded_in_small_turns(qtbot: QtBot, parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_client, "DECODE_SECONDS", 0.0)
    client = WorkerClient(parent, stand_in())
    heard = Heard(audit(client))
    client._lines.extend([m.encode_line(m.Step(number=1, what="x", done=0, total=0))] * 5)  # type: ignore[arg-type]
    client._decode_some()
    assert len(client._lines) == 4
    assert isinstance(wait_for_end(qtbot, heard), m.Audited)


def test_worker_is_started_so_that_a_folder_cannot_take_its_place(qtbot: QtBot) -> None:
    assert "-P" in worker_client.worker_command()
