"""Runs other programs: the only room with `subprocess`.

A program gets an environment of known variables, no terminal to ask at, limits, and an end: whatever it started ends
with it, also what it put into the background. Linux: this process is the reaper of its descendants; Windows: a Job Object;
macOS: the process group and a mark in the environment.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO

import msgspec
import psutil

from repro_gui.errors import ProgramFailed
from repro_gui.progress import NoProgress, Progress
from repro_gui.redact import redact_text
from repro_gui.text import Text, text
from repro_gui.trust import require_trust
from repro_gui.windows_jobs import CREATION_FLAGS, end_job, put_into_job

_MARK = "REPRO_GUI_RUN"
_TURN = 0.05  # seconds between two looks at cancel, time and memory
_GRACE = 0.3  # seconds between asking a program to end and ending it: one cancel takes less than a second
_CHUNK = 64 * 1024


class Stream(StrEnum):
    """Which of its two outputs a program wrote to."""

    OUTPUT = "output"
    ERRORS = "errors"


class ProgramLimits(msgspec.Struct, frozen=True):
    """Where a program is ended; None is no limit.

    `memory_bytes` counts the resident memory of the whole tree. More than `output_bytes` on one stream ends the
    program too, unless `keep_last_output`: then only the last of it is kept.
    """

    seconds: float | None = 600
    memory_bytes: int | None = None
    output_bytes: int = 64 * 1024 * 1024
    keep_last_output: bool = False


class Finished(msgspec.Struct, frozen=True):
    """How a program ended; `code` is negative for a signal on POSIX."""

    argv: tuple[str, ...]
    code: int
    output: bytes
    errors: bytes
    seconds: float

    @property
    def output_text(self) -> str:
        """Standard output as UTF-8, undecodable bytes replaced."""
        return self.output.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as UTF-8, undecodable bytes replaced."""
        return self.errors.decode("utf-8", "replace")

    def require_success(self, mend: Text | None = None) -> Finished:
        """Itself; raises `ProgramFailed` with the last words of the program when the code is not 0."""
        if self.code == 0:
            return self
        said = redact_text("\n".join((self.error_text.strip() or self.output_text.strip()).splitlines()[-5:]))
        program = os.path.basename(self.argv[0])  # noqa: PTH119 -- a name, not a file
        what = (
            text("{program} ended with code {code}: {said}", program=program, code=self.code, said=said)
            if said
            else text("{program} ended with code {code}.", program=program, code=self.code)
        )
        raise ProgramFailed(what, mend or text("Run it in a terminal to see what it needs, then try again."))


def run_program(
    argv: Sequence[str],
    *,
    folder: Path,
    project: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
    limits: ProgramLimits | None = None,
    progress: Progress | None = None,
    what: Text | None = None,
    on_line: Callable[[Stream, str], None] | None = None,
    keep_open: tuple[int, ...] = (),
) -> Finished:
    """Run a program in `folder` to its end and return what it said.

    `argv[0]` is an absolute path or a name for `find_program`. `project` is the folder whose code it runs: it must be
    trusted, as must `folder` when the program's file lies in it. `environment` is added to `clean_environment`;
    `given` is its standard input. `on_line` gets each line as it comes, without its end. `keep_open` are descriptors that it
    and its children hold (a lock). Raises `NeedsTrust`, `Cancelled`, and `ProgramFailed` when it cannot be
    started or crosses a limit; a code other than 0 is an answer, see `Finished.require_success`.
    """
    program = argv[0] if os.path.isabs(argv[0]) else find_program(argv[0], folder)  # noqa: PTH117 -- str in, str out
    shown = os.path.basename(program)  # noqa: PTH119
    if project is not None:
        require_trust(project, shown)
    elif _lies_in(program, folder):
        require_trust(folder, shown)
    run = _Run(
        (program, *argv[1:]),
        limits or ProgramLimits(),
        progress or NoProgress(),
        what or text("Running {program}", program=shown),
    )
    return run.to_the_end(folder, {**clean_environment(folder), **(environment or {})}, given, on_line, keep_open)


def find_program(name: str, folder: Path | None = None) -> str:
    """Absolute path of an installed program; `uv` is our own. Never one that lies in `folder`. Raises `ProgramFailed`."""
    if name == "uv":
        return _own_uv()
    found = shutil.which(name, path=clean_environment(folder).get("PATH", ""))
    if found is None or (name == "git" and _is_apple_stand_in(found)):
        raise ProgramFailed(
            text("{name} is not installed, or not on the search path.", name=name), text("Install it, then try again.")
        )
    return os.path.abspath(found)  # noqa: PTH100 -- links stay: a program may look at its own name


