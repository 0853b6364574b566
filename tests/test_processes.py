import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from repro_gui import trust
from repro_gui.errors import Cancelled, NeedsTrust, ProgramFailed
from repro_gui.processes import (
    ProgramLimits,
    Stream,
    clean_environment,
    find_program,
    own_command,
    run_program,
)
from repro_gui.progress import NoProgress
from repro_gui.text import Text, text

PYTHON = sys.executable


class CancelAfter:
    """Cancels once `seconds` have passed."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def step(self, what: Text, done: int, total: int) -> None:
        if time.monotonic() > self.at:
            raise Cancelled


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))


def python(code: str) -> list[str]:
    return [PYTHON, "-I", "-c", code]


def wait_for(condition: object, seconds: float = 10) -> bool:
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def pids_in(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_output_errors_and_code_come_back(tmp_path: Path) -> None:
    done = run_program(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"), folder=tmp_path)
    assert (done.output, done.errors, done.code) == (b"out\n", b"err\n", 3)
    with pytest.raises(ProgramFailed, match="err"):
        done.require_success()


def test_what_a_failed_program_says_is_redacted(tmp_path: Path) -> None:
    done = run_program(python("import sys; sys.exit('fatal: https://me:hunter2@host/x.git')"), folder=tmp_path)
    with pytest.raises(ProgramFailed) as caught:
        done.require_success(text("Do this."))
    assert "hunter2" not in str(caught.value)
    assert str(caught.value.mend) == "Do this."


def test_lines_come_as_they_are_written(tmp_path: Path) -> None:
    seen: list[tuple[Stream, str, float]] = []
    code = "import sys,time\nfor i in range(3): print(i, flush=True); time.sleep(0.2)\nsys.stdout.write('end')"
    run_program(
        python(code), folder=tmp_path, on_line=lambda stream, line: seen.append((stream, line, time.monotonic()))
    )
    assert [line for _, line, _ in seen] == ["0", "1", "2", "end"]
    assert seen[2][2] - seen[0][2] > 0.2


def test_standard_input_is_given_whole_and_else_empty(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    given = b"x" * 3_000_000
    assert run_program(python(code), folder=tmp_path, given=given).output == given
    assert run_program(python(code), folder=tmp_path).output == b""
    assert run_program(python("pass"), folder=tmp_path, given=given).code == 0


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="not installed"):
        run_program(["no-such-program-anywhere"], folder=tmp_path)
    with pytest.raises(ProgramFailed, match="could not be started"):
        run_program(["/no/such/program"], folder=tmp_path)
    with pytest.raises(ProgramFailed, match="could not be started"):
        run_program(python("pass"), folder=tmp_path / "gone")
    not_executable = tmp_path / "elsewhere" / "tool"
    not_executable.parent.mkdir()
    not_executable.write_text("#!/bin/sh\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ProgramFailed, match="could not be started"):
        run_program([str(not_executable)], folder=folder)


# ---- limits ----


def test_the_time_limit_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"longer than 0\.3 s"):
        run_program(python("import time; time.sleep(60)"), folder=tmp_path, limits=ProgramLimits(seconds=0.3))


def test_too_much_output_ends_the_program(tmp_path: Path) -> None:
    code = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    with pytest.raises(ProgramFailed, match="wrote more than"):
        run_program(python(code), folder=tmp_path, limits=ProgramLimits(output_bytes=1024 * 1024))


def test_or_only_the_last_of_it_is_kept(tmp_path: Path) -> None:
    code = "for i in range(100000): print(i)"
    done = run_program(python(code), folder=tmp_path, limits=ProgramLimits(output_bytes=1000, keep_last_output=True))
    assert len(done.output) == 1000
    assert done.output.endswith(b"99999\n")


def test_too_much_memory_ends_the_tree(tmp_path: Path) -> None:
    child = "import time; x = bytearray(300 * 1024 * 1024); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', {child!r}])"
    with pytest.raises(ProgramFailed, match="memory"):
        run_program(python(code), folder=tmp_path, limits=ProgramLimits(memory_bytes=150 * 1024 * 1024))


# ---- the whole tree ----

ORDINARY_CHILD = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(60)']); print(p.pid, flush=True)"
# A daemon as old books make them: new session, two forks, no variables left, all descriptors closed.
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        pid = os.getpid()
        with open(sys.argv[1], 'a') as file:
            file.write(f'{pid}\\n')
        os.closerange(0, 100)
        os.execve('/bin/sleep', ['sleep', '60'], {})
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
"""


def test_what_is_left_in_the_background_ends_with_the_program(tmp_path: Path) -> None:
    done = run_program(python(ORDINARY_CHILD), folder=tmp_path)
    assert is_gone(int(done.output))


def test_it_does_not_wait_for_a_child_that_holds_the_pipes(tmp_path: Path) -> None:
    before = time.monotonic()
    run_program(python(ORDINARY_CHILD), folder=tmp_path)
    assert time.monotonic() - before < 30  # the child sleeps for 60


