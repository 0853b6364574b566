"""The reader as the window speaks to it: real processes, real projects."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from repro_gui.apply.example import make_example
from repro_gui.audit.report import report_from_json
from repro_gui.facts.settings import Settings
from repro_gui.progress import Progress
from repro_gui.text import text
from repro_gui.worker import messages as m
from repro_gui.worker.channel import Channel, Steps
from repro_gui.worker.exchange import Exchange
from tests.git_repositories import make_repository, write_files
from tests.worker.reader_process import ReaderProcess


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[ReaderProcess]:
    with ReaderProcess(tmp_path) as process:
        yield process


@pytest.fixture(scope="module")
def example_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_example(tmp_path_factory.mktemp("example") / "example")


@pytest.fixture
def example(example_template: Path, tmp_path: Path) -> str:
    return str(shutil.copytree(example_template, tmp_path / "example", symlinks=True))


def audit(reader: ReaderProcess, root: str) -> tuple[list[m.Reply], m.Reply]:
    return reader.until_end(reader.send(lambda number: m.Audit(number=number, root=root, settings=Settings())))


def test_it_greets_first(reader: ReaderProcess) -> None:
    assert reader.hello.protocol == m.PROTOCOL
    assert reader.hello.pid == reader.process.pid
    assert Path(reader.hello.log_folder).is_dir()


def test_an_audit_comes_in_parts_and_its_report_as_a_file(reader: ReaderProcess, example: str) -> None:
    parts, end = audit(reader, example)
    assert isinstance(end, m.Audited)
    report = report_from_json(Path(end.report).read_bytes())
    results = [part.result for part in parts if isinstance(part, m.CheckDone)]
    # Those of which others may tell the cause come when all of them ran.
    outcomes = {result.check_id: result.outcome for result in report.results}
    assert (len(results), {result.check_id: result.outcome for result in results}) == (len(outcomes), outcomes)
    assert any(isinstance(part, m.AnswersSoFar) for part in parts)
    assert Path(end.report).parent.stat().st_mode & 0o077 == 0
    # The same again; nothing of the folder changed.
    _, again = audit(reader, example)
    assert isinstance(again, m.Audited)
    assert report_from_json(Path(again.report).read_bytes()).results == report.results


def test_plan_apply_audit_undo_redo(reader: ReaderProcess, example: str) -> None:
    audit(reader, example)
    wanted = (m.WantedFix("unpinned-split"),)
    planned = reader.ask(lambda number: m.PlanFixes(number=number, root=example, wanted=wanted))
    assert isinstance(planned, m.Planned), planned
    preview = json.loads(Path(planned.preview).read_text())
    (file,) = preview["files"]
    assert file["path"] == "baseline.py"
    assert "random_state" in file["diff"]
    assert file["before"] != file["after"]
    assert len(preview["answers_before"]) == len(preview["answers_after"]) == 5
    before = (Path(example) / "baseline.py").read_bytes()

    nothing = reader.ask(lambda number: m.ApplyPlan(number=number, root=example, plan=planned.plan, paths=()))
    assert isinstance(nothing, m.Refusal)
    applied = reader.ask(
        lambda number: m.ApplyPlan(number=number, root=example, plan=planned.plan, paths=("baseline.py",))
    )
    assert isinstance(applied, m.Applied), applied
    assert applied.files == ("baseline.py",)
    stale = reader.ask(lambda number: m.ApplyPlan(number=number, root=example, plan=planned.plan))
    assert isinstance(stale, m.Refusal)

    _, end = audit(reader, example)
    assert isinstance(end, m.Audited)
    report = report_from_json(Path(end.report).read_bytes())
    assert report.result("unpinned-split").outcome == "passed"
    assert [str(note.title) for note in report.history] == [str(applied.title)]

    history = reader.ask(lambda number: m.ReadHistory(number=number, root=example))
    assert isinstance(history, m.History)
    assert history.entries[0].can_undo
    assert isinstance(reader.ask(lambda number: m.Undo(number=number, root=example)), m.Applied)
    assert (Path(example) / "baseline.py").read_bytes() == before
    assert isinstance(reader.ask(lambda number: m.Redo(number=number, root=example)), m.Applied)
    assert (Path(example) / "baseline.py").read_bytes() != before


def test_a_plan_before_an_audit_is_refused(reader: ReaderProcess, example: str) -> None:
    refusal = reader.ask(lambda number: m.PlanFixes(number=number, root=example))
    assert isinstance(refusal, m.Refusal)
    assert refusal.kind == "CannotPlan"


def test_settings_and_trust(reader: ReaderProcess, example: str) -> None:
    first = reader.ask(lambda number: m.ReadSettings(number=number, root=example))
    assert isinstance(first, m.ProjectSettings)
    chosen = Settings(entry_points=("train.py",))
    reader.ask(lambda number: m.SaveSettings(number=number, root=example, settings=chosen))
    saved = reader.ask(lambda number: m.ReadSettings(number=number, root=example))
    assert isinstance(saved, m.ProjectSettings)
    assert saved.settings.entry_points == ("train.py",)
    for wanted in (True, False):
        answer = reader.ask(lambda number: m.SetTrust(number=number, root=example, trusted=wanted))  # noqa: B023
        assert isinstance(answer, m.Trust)
        assert answer.trusted is wanted


def test_a_large_project_is_answered_so_far_before_its_checks(reader: ReaderProcess, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "train.py").write_text(
        "from sklearn.svm import SVC\nif __name__ == '__main__':\n    SVC().fit([[1]], [1])\n"
    )
    (root / "other.py").write_text("# padding\n" * 120_000)
    parts, end = audit(reader, str(root))
    assert isinstance(end, m.Audited)
    told = [part for part in parts if isinstance(part, m.AnswersSoFar | m.CheckDone)]
    early, late = (part for part in told if isinstance(part, m.AnswersSoFar))
    assert told[0] is early
    assert (early.read, early.count) == (1, 2)
    assert len(early.answers) == len(late.answers) == 5
    assert "yes" not in {str(answered.answer) for answered in early.answers}
    assert (late.read, late.count) == (0, 0)
    assert [one.answer for one in late.answers] == [
        one.answer for one in report_from_json(Path(end.report).read_bytes()).answers
    ]


def test_recognise_interpreters_source(reader: ReaderProcess, example: str) -> None:
    seen = reader.ask(lambda number: m.Recognise(number=number, root=example))
    assert isinstance(seen, m.Recognised)
    assert {"git", "python", "environment", "data"} <= {item.kind for item in seen.items}
    assert seen.entry_points
    assert isinstance(reader.ask(lambda number: m.FindInterpreters(number=number, root=example)), m.Interpreters)
    source = reader.ask(lambda number: m.ReadSource(number=number, root=example, path="train.py"))
    assert isinstance(source, m.Source)
    assert source.content == (Path(example) / "train.py").read_text()
    assert source.language == "python"
    for path in ("../outside.py", "/etc/passwd", "none.py"):
        missing = reader.ask(lambda number: m.ReadSource(number=number, root=example, path=path))  # noqa: B023
        assert isinstance(missing, m.Source)
        assert missing.reason is not None
        assert not missing.content


def test_several_projects_in_one_folder(reader: ReaderProcess, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for name in ("one", "two"):
        make_repository(folder / name, {"train.py": "x = 1\n"})
    seen = reader.ask(lambda number: m.Recognise(number=number, root=str(folder)))
    assert isinstance(seen, m.Recognised)
    assert seen.projects == ("one", "two")


@pytest.mark.parametrize("name", ["text", "json", "html", "sarif", "markdown", "pdf"])
def test_exports(reader: ReaderProcess, example: str, tmp_path: Path, name: str) -> None:
    _, end = audit(reader, example)
    assert isinstance(end, m.Audited)
    shown = reader.ask(lambda number: m.Export(number=number, report=end.report, format=name))
    assert isinstance(shown, m.Exported), shown
    written = reader.ask(
        lambda number: m.Export(number=number, report=end.report, format=name, output=str(tmp_path / "out"))
    )
    assert isinstance(written, m.Exported)
    assert Path(written.path).read_bytes() == Path(shown.path).read_bytes() != b""
    nowhere = str(tmp_path / "no" / "where")
    refused = reader.ask(lambda number: m.Export(number=number, report=end.report, format=name, output=nowhere))
    assert isinstance(refused, m.Refusal)


def test_an_example_each_time_a_fresh_one(reader: ReaderProcess) -> None:
    first = reader.ask(lambda number: m.MakeExample(number=number))
    second = reader.ask(lambda number: m.MakeExample(number=number))
    assert isinstance(first, m.ExampleMade)
    assert isinstance(second, m.ExampleMade)
    assert first.root != second.root
    assert (Path(second.root) / "train.py").exists()


# ---- bad input never kills it ----


def test_what_is_no_request_is_answered_and_the_next_one_too(reader: ReaderProcess, tmp_path: Path) -> None:
    for line in (
        b"nonsense\n",
        b"\n",
        b'{"request": "audit"}\n',
        b'{"request": "unknown", "number": 3}\n',
        b"\xff\xfe\n",
        b"[]\n",
    ):
        reader.write(line)
        assert isinstance(reader.next(), m.Fault)
    refusal = reader.ask(lambda number: m.Recognise(number=number, root=str(tmp_path / "nowhere")))
    assert isinstance(refusal, m.Refusal)
    assert refusal.kind == "ProjectUnreadable"


def test_a_report_that_vanished_is_a_refusal(reader: ReaderProcess, tmp_path: Path) -> None:
    refusal = reader.ask(lambda number: m.Export(number=number, report=str(tmp_path / "x"), format="json"))
    assert isinstance(refusal, m.Refusal)


def test_a_folder_that_is_replaced_is_read_anew(reader: ReaderProcess, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for files in ({"one.py": "x = 1\n"}, {"two.py": "x = 1\n", "three.py": "x = 1\n"}):
        shutil.rmtree(project, ignore_errors=True)
        write_files(project, dict(files))
        _, end = audit(reader, str(project))
        assert isinstance(end, m.Audited)
        assert end.file_count == len(files)
    shutil.rmtree(project)
    _, end = audit(reader, str(project))
    assert isinstance(end, m.Refusal)


# ---- cancel, end, crash ----


def large_project(root: Path) -> str:
    line = "import numpy as np\nx = np.random.rand(3)\n"
    write_files(root, {f"package{n % 20}/m{n}.py": line * 400 for n in range(1500)})
    return str(root)


def test_cancel_ends_the_request_and_the_next_is_answered(reader: ReaderProcess, tmp_path: Path) -> None:
    root = large_project(tmp_path / "large")
    number = reader.send(lambda number: m.Audit(number=number, root=root, settings=Settings()))
    while not isinstance(reader.next(), m.Step):
        pass
    reader.cancel(number)
    _, end = reader.until_end(number)
    assert isinstance(end, m.CancelledEnd)
    answer = reader.ask(lambda number: m.ReadTrust(number=number, root=root))
    assert isinstance(answer, m.Trust)


def test_a_request_that_waits_can_be_cancelled(reader: ReaderProcess, tmp_path: Path, example: str) -> None:
    root = large_project(tmp_path / "large")
    first = reader.send(lambda number: m.Audit(number=number, root=root, settings=Settings()))
    second = reader.send(lambda number: m.MakeExample(number=number))
    reader.cancel(second)
    reader.cancel(first)
    ends: dict[int, m.Reply] = {}
    while len(ends) < 2:
        reply = reader.next()
        assert reply is not None
        if isinstance(reply, m.CancelledEnd | m.Audited | m.ExampleMade):
            ends[reply.number] = reply
    assert isinstance(ends[second], m.CancelledEnd)


def test_it_ends_with_its_window_and_leaves_nothing(tmp_path: Path, own_folders: Path, example: str) -> None:
    with ReaderProcess(tmp_path) as reader:
        audit(reader, example)
        (exchange,) = own_folders.rglob("exchange")
        assert list(exchange.iterdir())
        assert reader.process.stdin is not None
        reader.process.stdin.close()
        assert reader.process.wait(20) == 0
        assert list(exchange.iterdir()) == []


def test_what_was_asked_to_be_written_is_written_when_its_window_is_gone(tmp_path: Path, example: str) -> None:
    with ReaderProcess(tmp_path) as reader:
        audit(reader, example)
        wanted = (m.WantedFix("unpinned-split"),)
        planned = reader.ask(lambda number: m.PlanFixes(number=number, root=example, wanted=wanted))
        assert isinstance(planned, m.Planned), planned
        reader.send(lambda number: m.Audit(number=number, root=example, settings=Settings()))
        reader.send(lambda number: m.ApplyPlan(number=number, root=example, plan=planned.plan))
        assert reader.process.stdin is not None
        reader.process.stdin.close()
        assert reader.process.wait(60) == 0
    assert "random_state" in (Path(example) / "baseline.py").read_text()


def test_it_ends_in_the_middle_of_work_when_its_window_is_gone(tmp_path: Path) -> None:
    root = large_project(tmp_path / "large")
    with ReaderProcess(tmp_path) as reader:
        reader.send(lambda number: m.Audit(number=number, root=root, settings=Settings()))
        while not isinstance(reader.next(), m.Step):
            pass
        children = psutil.Process(reader.process.pid).children(recursive=True)
        assert reader.process.stdin is not None
        reader.process.stdin.close()
        reader.process.wait(20)
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    del gone


def test_quit_ends_it(tmp_path: Path, example: str) -> None:
    with ReaderProcess(tmp_path) as reader:
        audit(reader, example)
        reader.quit()
        assert reader.process.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_of_the_windows_terminal_is_not_for_it(reader: ReaderProcess) -> None:
    reader.process.send_signal(signal.SIGINT)
    assert reader.is_alive()


def test_what_a_killed_one_left_is_swept(tmp_path: Path, own_folders: Path, example: str) -> None:
    with ReaderProcess(tmp_path) as killed:
        audit(killed, example)
        killed.process.kill()
        killed.process.wait()
    with ReaderProcess(tmp_path) as reader:
        reader.ask(lambda number: m.ReadTrust(number=number, root=example))
        (exchange,) = own_folders.rglob("exchange")
        assert [folder.name.split("-")[0] for folder in exchange.iterdir()] == [str(reader.process.pid)]


def test_prints_do_not_come_among_the_messages(tmp_path: Path) -> None:
    """dvc and others print: what goes to standard output, by Python or by descriptor, ends on standard error."""
    script = (
        "import os, sys\n"
        "from repro_gui.worker.channel import take_standard_output\n"
        "from repro_gui.worker.messages import Hello\n"
        "channel = take_standard_output()\n"
        "print('by python', flush=True); os.write(1, b'by descriptor\\n'); os.system('echo by child')\n"
        "channel.send(Hello(number=0, protocol=1, version='x', pid=1))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert isinstance(m.decode_reply(done.stdout), m.Hello)
    assert done.stderr.splitlines() == [b"by python", b"by descriptor", b"by child"]


def test_another_worker_is_a_sentence() -> None:
    done = subprocess.run([sys.executable, "-m", "repro_gui", "worker", "nonsense"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"worker reader" in done.stderr


# ---- watching ----


def test_edits_are_told_while_other_requests_run(reader: ReaderProcess, example: str) -> None:
    number = reader.send(lambda number: m.Watch(number=number, root=example))
    _, end = audit(reader, example)
    assert isinstance(end, m.Audited)
    changed: list[m.FilesChanged] = []
    deadline = time.monotonic() + 30
    counter = 0
    while not changed and time.monotonic() < deadline:
        counter += 1
        (Path(example) / "train.py").write_text(f"x = {counter}\n")
        (Path(example) / ".git/objects/ignored").write_text("x")
        try:
            reply = reader.next(1)
        except AssertionError:
            continue
        if isinstance(reply, m.FilesChanged):
            changed.append(reply)
    assert changed[0].paths == ("train.py",)
    reader.cancel(number)
    _, end = reader.until_end(number)
    assert isinstance(end, m.CancelledEnd)


def test_a_watched_folder_that_vanishes_ends_the_watch(reader: ReaderProcess, tmp_path: Path) -> None:
    project = tmp_path / "project"
    write_files(project, {"a.py": "x\n"})
    number = reader.send(lambda number: m.Watch(number=number, root=str(project)))
    time.sleep(1)
    shutil.rmtree(project)
    _, end = reader.until_end(number)
    assert isinstance(end, m.Refusal)
    refused = reader.ask(lambda number: m.Watch(number=number, root=str(project)))
    assert isinstance(refused, m.Refusal)


# ---- parts by themselves ----


def test_steps_are_few_and_the_last_one_always_comes(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        steps = Steps(Channel(output), 7)
        total = 20_000
        started = time.monotonic()
        for done in range(total + 1):
            _step(steps, done, total)
        seconds = time.monotonic() - started
        steps.flush()
    replies = [m.decode_reply(line) for line in (tmp_path / "out").read_bytes().splitlines()]
    assert len(replies) <= seconds / 0.05 + 3
    last = replies[-1]
    assert isinstance(last, m.Step)
    assert last.done == total


def _step(progress: Progress, done: int, total: int) -> None:
    progress.step(text("Counting"), done, total)


def test_a_line_that_is_too_long_is_refused_and_names_that_are_not_text_travel(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        channel = Channel(output)
        with pytest.raises(ValueError, match="send it as a file"):
            channel.send(m.Source(number=1, path="a", content="x" * m.LONGEST_LINE))
        channel.send(m.Applied(number=2, entry="1", title=text("{p}", p="a\udcff"), files=("b\udcfe",)))
    (line,) = (tmp_path / "out").read_bytes().splitlines()
    reply = m.decode_reply(line)
    assert isinstance(reply, m.Applied)
    assert reply.files == ("b\\xfe",)


def test_replies_of_several_threads_stay_whole(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        channel = Channel(output)

        def say(number: int) -> None:
            for _ in range(200):
                channel.send(m.Source(number=number, path="p" * 5000))

        threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([m.decode_reply(line) for line in (tmp_path / "out").read_bytes().splitlines()]) == 800


def test_the_exchange_is_private_and_goes_away(own_folders: Path) -> None:
    with Exchange() as exchange:
        path = Path(exchange.write("a.json", b"1"))
        assert path.read_bytes() == b"1"
        assert exchange.folder.stat().st_mode & 0o077 == 0
        assert exchange.write("a.json", b"2") != str(path)
    assert not exchange.folder.exists()