def clean_environment(folder: Path | None = None) -> dict[str, str]:
    """The variables that a program may see: known ones of the person and system, none that a project could have set.

    Telemetry and prompts of the field's tools are off. Entries of the search path that are relative or lie in
    `folder` are dropped. In the built program the person's own library path is put back.
    """
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    if getattr(sys, "frozen", False):
        # PyInstaller points these at the bundle and keeps the person's own under *_ORIG.
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH"):
            kept.pop(name, None)
            original = os.environ.get(f"{name}_ORIG")
            if original:
                kept[name] = original
    for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        if name in kept:
            kept[name] = os.pathsep.join(
                entry for entry in kept[name].split(os.pathsep) if _may_be_searched(entry, folder)
            )
            if not kept[name]:
                del kept[name]
    return {**kept, **_QUIET}


def own_command(*arguments: str) -> tuple[str, ...]:
    """The command line that starts this application with these arguments, in a checkout and in the built program."""
    if getattr(sys, "frozen", False):
        # On Windows the program of the window has no standard output; the one beside it has.
        program = Path(sys.executable)
        return (str(program.with_name("repro-gui.exe") if sys.platform == "win32" else program), *arguments)
    # -P: the folder we are in is no place to import from.
    return (sys.executable, "-P", "-m", "repro_gui", *arguments)


# ---- environment ----

# fmt: off
_KEPT_NAMES = frozenset([
    # the person and the place
    "HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "TERM", "COLUMNS",
    "LINES",
    # shared libraries that the person's machine needs (clusters, CUDA)
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    # the network
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    # identity and signing
    "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "SSH_AUTH_SOCK", "GNUPGHOME",
    "GIT_SSL_CAINFO",
    # where packages come from
    "UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CACHE_DIR",
    "UV_OFFLINE", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL",
    "PIP_CERT", "PIP_CONFIG_FILE",
    # Windows
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "USERNAME",
    "USERDOMAIN", "COMPUTERNAME", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)",
    "PROGRAMW6432", "COMMONPROGRAMFILES", "ALLUSERSPROFILE", "PUBLIC", "OS", "NUMBER_OF_PROCESSORS",
])
# fmt: on
_KEPT_PREFIXES = (
    "LC_",
    "XDG_",
    # what decides the numbers a machine computes
    "CUDA_",
    "NVIDIA_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "ROCR_",
    "HIP_",
    "HSA_",
    "PROCESSOR_",
)
_QUIET = {
    # never a question that nobody sees
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GCM_INTERACTIVE": "never",
    "GIT_EDITOR": ":",
    "GIT_PAGER": "cat",
    "PAGER": "cat",
    "PIP_NO_INPUT": "1",
    "NoDefaultCurrentDirectoryInExePath": "1",
    # never a word to anybody
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "ITERATIVE_DO_NOT_TRACK": "1",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB__DISABLE_STATS": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "NO_ALBUMENTATIONS_UPDATE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def _is_kept(name: str) -> bool:
    upper = name.upper()
    return upper in _KEPT_NAMES or upper.startswith(_KEPT_PREFIXES)


def _may_be_searched(entry: str, folder: Path | None) -> bool:
    if not os.path.isabs(entry):  # noqa: PTH117
        return False
    return folder is None or not _lies_in(entry, folder)


def _lies_in(path: str, folder: Path) -> bool:
    """True when a path lies in a folder, as written or with its links followed."""
    inside = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
    written = os.path.join(os.path.abspath(folder), "")  # noqa: PTH118, PTH100
    return f"{os.path.abspath(path)}/".startswith((inside, written)) or f"{os.path.realpath(path)}/".startswith(inside)  # noqa: PTH100


def _own_uv() -> str:
    # The built program carries it among its libraries (PyInstaller names the folder), an environment beside its Python.
    folder = Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent))
    beside = folder / ("uv.exe" if sys.platform == "win32" else "uv")
    if beside.is_file():
        return str(beside)
    from uv import find_uv_bin

    try:
        return str(find_uv_bin())
    except FileNotFoundError as error:
        raise ProgramFailed(
            text("uv, which belongs to Repro GUI, is missing."), text("Install Repro GUI again.")
        ) from error