@pytest.mark.skipif(sys.platform != "linux", reason="needs a reaper of descendants")
def test_a_daemon_without_a_trace_ends_too(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    done = run_program([PYTHON, "-I", "-c", DAEMON, str(pids)], folder=tmp_path)
    assert done.code == 0
    (pid,) = pids_in(pids)
    assert is_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a reaper of descendants")
def test_cancel_ends_the_tree_within_a_second(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = DAEMON + "\nimport signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    cancel = CancelAfter(1.5)
    with pytest.raises(Cancelled):
        run_program([PYTHON, "-I", "-c", code, str(pids)], folder=tmp_path, progress=cancel)
    took = time.monotonic() - cancel.at
    (pid,) = pids_in(pids)
    assert is_gone(pid)
    assert took < 5  # about 0.4 s; generous for a machine under load


def test_a_polite_program_may_clean_up_when_it_is_cancelled(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time, pathlib\n"
        "def end(*_): pathlib.Path('clean').touch(); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); pathlib.Path('ready').touch(); time.sleep(60)"
    )

    class WhenReady:
        def step(self, what: Text, done: int, total: int) -> None:
            if (tmp_path / "ready").exists():
                raise Cancelled

    with pytest.raises(Cancelled):
        run_program(python(code), folder=tmp_path, progress=WhenReady())
    assert (tmp_path / "clean").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a reaper of descendants")
def test_two_programs_at_once_spare_each_other(tmp_path: Path) -> None:
    def run(name: str, seconds: float) -> None:
        code = DAEMON + f"\ntime.sleep({seconds})"
        done = run_program([PYTHON, "-I", "-c", code, str(tmp_path / name)], folder=tmp_path)
        codes.append(done.code)

    codes: list[int] = []
    threads = [threading.Thread(target=run, args=(f"p{i}", 0.2 * i)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert codes == [0] * 4
    assert all(is_gone(pid) for i in range(4) for pid in pids_in(tmp_path / f"p{i}"))


def test_children_of_other_rooms_are_spared(tmp_path: Path) -> None:
    import subprocess

    other = subprocess.Popen(python("import time; time.sleep(60)"))
    try:
        run_program(python(ORDINARY_CHILD), folder=tmp_path)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_no_zombies_are_left(tmp_path: Path) -> None:
    # What other tests left to this process, which takes in orphans, is theirs.
    before = set(psutil.Process().children())
    for i in range(3):
        run_program([PYTHON, "-I", "-c", DAEMON, str(tmp_path / str(i))], folder=tmp_path)
    assert wait_for(
        lambda: not [c for c in set(psutil.Process().children()) - before if c.status() == psutil.STATUS_ZOMBIE]
    )


# ---- environment and trust ----


def test_only_known_variables_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = {
        "GIT_DIR": "/evil",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "/evil",
        "GIT_EXTERNAL_DIFF": "/evil",
        "GIT_SSH_COMMAND": "/evil",
        "GIT_INDEX_FILE": "/evil",
        "PYTHONPATH": "/evil",
        "PYTHONSTARTUP": "/evil",
        "LD_PRELOAD": "/evil.so",
        "BASH_ENV": "/evil",
        "VIRTUAL_ENV": "/evil",
        "WANDB_API_KEY": "evil",
        "AWS_SECRET_ACCESS_KEY": "evil",
        "PAGER": "/evil",
    }
    for name, value in evil.items():
        monkeypatch.setenv(name, value)
    done = run_program(python("import os, json; print(json.dumps(dict(os.environ)))"), folder=tmp_path)
    assert b"evil" not in done.output
    assert b'"GIT_TERMINAL_PROMPT": "0"' in done.output
    assert b'"DVC_NO_ANALYTICS": "1"' in done.output


def test_the_search_path_never_leads_into_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "project"
    (folder / "bin").mkdir(parents=True)
    fake = folder / "bin" / "git"
    fake.write_text("#!/bin/sh\necho evil\n")
    fake.chmod(0o755)
    link = tmp_path / "link"
    link.symlink_to(folder / "bin")
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder / "bin"), "bin", "", ".", str(link), os.environ["PATH"]]))
    monkeypatch.chdir(folder)
    assert find_program("git", folder) != str(fake)
    assert str(folder) not in clean_environment(folder)["PATH"]
    assert run_program(["git", "--version"], folder=folder).output.startswith(b"git version")


def test_a_program_of_the_folder_needs_trust(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    tool = folder / "tool"
    tool.write_text("#!/bin/sh\ntouch mark\n")
    tool.chmod(0o755)
    outside = tmp_path / "outside"
    outside.symlink_to(tool)
    for program in (tool, outside):
        with pytest.raises(NeedsTrust, match=program.name):
            run_program([str(program)], folder=folder)
    assert not (folder / "mark").exists()
    with pytest.raises(NeedsTrust):
        run_program(python("pass"), folder=tmp_path, project=folder)
    trust.remember_trust(folder)
    run_program([str(tool)], folder=folder)
    assert (folder / "mark").exists()


def test_the_built_program_puts_the_persons_library_path_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/lib")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    assert "LD_LIBRARY_PATH" not in clean_environment()
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/cuda/lib64")
    assert clean_environment()["LD_LIBRARY_PATH"] == "/opt/cuda/lib64"
    assert own_command("worker", "reader") == (sys.executable, "worker", "reader")


def test_our_own_uv_is_found(tmp_path: Path) -> None:
    assert run_program(["uv", "--version"], folder=tmp_path).output.startswith(b"uv ")


def test_nothing_asks_at_the_terminal(tmp_path: Path) -> None:
    code = "import os\ntry: os.open('/dev/tty', os.O_RDWR); print('asked')\nexcept OSError: print('no terminal')"
    if Path("/dev/tty").exists():
        assert run_program(python(code), folder=tmp_path).output == b"no terminal\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_signal_is_a_negative_code(tmp_path: Path) -> None:
    done = run_program(python("import os; os.kill(os.getpid(), 9)"), folder=tmp_path, progress=NoProgress())
    assert done.code == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors")
def test_a_lock_can_be_held_by_the_program(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        run_program(python(f"import os; os.write({writing}, b'held')"), folder=tmp_path, keep_open=(writing,))
        assert os.read(reading, 4) == b"held"
    finally:
        os.close(reading)
        os.close(writing)
