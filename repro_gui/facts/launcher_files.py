"""The kinds of files that hold commands, each read for the commands in it."""

from __future__ import annotations

import itertools
import posixpath
import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.command_lines import Started, read_command
from repro_gui.facts.dockerfile import read_instructions
from repro_gui.facts.install_commands import simple_commands
from repro_gui.facts.launchers import LaunchCommand, PipelineStage
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_COMMANDS = 2_000
_LONGEST_LINE = 10_000
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "("})
_NO_COMMANDS = frozenset(
    {
        "for",
        "done",
        "fi",
        "case",
        "esac",
        "function",
        "}",
        ")",
        "[",
        "[[",
        "true",
        "false",
        ":",
        "set",
        "export",
        "echo",
    }
)


def _commands(
    path: str, kind: str, lines: Iterable[tuple[int, str, str]], *, only_known: bool = False
) -> list[LaunchCommand]:
    """The simple commands of shell lines (number, name, text); `cd` in one line holds for those after it."""
    found: list[LaunchCommand] = []
    folder, name_before = "", ""
    for number, name, line in lines:
        if name != name_before:
            folder, name_before = "", name
        for words in _words(line):
            if (
                words[0] == "cd"
                and len(words) == 2
                and "$" not in words[1]
                and not words[1].startswith(("/", "~", "-"))
            ):
                folder = posixpath.normpath(posixpath.join(folder, words[1]))
                folder = "" if folder == "." else folder
                continue
            started = read_command(words)
            if only_known and not started.runner:
                continue
            found.append(_launch(path, number, kind, words, started, name, folder))
            if len(found) >= _MOST_COMMANDS:
                return found
    return found


def _words(line: str) -> Iterator[list[str]]:
    if len(line) > _LONGEST_LINE:
        return
    try:
        for words in simple_commands(line):
            first = 0
            while first < len(words) and words[first] in _KEYWORDS:
                first += 1
            command = _without_redirections(words[first:])
            if command and command[0] not in _NO_COMMANDS:
                yield command
    except ValueError:
        return


def _without_redirections(words: list[str]) -> list[str]:
    for at, word in enumerate(words):
        if set(word) & {"<", ">"} and set(word) <= {"<", ">", "&", "|"}:
            end = at - 1 if at and words[at - 1].isdigit() else at
            return words[:end]
    return words


def _launch(
    path: str, line: int, kind: str, words: list[str], started: Started, name: str, folder: str
) -> LaunchCommand:
    script = started.script
    if script and folder and not script.startswith("/"):
        script = posixpath.normpath(posixpath.join(folder, script))
    return LaunchCommand(
        path, line, kind, tuple(words), script, started.module, "", started.arguments, started.runner, name
    )