def _is_apple_stand_in(found: str) -> bool:
    """True for macOS's /usr/bin/git that only opens a dialog which offers to install the real one."""
    if platform.system() != "Darwin" or found != "/usr/bin/git":
        return False
    return not any(Path(place).exists() for place in ("/Library/Developer/CommandLineTools", "/Applications/Xcode.app"))


# ---- one run ----


class _Run:
    """One program from its start to the end of everything that it started."""

    def __init__(self, argv: tuple[str, ...], limits: ProgramLimits, progress: Progress, what: Text) -> None:
        self.argv = argv
        self.limits = limits
        self.progress = progress
        self.what = what
        self.kept = {Stream.OUTPUT: bytearray(), Stream.ERRORS: bytearray()}
        self.partial = {Stream.OUTPUT: b"", Stream.ERRORS: b""}
        self.open_streams = set(Stream)
        self.arrived: queue.SimpleQueue[tuple[Stream, bytes]] = queue.SimpleQueue()

    def to_the_end(
        self,
        folder: Path,
        environment: dict[str, str],
        given: bytes,
        on_line: Callable[[Stream, str], None] | None,
        keep_open: tuple[int, ...],
    ) -> Finished:
        self.progress.step(self.what, 0, 0)
        self.started = time.monotonic()
        with _start_tree(self.argv, folder, environment, keep_open) as tree:
            self._start_reading(tree.process, given)
            self._follow(tree, on_line)
            seconds = time.monotonic() - self.started
        for stream, rest in self.partial.items():
            if rest and on_line is not None:
                on_line(stream, rest.decode("utf-8", "replace"))
        return Finished(
            self.argv,
            tree.process.returncode,
            bytes(self.kept[Stream.OUTPUT]),
            bytes(self.kept[Stream.ERRORS]),
            seconds,
        )

    def _start_reading(self, process: subprocess.Popen[bytes], given: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for stream, pipe in ((Stream.OUTPUT, process.stdout), (Stream.ERRORS, process.stderr)):
            threading.Thread(target=self._read, args=(stream, pipe), daemon=True).start()
        if given:
            threading.Thread(target=_write, args=(process.stdin, given), daemon=True).start()
        else:
            process.stdin.close()

    def _read(self, stream: Stream, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while chunk := os.read(pipe.fileno(), _CHUNK):
                self.arrived.put((stream, chunk))
        self.arrived.put((stream, b""))

    def _follow(self, tree: _Tree, on_line: Callable[[Stream, str], None] | None) -> None:
        next_look = next_weighing = self.started
        ended_at: float | None = None
        while self.open_streams or tree.process.poll() is None:
            if self.open_streams:
                with contextlib.suppress(queue.Empty):
                    self._take(*self.arrived.get(timeout=_TURN), on_line)
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    tree.process.wait(_TURN)
            now = time.monotonic()
            if now >= next_look:
                next_look = now + _TURN
                self.progress.step(self.what, 0, 0)
                if self.limits.seconds is not None and now - self.started > self.limits.seconds:
                    self._give_up(
                        text("{program} took longer than {seconds} s and was ended."), seconds=self.limits.seconds
                    )
            if self.limits.memory_bytes is not None and now >= next_weighing:
                next_weighing = now + 0.2
                if tree.memory() > self.limits.memory_bytes:
                    limit = self.limits.memory_bytes // 1024**2
                    self._give_up(text("{program} used more than {limit} MB of memory and was ended."), limit=limit)
            if tree.process.poll() is not None:
                ended_at = ended_at or now
                if now - ended_at > _GRACE:
                    # Something it left in the background still holds the pipes.
                    tree.end()

    def _take(self, stream: Stream, chunk: bytes, on_line: Callable[[Stream, str], None] | None) -> None:
        if not chunk:
            self.open_streams.discard(stream)
            return
        kept = self.kept[stream]
        kept += chunk
        if len(kept) > self.limits.output_bytes:
            if not self.limits.keep_last_output:
                limit = self.limits.output_bytes // 1024**2
                self._give_up(text("{program} wrote more than {limit} MB and was ended."), limit=limit)
            del kept[: len(kept) - self.limits.output_bytes]
        if on_line is None:
            return
        *lines, rest = (self.partial[stream] + chunk).split(b"\n")
        if len(rest) > _CHUNK:
            lines.append(rest)
            rest = b""
        self.partial[stream] = rest
        for line in lines:
            on_line(stream, line.removesuffix(b"\r").decode("utf-8", "replace"))

    def _give_up(self, template: Text, **values: float) -> None:
        what = Text(template.template, {"program": os.path.basename(self.argv[0]), **values})  # noqa: PTH119
        raise ProgramFailed(what, text("Try again; if it happens every time, run it in a terminal to see why."))


def _write(pipe: IO[bytes], given: bytes) -> None:
    # A program need not read what it is given.
    with contextlib.suppress(OSError), pipe:
        pipe.write(given)


# ---- the tree of processes ----


class _Tree:
    """A started program with everything that it starts."""

    def __init__(self, process: subprocess.Popen[bytes], mark: str, job: int = 0) -> None:
        self.process = process
        self.mark = mark
        self.job = job

    def memory(self) -> int:
        """Resident bytes of the program and its descendants."""
        total = 0
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.process.pid)
            for member in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += member.memory_info().rss
        return total

    def ask_to_end(self) -> None:
        """Ask politely, so that locks are taken away, and wait a moment."""
        if sys.platform == "win32" or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE)

    def end(self) -> None:
        """End whatever still runs, and return when it is gone."""
        if sys.platform == "win32":
            # A handle is closed once: its number may be somebody else's afterwards.
            job, self.job = self.job, 0
            if job:
                end_job(job)
            self.process.wait()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # The number stays ours until `wait`: no other group can have it before.
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for _ in range(100):
            left = _left_behind(self)
            if not left:
                return
            for member in left:
                with contextlib.suppress(psutil.Error):
                    member.kill()
            psutil.wait_procs(left, timeout=0.1)


