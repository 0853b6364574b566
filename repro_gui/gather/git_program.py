"""Runs the git program so that it acts on nothing but a Git directory of our own.

A repository's own configuration can name programs (hooks, filters, fsmonitor, textconv, external diffs, pagers, ssh
commands, credential helpers, includes, promisor remotes) which git runs while it merely looks. So the repository's
configuration is never git's configuration here: git gets a directory that we wrote, and of the project only its objects,
a copy of its index, and its files. Whatever the person's own environment and configuration would add is switched off.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator

# Guards against what was made to be slow (patterns, trees); no healthy repository comes near.
_MOST_SECONDS = 60.0
_MOST_MEMORY = 4 * 1024**3
_IMPORT = threading.Lock()

# What the person's own shell, or a hook that called us, may have set.
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
    "GIT_ASKPASS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_EDITOR": "false",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NAMESPACE": "",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_SSH_COMMAND": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_TRACE": "0",
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
    "PAGER": "cat",
    "SSH_ASKPASS": "",
}


class GitFailed(Exception):
    """Git could not answer, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


def find_git(*untrusted: str) -> str | None:
    """The person's git: the first on the search path that does not lie in an untrusted folder; None without one.

    A project's environment may be active while its folder is audited, and then its `bin` stands first on the path.
    """
    name = "git.exe" if sys.platform == "win32" else "git"
    inside = tuple(os.path.realpath(folder).rstrip(os.sep) + os.sep for folder in untrusted)
    for folder in os.get_exec_path():
        if not os.path.isabs(folder):
            continue
        candidate = os.path.join(folder, name)
        if not os.path.isfile(candidate) or not os.access(candidate, os.X_OK):
            continue
        if (os.path.realpath(folder) + os.sep).startswith(inside) or os.path.realpath(candidate).startswith(inside):
            continue
        if candidate == "/usr/bin/git" and sys.platform == "darwin" and not _has_developer_tools():
            continue
        return candidate
    return None


def _has_developer_tools() -> bool:
    """False where macOS's stand-in for git would open a window that offers to install it."""
    return any(
        os.path.exists(path)
        for path in ("/Library/Developer/CommandLineTools/usr/bin/git", "/Applications/Xcode.app/Contents/Developer")
    )


class RunningGit:
    """A git that was started; `output` waits for its end."""

    def __init__(self, process: Any, what: str, hidden: tuple[tuple[str, str], ...]) -> None:
        self._process = process
        self._what = what
        self._hidden = hidden
        self._is_late = False
        self._alarm = threading.Timer(_MOST_SECONDS, self._stop)
        self._alarm.daemon = True
        self._alarm.start()

    def output(self, *, also_fine: frozenset[int] = frozenset()) -> bytes:
        """Standard output; raises `GitFailed` for any exit status but 0 and those named."""
        out, err = self._process.communicate()
        self._alarm.cancel()
        if self._is_late:
            reason = "Git did not finish within {seconds} seconds (git {command})."
            raise GitFailed(text(reason, seconds=int(_MOST_SECONDS), command=self._what))
        if self._process.returncode == 0 or self._process.returncode in also_fine:
            return bytes(out)
        if err.strip():
            complaint = self._complaint(err)
            raise GitFailed(text("Git could not read the repository: {message}", message=complaint))
        status = self._process.returncode
        raise GitFailed(text("Git ended with status {status} (git {command}).", status=status, command=self._what))

    def discard(self) -> None:
        """End it; its answer is not wanted any more."""
        self._alarm.cancel()
        with contextlib.suppress(OSError):
            self._process.kill()
        # After `output` both pipes are closed already.
        if not self._process.stdout.closed:
            self._process.communicate()

    def _stop(self) -> None:
        self._is_late = True
        with contextlib.suppress(OSError):
            self._process.kill()

    def _complaint(self, err: bytes) -> str:
        lines = [line for line in os.fsdecode(err).splitlines() if line.strip()]
        said = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
        shown = "; ".join(line.removeprefix("fatal: ").removeprefix("error: ") for line in said[:3])
        for folder, name in self._hidden:
            shown = shown.replace(folder, name)
        return shown[:300]


class GitProgram:
    """Git on a Git directory of our own.

    `worktree` and `objects` belong to the project. `configured` is false for a look at configuration files only.
    """

    def __init__(self, executable: str, own: str, worktree: str, objects: str) -> None:
        git = _import_gitpython(executable)
        self._executable = executable
        self._git = git.Git(worktree)
        self._own = own
        nothing = os.path.join(own, "nothing")
        self._environment = _ENVIRONMENT | {
            "GIT_DIR": own,
            "GIT_COMMON_DIR": own,
            "GIT_INDEX_FILE": os.path.join(own, "index"),
            "GIT_WORK_TREE": worktree,
            "GIT_OBJECT_DIRECTORY": objects,
            "GIT_CONFIG_SYSTEM": nothing,
            "GIT_CONFIG_GLOBAL": nothing,
            # Versions before 2.32 do not know GIT_CONFIG_GLOBAL.
            "HOME": own,
            "XDG_CONFIG_HOME": own,
        }
        self._hidden = ((own, ".git"), (objects, "objects"), (worktree + os.sep, ""), (worktree, "."))

    def start(self, *arguments: str, given: bytes = b"", as_person: bool = False) -> RunningGit:
        """Start git; `given` is its standard input. `as_person` uses the person's own configuration (to read it)."""
        environment = dict(self._environment)
        if as_person:
            for name in ("GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME", "XDG_CONFIG_HOME"):
                del environment[name]
        with contextlib.ExitStack() as stack:
            stream = stack.enter_context(self._as_file(given)) if given else None
            try:
                process = self._git.execute(
                    [self._executable, *arguments], as_process=True, env=environment, istream=stream, shell=False
                )
            except (OSError, _import_gitpython(self._executable).GitCommandError) as error:
                raise GitFailed(text("Git could not be started ({error}).", error=type(error).__name__)) from error
        running: Any = process
        _limit_memory(running.pid)
        return RunningGit(running, " ".join(arguments[:2]), self._hidden)

    def run(self, *arguments: str, given: bytes = b"", also_fine: frozenset[int] = frozenset()) -> bytes:
        """Run git to its end."""
        return self.start(*arguments, given=given).output(also_fine=also_fine)

    @contextlib.contextmanager
    def _as_file(self, given: bytes) -> Iterator[Any]:
        path = os.path.join(self._own, f"input-{os.urandom(4).hex()}")
        with open(path, "w+b") as stream:
            stream.write(given)
            stream.flush()
            stream.seek(0)
            yield stream


def _limit_memory(process_id: int) -> None:
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(process_id, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def _import_gitpython(executable: str) -> Any:
    """GitPython runs `git version` when it is imported: let it be the git that we chose, and no complaint when it fails."""
    with _IMPORT:
        if "git" not in sys.modules:
            names = {"GIT_PYTHON_GIT_EXECUTABLE": executable, "GIT_PYTHON_REFRESH": "quiet"}
            before = {name: os.environ.get(name) for name in names}
            os.environ.update(names)
            try:
                import git  # noqa: F401 -- taken from sys.modules below
            finally:
                for name, value in before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
        return sys.modules["git"]