def _joined(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    r"""Lines with those joined that end in `\`; the number is the first one's."""
    first, text_so_far = 0, ""
    for number, line in lines:
        if not text_so_far:
            first = number
        stripped = line.rstrip()
        if stripped.endswith("\\") and not stripped.endswith("\\\\"):
            text_so_far += stripped[:-1] + " "
            continue
        yield first, text_so_far + stripped
        text_so_far = ""
    if text_so_far:
        yield first, text_so_far


# ---- guides

_FENCE = re.compile(r"\s*(?:[-*>]\s+)?(`{3,}|~{3,})\s*\{?\.?([\w+-]*)")
# "```python train.py```": people close a fence on its own line; what looks like its language is the command's name.
_ON_ONE_LINE = re.compile(r"\s*(?:[-*>]\s+)?`{3,}\s*([^`\n]{6,400}?)\s*`{3,}\s*$")
_SHELL_LANGUAGES = frozenset(
    {
        "",
        "bash",
        "sh",
        "shell",
        "console",
        "zsh",
        "shell-session",
        "shellsession",
        "terminal",
        "cmd",
        "commandline",
        "text",
        "none",
    }
)
# A lone `#` is a comment, behind a name it is root's prompt.
_PROMPT = re.compile(r"^\s*(?:\([\w.-]+\)\s*)?(?:\w[\w@:~/.-]*#|(?:\w[\w@:~/.-]*)?[$>%\u276f])\s+(?=\S)")
_INLINE = re.compile(r"(?<!`)`{1,2}([^`\n]{6,400})`{1,2}(?!`)")


def read_guide(path: str, content: str) -> list[LaunchCommand]:
    """Commands shown in a README: fenced and indented blocks and inline code, as far as they start something known."""
    block: list[tuple[int, str]] = []
    found: list[tuple[int, str, str]] = []
    fence = ""
    is_shell = False
    section = itertools.count()
    name = ""

    def flush() -> None:
        found.extend((number, name, line) for number, line in _joined(block))
        block.clear()

    for number, line in enumerate(content.split("\n"), 1):
        on_one_line = _ON_ONE_LINE.match(line) if not fence else None
        opening = _FENCE.match(line) if on_one_line is None else None
        if on_one_line is not None:
            flush()
            found.append((number, "", on_one_line[1].strip()))
        elif opening is not None and (not fence or opening[1].startswith(fence)):
            flush()
            is_closing = bool(fence)
            fence = "" if is_closing else opening[1]
            is_shell = not is_closing and opening[2].lower() in _SHELL_LANGUAGES
            name = str(next(section))
        elif fence:
            if is_shell:
                block.append((number, _PROMPT.sub("", line, count=1)))
        elif line.startswith(("    ", "\t")) and line.strip():
            block.append((number, _PROMPT.sub("", line.strip(), count=1)))
        else:
            flush()
            found.extend((number, "", match[1].strip()) for match in _INLINE.finditer(line))
    flush()
    commands = _commands(path, "readme", found, only_known=True)
    return [msgspec.structs.replace(command, name="") for command in commands]


# ---- makefiles and shell

_MAKE_VARIABLE = re.compile(r"([A-Za-z_][\w.]*)\s*[:?+]?:?=\s*(.*)")
_MAKE_TARGET = re.compile(r"([^\s:#=][^:#=]*?)\s*::?(?!=)\s*([^=]*)$")
_MAKE_USE = re.compile(r"\$[({]([A-Za-z_][\w.]*)[)}]")


def read_makefile(path: str, content: str) -> list[LaunchCommand]:
    """Commands of the recipes, variables of the file put in; the name is the target."""
    variables: dict[str, str] = {}
    found: list[tuple[int, str, str]] = []
    target = ""
    for number, line in _joined(enumerate(content.split("\n"), 1)):
        if line.startswith("\t"):
            recipe = _substituted(line.strip().lstrip("@-+"), variables)
            if recipe and target and not recipe.startswith("#"):
                found.append((number, target, recipe.replace("$$", "$")))
        elif (assigned := _MAKE_VARIABLE.match(line)) is not None:
            variables[assigned[1]] = _substituted(assigned[2].split(" #", 1)[0].strip(), variables)
        elif (rule := _MAKE_TARGET.match(line)) is not None:
            target = rule[1].split()[0]
    # A recipe's lines each run in a shell of their own.
    return [one for item in found for one in _commands(path, "makefile", [item])]


def _substituted(written: str, variables: dict[str, str]) -> str:
    for _ in range(4):
        replaced = _MAKE_USE.sub(lambda match: variables.get(match[1], f"${match[1]}"), written)
        if replaced == written or len(replaced) > _LONGEST_LINE:
            break
        written = replaced
    return written


_SHELL_VARIABLE = re.compile(
    r"\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=(\"[^\"$`]*\"|'[^']*'|[^\s\"'$`;&|]*)\s*(?:#.*)?"
)
_SHELL_USE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_SHELL_DEFAULT = re.compile(r"\$\{\w+:?-([^}$]*)\}")
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")


def read_shell(path: str, content: str) -> list[LaunchCommand]:
    """Commands of a shell script, constants of the script put in; here documents are left out."""
    return _commands(path, "shell", _shell_lines(content))


def _shell_lines(content: str) -> Iterator[tuple[int, str, str]]:
    variables: dict[str, str] = {}
    marker = ""
    for number, line in _joined(enumerate(content.split("\n"), 1)):
        if marker:
            marker = "" if line.strip() == marker else marker
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        assigned = _SHELL_VARIABLE.fullmatch(line)
        if assigned is not None:
            variables[assigned[1]] = assigned[2].strip("\"'")
            continue
        opened = _HEREDOC.search(line)
        marker = opened[1] if opened is not None else ""
        yield number, "", _expanded(line, variables) if len(line) < _LONGEST_LINE else line


def _expanded(line: str, variables: dict[str, str]) -> str:
    line = _SHELL_DEFAULT.sub(lambda match: match[1], line)
    return _SHELL_USE.sub(lambda match: variables.get(match[1] or match[2], match[0]), line)


# ---- YAML


def read_mlproject(path: str, content: str) -> list[LaunchCommand] | Text:
    """Commands of the entry points of an `MLproject`."""
    root = _yaml(content)
    if isinstance(root, Text):
        return root
    found = []
    points = root.get("entry_points")
    for name, point in (points.pairs or ()) if points is not None else ():
        command = point.get("command")
        if command is not None and command.text:
            found += _commands(path, "mlproject", [(command.line, name.text or "", _one_line(command.text))])
    return found


def read_dvc_yaml(path: str, content: str) -> list[LaunchCommand] | Text:
    """Commands of the stages of a `dvc.yaml`."""
    root = _yaml(content)
    if isinstance(root, Text):
        return root
    found = []
    stages = root.get("stages")
    for name, stage in (stages.pairs or ()) if stages is not None else ():
        inner = stage.get("do") or stage
        folder = inner.get("wdir")
        for node in _scalars(inner.get("cmd")):
            lines = [(node.line, name.text or "", _one_line(node.text or ""))]
            if folder is not None and folder.text and "$" not in folder.text:
                lines.insert(0, (node.line, name.text or "", f"cd {folder.text}"))
            found += [
                msgspec.structs.replace(command, stage=_stage(inner)) for command in _commands(path, "dvc", lines)
            ]
    return found


def _stage(stage: YamlNode) -> PipelineStage:
    listed = stage.get("params")
    names: list[str] = []
    for item in listed.sequence() if listed is not None else ():
        for file, keys in item.pairs or ((item, None),):
            of_file = [key.text for key in _scalars(keys) if key.text] if keys is not None else []
            names += of_file or [file.text or ""]
    writes = any(stage.get(key) is not None for key in ("outs", "metrics", "plots"))
    return PipelineStage(writes, tuple(name for name in names if name), listed.line if names and listed else 0)


def read_ci(path: str, content: str) -> list[LaunchCommand] | Text:
    """Commands of the steps of a GitHub workflow or a GitLab pipeline."""
    root = _yaml(content)
    if isinstance(root, Text):
        return root
    found = []
    for node in root.walk():
        for key, value in node.pairs or ():
            if key.text in {"run", "script", "before_script", "bash"}:
                for scalar in _scalars(value):
                    lines = [
                        (scalar.line + offset, "", line)
                        for offset, (_, line) in enumerate(_numbered(scalar.text or ""))
                    ]
                    found += _commands(path, "ci", lines, only_known=True)
    return found[:_MOST_COMMANDS]


def _numbered(content: str) -> Iterator[tuple[int, str]]:
    return _joined(enumerate(content.split("\n"), 1))


def _yaml(content: str) -> YamlNode | Text:
    root = read_yaml(content)
    if isinstance(root, Text):
        return text("It cannot be read: {reason}.", reason=str(root))
    if root is None or root.pairs is None:
        return text("It holds no mapping.")
    return root


def _scalars(node: YamlNode | None) -> list[YamlNode]:
    if node is None:
        return []
    return [node] if node.text is not None else [one for one in node.sequence() if one.text is not None]


def _one_line(command: str) -> str:
    return " ".join(part for _, part in _joined(enumerate(command.strip().split("\n"), 1)))


# ---- console scripts and images

_ENTRY = re.compile(r"^\s*([\w.-]+)\s*=\s*([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\s*(?:\[.*\])?\s*$")
_QUOTED_ENTRY = re.compile(
    r"['\"]\s*([\w.-]+)\s*=\s*([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\s*(?:\[[^\]]*\])?\s*['\"]"
)


def read_console_scripts(path: str, content: str) -> list[LaunchCommand] | Text:
    """Console scripts that installing the project makes."""
    name = posixpath.basename(path)
    if name == "pyproject.toml":
        return _scripts_of_pyproject(path, content)
    found = []
    is_wanted = name == "setup.py"
    for number, line in enumerate(content.split("\n"), 1):
        if name == "setup.py":
            matches = _QUOTED_ENTRY.finditer(line)
            found += [_script(path, number, match[1], match[2], match[3]) for match in matches]
        elif line.strip() in {"console_scripts =", "console_scripts=", "gui_scripts ="}:
            is_wanted = True
        elif line and not line[0].isspace():
            is_wanted = False
        elif is_wanted and (match := _ENTRY.match(line)) is not None:
            found.append(_script(path, number, match[1], match[2], match[3]))
    return found


def _scripts_of_pyproject(path: str, content: str) -> list[LaunchCommand] | Text:
    try:
        loaded: dict[str, Any] = tomllib.loads(content)
    except (ValueError, RecursionError) as error:
        return text("It is not valid TOML ({problem}).", problem=str(error))
    tables = [
        _table(loaded, "project", "scripts"),
        _table(loaded, "project", "gui-scripts"),
        _table(loaded, "tool", "poetry", "scripts"),
        _table(loaded, "project", "entry-points", "console_scripts"),
    ]
    found = []
    lines = content.split("\n")
    for table in tables:
        for name, written in table.items():
            match = _ENTRY.match(f"{name} = {written}") if isinstance(written, str) else None
            if match is not None:
                number = next((i for i, line in enumerate(lines, 1) if name in line and match[2] in line), 0)
                found.append(_script(path, number, name, match[2], match[3]))
    return found


def _table(loaded: dict[str, Any], *keys: str) -> dict[str, Any]:
    table: Any = loaded
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _script(path: str, line: int, name: str, module: str, function: str) -> LaunchCommand:
    return LaunchCommand(path, line, "console-script", (name,), "", module, function, (), "python", name)


def read_dockerfile(path: str, content: str) -> list[LaunchCommand]:
    """What starts in the container: the last `ENTRYPOINT` with the last `CMD`, and commands of `RUN` that run the program."""
    entry: tuple[int, str] | None = None
    command: tuple[int, str] | None = None
    found: list[LaunchCommand] = []
    for instruction in read_instructions(content):
        if instruction.keyword == "FROM":
            entry = command = None
        elif instruction.keyword == "ENTRYPOINT":
            entry, command = (instruction.line, instruction.arguments), None
        elif instruction.keyword == "CMD":
            command = (instruction.line, instruction.arguments)
        elif instruction.keyword == "RUN":
            lines = [(instruction.line, "", instruction.arguments)]
            found += [one for one in _commands(path, "docker", lines) if one.script]
    words = [word for part in (entry, command) if part is not None for word in _exec_words(part[1])]
    if words:
        line = entry[0] if entry is not None else command[0] if command is not None else 0
        found.append(_launch(path, line, "docker", words, read_command(words), "", ""))
    return found


def _exec_words(arguments: str) -> list[str]:
    return next(_words(arguments), [])


READERS: dict[str, Callable[[str, str], list[LaunchCommand] | Text]] = {
    "readme": read_guide,
    "makefile": read_makefile,
    "shell": read_shell,
    "mlproject": read_mlproject,
    "dvc": read_dvc_yaml,
    "ci": read_ci,
    "console-script": read_console_scripts,
    "docker": read_dockerfile,
}