# Programs under way, so that the end of one spares the others; held while one starts.
_under_way: dict[int, str] = {}
_starting = threading.Lock()


@contextlib.contextmanager
def _start_tree(
    argv: tuple[str, ...], folder: Path, environment: dict[str, str], keep_open: tuple[int, ...]
) -> Iterator[_Tree]:
    mark = secrets.token_hex(8)
    environment[_MARK] = mark
    with _starting:
        _become_reaper()
        try:
            process = subprocess.Popen(  # noqa: S603 -- this is the room for it
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=() if sys.platform == "win32" else keep_open,
                start_new_session=True,
                creationflags=CREATION_FLAGS,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ProgramFailed(
                text("{program} could not be started: {reason}.", program=os.path.basename(argv[0]), reason=reason),  # noqa: PTH119
                text("Check that it is installed and that you may run it."),
            ) from error
        _under_way[process.pid] = mark
        job = put_into_job(int(vars(process)["_handle"])) if sys.platform == "win32" else 0
    tree = _Tree(process, mark, job)
    try:
        yield tree
    except BaseException:
        tree.ask_to_end()
        raise
    finally:
        tree.end()
        with _starting:
            _under_way.pop(process.pid, None)


def _left_behind(tree: _Tree) -> list[psutil.Process]:
    """Processes of an ended program that still run."""
    found: dict[int, psutil.Process] = {}
    with _starting:
        candidates = _orphans() if sys.platform == "linux" else _marked(tree.mark)
        others = set(_under_way.values()) - {tree.mark}
        for process in candidates:
            with contextlib.suppress(psutil.Error):
                if process.status() == psutil.STATUS_ZOMBIE:
                    _reap(process.pid)
                    continue
                mark = _mark_of(process)
                # One without a mark belongs to some run of ours: it waits for the last when several are under way.
                if mark == tree.mark or (mark not in others and not others):
                    for member in [process, *process.children(recursive=True)]:
                        found[member.pid] = member
    return list(found.values())


def _orphans() -> Iterator[psutil.Process]:
    """Children of this process that outlived the program that started them.

    Whatever this process starts itself stays in its session; programs are started in one of their own and none of their
    descendants can come back into ours.
    """
    session = os.getsid(0)
    for pid in _children():
        if pid in _under_way:
            continue
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(pid) != session:
                yield psutil.Process(pid)


def _children() -> list[int]:
    try:
        tasks = [task / "children" for task in Path("/proc/self/task").iterdir()]
        return [int(pid) for task in tasks for pid in task.read_bytes().split()]
    except OSError:
        # A kernel without CONFIG_PROC_CHILDREN, or a thread that ended meanwhile.
        return [child.pid for child in psutil.Process().children()]


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        if _mark_of(process) == mark:
            yield process


def _mark_of(process: psutil.Process) -> str:
    try:
        return process.environ().get(_MARK, "")
    except psutil.Error:
        return ""


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, getattr(os, "WNOHANG", 0))


def _become_reaper() -> None:
    """Have orphans of our descendants become our children (Linux), so that none is lost."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


_PR_SET_CHILD_SUBREAPER = 36
