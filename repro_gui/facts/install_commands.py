"""What shell commands of an image install: pip, uv, conda, poetry, apt and downloads."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Sequence

import msgspec

from repro_gui.facts.addresses import has_credentials, host_of, is_public_index, without_credentials
from repro_gui.facts.conda_files import parse_match
from repro_gui.facts.dependencies import ContainerInstall, IndexOption, PythonVersion, Requirement
from repro_gui.facts.python_versions import named_version
from repro_gui.facts.requirement_lines import parse_requirement
from repro_gui.location import Location

# Options that take the next word as their value.
_VALUED_PIP = frozenset(
    [
        *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-r", "--requirement", "-c", "--constraint"),
        *("-t", "--target", "-e", "--editable", "--python", "--trusted-host", "--timeout", "--retries", "--prefix"),
        *("--root", "--src", "--progress-bar", "--cache-dir", "--platform", "--python-version", "--implementation"),
        *("--abi", "--no-binary", "--only-binary", "--proxy", "--cert", "--log", "--upgrade-strategy", "-C"),
        *("--config-settings", "--default-timeout", "--index", "--default-index", "--torch-backend", "--group"),
        *("--report", "--use-feature", "--global-option"),
    ]
)
_VALUED_CONDA = frozenset(
    [
        "-n",
        "--name",
        "-p",
        "--prefix",
        "-c",
        "--channel",
        "-f",
        "--file",
        "--solver",
        "--revision",
        "-r",
        "--root-prefix",
    ]
)
_VALUED_APT = frozenset(["-t", "-o", "-c", "--target-release", "--option", "--config-file"])
_VALUED_CLONE = frozenset(["-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "-j", "--jobs", "--filter"])
_WRAPPERS = frozenset({"sudo", "exec", "time", "env", "command", "nice", "set"})
_MOST_WORDS = 20_000


class InstallCommands(msgspec.Struct):
    """What one `RUN` does."""

    installs: list[ContainerInstall]
    indexes: list[IndexOption]
    python_versions: list[PythonVersion]


def read_install_commands(command: str, location: Location, lines: Sequence[str]) -> InstallCommands:
    """Read the shell text of a `RUN`; `lines` are its lines in the file, to give each package its own place."""
    reader = _CommandReader(location, lines)
    for words in simple_commands(command):
        reader.read(words)
    return InstallCommands(reader.installs, reader.indexes, reader.python_versions)


def simple_commands(command: str) -> Iterator[list[str]]:
    """Words of each simple command of a shell text (or of an exec form); text that no shell reads is split at spaces."""
    if command.lstrip().startswith("["):
        try:
            words = msgspec.json.decode(command, type=list[str])
        except msgspec.DecodeError:
            pass
        else:
            if len(words) == 3 and words[1] in {"-c", "-lc", "-ec", "-exc"}:  # ["bash", "-c", "…"]
                yield from simple_commands(words[2])
            else:
                yield words
            return
    words = []
    for word in _shell_words(command):
        if word and set(word) <= set("();|&"):
            if words:
                yield words
            words = []
        else:
            words.append(word)
    if words:
        yield words


def _shell_words(command: str) -> list[str]:
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(itertools.islice(lexer, _MOST_WORDS))
    except ValueError:  # an open quote
        return command.split()


class _CommandReader:
    def __init__(self, location: Location, lines: Sequence[str]) -> None:
        self.location = location
        self.lines = lines
        self.installs: list[ContainerInstall] = []
        self.indexes: list[IndexOption] = []
        self.python_versions: list[PythonVersion] = []

    def read(self, words: list[str]) -> None:
        words = list(words)
        while words and (
            words[0] in _WRAPPERS or re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]) or words[0].startswith("-")
        ):
            words.pop(0)
        if not words:
            return
        program = words[0].rpartition("/")[2]
        if re.fullmatch(r"python[\d.]*", program) and words[1:2] == ["-m"]:
            words = words[2:]
            program = words[0] if words else ""
        rest = words[1:]
        if re.fullmatch(r"pip[\d.]*|pipx", program) and "install" in rest:
            self._pip("pip", rest[rest.index("install") + 1 :])
        elif program == "uv":
            self._uv(rest)
        elif program in {"conda", "mamba", "micromamba"}:
            self._conda(program, rest)
        elif program in {"poetry", "pdm", "pipenv", "pixi"} and rest[:1] and rest[0] in {"install", "sync"}:
            uses_lock = program != "pipenv" or rest[0] == "sync" or "--deploy" in rest
            self.installs.append(ContainerInstall(program, self._place(words[0]), uses_lock=uses_lock))
        else:
            self._other(program, rest, words[0])

    def _other(self, program: str, rest: list[str], word: str) -> None:
        """System packages and downloads."""
        packages: list[str] = []
        revision = ""
        if program in {"apt-get", "apt", "aptitude"} and "install" in rest:
            program = "apt"
            packages = _positional(rest[rest.index("install") + 1 :], _VALUED_APT)
        elif program == "apk" and "add" in rest:
            packages = _positional(rest[rest.index("add") + 1 :], frozenset({"-t", "--virtual", "--repository", "-X"}))
        elif program == "git" and "clone" in rest:
            packages = _positional(rest[rest.index("clone") + 1 :], _VALUED_CLONE)[:1]
            revision = next((after for word, after in itertools.pairwise(rest) if word in {"-b", "--branch"}), "")
            revision = revision or next((word[9:] for word in rest if word.startswith("--branch=")), "")
        elif program == "git":
            self._git(rest, word)
        elif program in {"curl", "wget"}:
            packages = [word for word in rest if "://" in word]
        elif re.fullmatch(r"(sha\d+|md5|b2)sum|shasum", program) and {"-c", "--check"} & set(rest):
            self.installs.append(ContainerInstall("checksum", self._place(word)))
        if packages:
            shown = tuple(without_credentials(package) for package in packages)
            place = self._place(packages[0] or word)
            self.installs.append(ContainerInstall(program, place, packages=shown, revision=revision))

    def _git(self, rest: list[str], word: str) -> None:
        """`git checkout REVISION` and its like, which follow a clone."""
        words = list(rest)
        while words[:1] and words[0] == "-C":
            words = words[2:]
        named = _positional(words[1:], frozenset({"--depth"}))
        if words[:1] in (["checkout"], ["switch"], ["reset"]) and named:
            self.installs.append(ContainerInstall("git checkout", self._place(named[0] or word), revision=named[0]))
        elif words[:1] == ["fetch"] and named[1:]:
            self.installs.append(ContainerInstall("git checkout", self._place(named[-1]), revision=named[-1]))

    def _uv(self, rest: list[str]) -> None:
        if rest[:2] == ["pip", "install"]:
            self._pip("uv", rest[2:])
        elif rest[:2] == ["pip", "sync"]:
            files = tuple(_positional(rest[2:], _VALUED_PIP))
            self.installs.append(ContainerInstall("uv", self._place("sync"), files=files, uses_lock=True))
        elif rest[:1] == ["sync"] or rest[:1] == ["run"]:
            self.installs.append(ContainerInstall("uv", self._place("uv"), uses_lock=True))
        elif rest[:2] == ["python", "install"] and len(rest) > 2:
            version = named_version(rest[-1])
            if version:
                self.python_versions.append(
                    PythonVersion(f"uv python install {rest[-1]}", version, "image", self._place(rest[-1]))
                )

    def _pip(self, program: str, rest: list[str]) -> None:
        requirements: list[Requirement] = []
        files: list[str] = []
        is_hashed = "--require-hashes" in rest
        words = iter(rest)
        for word in words:
            option, equals, value = word.partition("=")
            if option in _VALUED_PIP and option.startswith("-"):
                value = value if equals else next(words, "")
                if option in {"-r", "--requirement"}:
                    files.append(value)
                elif option in {"-e", "--editable"}:
                    self._requirement(value, requirements)
                elif option in {
                    "-i",
                    "--index-url",
                    "--extra-index-url",
                    "-f",
                    "--find-links",
                    "--index",
                    "--default-index",
                }:
                    self._index(value, option)
            elif word.startswith("-r") and len(word) > 2 and not word.startswith("--"):
                files.append(word[2:])
            elif not word.startswith("-") and not word.startswith((">", "<", "2>")):
                self._requirement(word, requirements)
        if requirements or files:
            place = requirements[0].location if requirements else self._place(files[0])
            self.installs.append(
                ContainerInstall(program, place, tuple(requirements), files=tuple(files), is_hashed=is_hashed)
            )

    def _requirement(self, written: str, requirements: list[Requirement]) -> None:
        entry = parse_requirement(written, self._place(written))
        if entry is not None:
            requirements.append(entry)

    def _index(self, address: str, option: str) -> None:
        is_public = is_public_index(address)
        self.indexes.append(
            IndexOption(
                host_of(address),
                self._place(address),
                is_public,
                has_credentials=has_credentials(address),
                is_extra=option not in {"-i", "--index-url", "--default-index"},
                public_url=address if is_public else "",
            )
        )

    def _conda(self, program: str, rest: list[str]) -> None:
        if rest[:1] == ["env"] or "-f" in rest or "--file" in rest or any(word.startswith("--file=") for word in rest):
            files = [rest[at + 1] for at, word in enumerate(rest[:-1]) if word in {"-f", "--file"}]
            files += [word.partition("=")[2] for word in rest if word.startswith("--file=")]
            if files:
                self.installs.append(ContainerInstall(program, self._place(files[0]), files=tuple(files)))
            return
        if not rest or rest[0] not in {"install", "create"}:
            return
        requirements: list[Requirement] = []
        for word in _positional(rest[1:], _VALUED_CONDA):
            entry = parse_match(word, self._place(word))
            if entry is None:
                continue
            if entry.name == "python":
                version = named_version(entry.specifier.lstrip("=").strip())
                self.python_versions.append(PythonVersion(word, version, "image", entry.location, is_range=not version))
            else:
                requirements.append(entry)
        if requirements:
            self.installs.append(ContainerInstall(program, requirements[0].location, tuple(requirements)))

    def _place(self, word: str) -> Location:
        for offset, line in enumerate(self.lines):
            column = line.find(word) if word else -1
            if column >= 0:
                number = self.location.line + offset
                return Location(self.location.path, number, column + 1, number, column + 1 + len(word))
        return self.location


def _positional(words: Sequence[str], valued: frozenset[str]) -> list[str]:
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in valued:
            next(rest, None)
        elif not word.startswith("-") and not word.startswith((">", "<", "2>")):
            found.append(word)
    return found
