"""One rebuild: a clean environment by uv in a temporary folder, then each import of the project, each failure told apart."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import ProgramFailed, ReproGuiError
from repro_gui.facts.rebuild import Rebuild, RebuildSource, RebuildState, TriedImport
from repro_gui.facts.rebuild_plan import RebuildPlan, RebuildWay, WantedImport
from repro_gui.processes import Finished, ProgramLimits, Stream, run_program
from repro_gui.redact import redact_text
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.progress import Progress

# A large wheel on a slow line takes what it takes: the person can cancel at any time.
_INSTALL = ProgramLimits(seconds=None, keep_last_output=True, output_bytes=4 * 1024 * 1024)
_QUICK = ProgramLimits(seconds=120)
_IMPORT_SECONDS = 180.0
_MOST_SAID = 400
_ENVIRONMENT = {"UV_HTTP_RETRIES": "1", "UV_HTTP_TIMEOUT": "30", "PYTHONSAFEPATH": "1", "UV_NO_PROGRESS": "1"}
# What uv says when the index cannot be reached at all, or does not let us in; a file that is gone (404) is an answer.
_UNREACHABLE = re.compile(
    r"error sending request|dns error|client error \(connect\)|tcp connect|connection refused|network is unreachable"
    r"|operation timed out|timed out|network (?:connectivity )?(?:is|was) disabled|invalid peer certificate"
    r"|HTTP status client error \((?:401|403|407)|HTTP status server error|status code 50\d",
    re.IGNORECASE,
)
# A full disk or a folder that may not be written says nothing of the project.
_OF_THIS_MACHINE = re.compile(r"\(os error \d+\)|no space left on device", re.IGNORECASE)
_DONE = re.compile(r"^\s*(?:Downloaded|Built) (?P<name>\S+)")
_BEGUN = re.compile(r"^\s*(?:Downloading|Building) (?P<name>\S+)(?: \((?P<size>[^)]+)\))?")
_INSTALLED = re.compile(r"^ \+ (?P<name>\S+?)(?:==| @ |$)")
_CHATTER = re.compile(r"(?:Downloading|Downloaded|Building|Built|Using|Resolved|Prepared|warning:) ?")
# Where an index is is nobody's business; which file it was about is.
_ADDRESS = re.compile(r"https?://\S*/")
_FOUND = re.compile(r"^Resolved (?P<count>\d+) packages?")
# Runs in the new environment, in any Python from 3.6 on. What an import prints goes to standard error.
_TRY_IMPORTS = """
import importlib, json, os, sys, time
told = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
for name in json.load(sys.stdin):
    told.write(json.dumps({"begun": name}) + chr(10))
    told.flush()
    start, error = time.perf_counter(), ""
    try:
        importlib.import_module(name)
    except BaseException as reason:
        error = type(reason).__name__ + ": " + str(reason)
    told.write(json.dumps({"module": name, "error": error[:2000], "seconds": time.perf_counter() - start}) + chr(10))
    told.flush()
told.close()
os._exit(0)
"""


class IndexUnreachable(ReproGuiError):
    """No package index answered: nothing is known of the environment."""


class CannotInstallHere(ReproGuiError):
    """This machine stood in the way: nothing is known of the environment."""


class NoSuchPython(ReproGuiError):
    """The Python that the project names is not on this machine."""


class SourceChanged(ReproGuiError):
    """A file vanished between the look at it and the rebuild."""


class RebuildWish(msgspec.Struct, frozen=True):
    """What to make: the plan, the bytes of its sources, the project's folder (it must be trusted), and a chosen interpreter."""

    plan: RebuildPlan
    contents: Mapping[str, bytes]
    project: str
    python: str = ""


def run_rebuild(
    wish: RebuildWish, folder: Path, progress: Progress, on_line: Callable[[str], None] = lambda _: None
) -> Rebuild:
    """Make the environment in `folder` (an empty temporary one) and try the imports; nothing of the project is written to.

    `on_line` hears what uv says. Raises `NeedsTrust`, `Cancelled`, `IndexUnreachable`, `CannotInstallHere`,
    `NoSuchPython`.
    """
    return _Rebuild(wish, folder, progress, on_line).run()


