"""Places in a project's files, and all line arithmetic."""

from __future__ import annotations

import bisect

import msgspec


class Location(msgspec.Struct, frozen=True, order=True):
    r"""A place in a file of the project.

    `path` is POSIX and relative to the project's folder, undecodable bytes are written `\xNN`. `line` and `column`
    count from 1, 0 means "the whole file";
    columns count characters; `end_line`/`end_column` are exclusive, 0 where unknown. `cell` counts all
    cells of a notebook from 0 and the line then counts within that cell; -1 outside notebooks.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    cell: int = -1

    def __str__(self) -> str:
        place = self.path
        if self.cell >= 0:
            place += f" [cell {self.cell + 1}]"
        if self.line:
            place += f":{self.line}"
        return place


class LineIndex:
    """Where the lines of one text start, to go between offsets and lines; offsets count characters from 0."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._starts = [0]
        position = content.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = content.find("\n", position + 1)

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and column, both from 1; past the end is the end."""
        if line > len(self._starts):
            return len(self._content)
        return min(self._starts[line - 1] + column - 1, len(self._content))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end; empty past the end."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self._content)
        return self._content[self._starts[number - 1] : end].rstrip("\r\n")

    def __len__(self) -> int:
        return len(self._starts)