class _Rebuild:
    def __init__(self, wish: RebuildWish, folder: Path, progress: Progress, on_line: Callable[[str], None]) -> None:
        self.plan, self.wish, self.folder, self.progress = wish.plan, wish, folder, progress
        self.on_line = on_line
        self.work = folder / "work"
        self.home = folder / "home"
        self.environment = folder / "environment"
        self.python = self.environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def run(self) -> Rebuild:
        self.work.mkdir()
        self.home.mkdir()
        found = Rebuild(
            state=RebuildState.PASSED,
            when=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            sources=tuple(RebuildSource(path, self._digest(path)) for path in self.plan.sources),
            is_lock=self.plan.is_lock,
            is_hashed=self.plan.is_hashed,
            wanted_python=self.plan.python,
            left_out=self.plan.left_out,
        )
        version = self._make_environment()
        found = msgspec.structs.replace(found, python=version)
        self._write_sources()
        counts = _Counts(self.progress, self.on_line)
        finished = self._install(counts)
        found = msgspec.structs.replace(found, install_seconds=round(finished.seconds, 1), packages=counts.installed)
        if finished.code:
            reason = self._said(finished)
            if _UNREACHABLE.search(finished.error_text):
                raise IndexUnreachable(
                    text("No package index answered: {said}", said=reason),
                    text("Connect to the network, or check the address and the access of the index, then try again."),
                )
            if _OF_THIS_MACHINE.search(finished.error_text):
                raise CannotInstallHere(
                    text("This machine stood in the way: {said}", said=reason),
                    text("Make room on the disk, or look at the permissions of uv's cache, then try again."),
                )
            return msgspec.structs.replace(found, state=RebuildState.NOT_INSTALLED, why_not=text("{said}", said=reason))
        tried = self._try_imports()
        is_fine = not any(one.error for one in tried)
        return msgspec.structs.replace(
            found,
            imports=tried,
            import_seconds=round(sum(one.seconds for one in tried), 1),
            state=RebuildState.PASSED if is_fine else RebuildState.NOT_IMPORTED,
        )

    def _digest(self, path: str) -> str:
        content = self.wish.contents.get(path)
        if content is None:
            raise SourceChanged(text("{path} is not there.", path=path), text("Audit the project again, then rebuild."))
        return hashlib.sha256(content).hexdigest()

    # ---- the environment ----

    def _make_environment(self) -> str:
        self.progress.step(text("Looking for Python {version}", version=self.plan.python or ""), 0, 0)
        errors = ""
        for wanted in self._pythons():
            argv = ["uv", "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", wanted]
            finished = self._uv([*argv, str(self.environment)], _QUICK, text("Making an environment"))
            if finished.code == 0:
                return self._version()
            errors = self._said(finished)
        if self.wish.python:
            raise NoSuchPython(
                text(
                    "{path} is no Python that an environment can be made with: {said}",
                    path=self.wish.python,
                    said=errors,
                ),
                text("Name another one with --python."),
            )
        raise NoSuchPython(
            text("Python {version}, which the project wants, is not on this machine.", version=self._pythons()[0]),
            text(
                "Install it (`uv python install {version}`), or name another one with --python.",
                version=self._pythons()[0],
            ),
        )

    def _pythons(self) -> list[str]:
        """The exact release first, another patch release of it next: which one it was is told."""
        if self.wish.python:
            return [self.wish.python]
        if not self.plan.python:
            return [self.plan.python_range or ">=3.8"]
        minor = ".".join(self.plan.python.split(".")[:2])
        return list(dict.fromkeys([self.plan.python, minor]))

    def _version(self) -> str:
        code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
        finished = self._run([str(self.python), "-I", "-c", code], _QUICK, text("Making an environment"))
        return finished.output_text.strip()

    def _write_sources(self) -> None:
        for path in self.plan.sources:
            target = self.work / PurePosixPath(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_without_lines(self.wish.contents[path], path, self.plan))
        for name, lines in (("requirements.in", self.plan.lines), ("constraints.txt", self.plan.constraints)):
            (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _install(self, counts: _Counts) -> Finished:
        first = str(self.work / PurePosixPath(self.plan.sources[0]))
        into = ["--python", str(self.python)]
        match self.plan.way:
            case RebuildWay.PROJECT:
                finished = self._export(first)
                if finished.code:
                    return finished
                argv = ["pip", "sync", *into, str(self.folder / "pylock.toml")]
            case RebuildWay.SYNC:
                argv = ["pip", "sync", *into, first]
                if self.plan.is_hashed and not first.endswith(".toml"):
                    argv.append("--require-hashes")
            case RebuildWay.FILES:
                argv = ["pip", "install", *into, "--requirements", first]
            case RebuildWay.LINES:
                argv = ["pip", "install", *into, "--requirements", str(self.folder / "requirements.in")]
                if self.plan.constraints:
                    argv += ["--constraints", str(self.folder / "constraints.txt")]
        if not self.plan.lines and self.plan.way is RebuildWay.LINES:
            # A project that needs no package at all.
            return Finished((), 0, b"", b"", 0.0)
        return self._uv(argv, _INSTALL, text("Installing"), counts)

    def _export(self, lock: str) -> Finished:
        """The packages of a `uv.lock` for running, without the project itself."""
        argv = ["uv", "export", "--frozen", "--quiet", "--no-emit-project", "--no-dev", "--no-header"]
        argv += ["--format", "pylock.toml", "--output-file", str(self.folder / "pylock.toml"), "--color", "never"]
        argv += ["--python", str(self.python)]
        return self._run(argv, _QUICK, text("Reading the lock"), folder=Path(lock).parent)

    def _uv(self, argv: list[str], limits: ProgramLimits, what: Text, counts: _Counts | None = None) -> Finished:
        words = argv if argv[0] == "uv" else ["uv", *argv]
        return self._run([*words, "--color", "never"], limits, what, counts)

    def _run(
        self,
        argv: list[str],
        limits: ProgramLimits,
        what: Text,
        counts: _Counts | None = None,
        folder: Path | None = None,
    ) -> Finished:
        return run_program(
            argv,
            folder=folder or self.work,
            project=Path(self.wish.project),
            environment=_ENVIRONMENT,
            limits=limits,
            progress=counts or self.progress,
            what=what,
            on_line=counts.hear if counts else None,
        )

    def _said(self, finished: Finished) -> str:
        """What uv said last, on one line, without our folder and anything private."""
        said = finished.error_text.replace(str(self.folder) + os.sep, "").replace(str(self.folder), "")
        lines = [line.strip(" ×╰─▶│\t") for line in said.splitlines()]
        kept = [line for line in lines if line and not _CHATTER.match(line)]
        return redact_text(_ADDRESS.sub("…/", " ".join(kept))[:_MOST_SAID])

    # ---- the imports ----

    def _try_imports(self) -> tuple[TriedImport, ...]:
        """All in one process, as a program would; one that ends it or hangs costs its own verdict only."""
        places = {wanted.module: wanted for wanted in self.plan.imports}
        tried: dict[str, TriedImport] = {}
        while len(tried) < len(places):
            waiting = [module for module in places if module not in tried]
            run = _ImportRun(self.progress, len(tried), len(places))
            reason = self._import(waiting, run)
            for module, (error, seconds) in run.results.items():
                tried[module] = _tried(places[module], redact_text(error), seconds)
            if run.begun and run.begun not in run.results:
                tried[run.begun] = _tried(places[run.begun], reason, 0.0)
            elif not run.results:
                # It never came to the first one: the interpreter itself fails.
                tried[waiting[0]] = _tried(places[waiting[0]], reason, 0.0)
        return tuple(tried[module] for module in places)

    def _import(self, modules: list[str], run: _ImportRun) -> str:
        """Why the process ended before its time."""
        try:
            finished = run_program(
                [str(self.python), "-I", "-B", "-c", _TRY_IMPORTS],
                folder=self.home,
                project=Path(self.wish.project),
                # Packages write caches and settings at their first import.
                environment={"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home), "MPLBACKEND": "agg"},
                given=json.dumps(modules).encode(),
                limits=ProgramLimits(seconds=_IMPORT_SECONDS, keep_last_output=True),
                progress=run,
                what=text("Importing"),
                on_line=run.hear,
            )
        except ProgramFailed as error:
            return str(error.what)
        if finished.code == 0:
            return "it ended the interpreter"
        last = (finished.error_text.strip().splitlines() or [""])[-1]
        return redact_text(f"the interpreter ended with code {finished.code} {last}".strip()[:_MOST_SAID])


def _tried(wanted: WantedImport, error: str, seconds: float) -> TriedImport:
    shown = " ".join(error.split())[:_MOST_SAID]
    return TriedImport(wanted.module, wanted.path, wanted.line, shown, round(seconds, 2))


def _without_lines(content: bytes, path: str, plan: RebuildPlan) -> bytes:
    taken = {number for where, first, last in plan.blank if where == path for number in range(first, last + 1)}
    if not taken:
        return content
    lines = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    kept = ["\n" if number in taken else line for number, line in enumerate(lines, 1)]
    return "".join(kept).encode("utf-8", "surrogateescape")


class _Counts:
    """Progress measured in packages, from what uv says."""

    def __init__(self, progress: Progress, on_line: Callable[[str], None]) -> None:
        self._progress, self._on_line = progress, on_line
        self.found = self.fetched = self.installed = 0
        self._at = ""

    def hear(self, stream: Stream, line: str) -> None:
        if stream is not Stream.ERRORS:
            return
        self._on_line(line)
        if found := _FOUND.match(line):
            self.found = int(found["count"])
        elif found := _BEGUN.match(line):
            self._at = f"{found['name']} ({found['size']})" if found["size"] else found["name"]
        elif _DONE.match(line):
            self.fetched += 1
        elif _INSTALLED.match(line):
            self.installed += 1

    def step(self, what: Text, done: int, total: int) -> None:
        """Called at every turn of the program's watch."""
        del done, total
        if self._at and not self.installed:
            what = text("Fetching {name}", name=self._at)
        self._progress.step(what, max(self.fetched, self.installed) if self.found else 0, self.found)


class _ImportRun:
    """Hears which import is tried, and how it went."""

    def __init__(self, progress: Progress, done: int, total: int) -> None:
        self._progress, self._done, self._total = progress, done, total
        self.results: dict[str, tuple[str, float]] = {}
        self.begun = ""

    def hear(self, stream: Stream, line: str) -> None:
        if stream is not Stream.OUTPUT:
            return
        try:
            told = json.loads(line)
        except ValueError:
            return
        if "begun" in told:
            self.begun = str(told["begun"])
        elif "module" in told:
            self.results[str(told["module"])] = (str(told["error"]), float(told["seconds"]))

    def step(self, what: Text, done: int, total: int) -> None:
        """Called at every turn of the program's watch."""
        del what, done, total
        self._progress.step(text("Importing {name}", name=self.begun), self._done + len(self.results), self._total)
