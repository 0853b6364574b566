"""What the person chose for all projects, and where windows stood; kept by QSettings."""

from __future__ import annotations

import json
import os

import msgspec
from PySide6.QtCore import QByteArray, QSettings

from repro_gui.audit.report import Answer
from repro_gui.ui.theme.palettes import Theme

_MOST_RECENT = 12


class RecentProject(msgspec.Struct, frozen=True):
    """A project that was open before, with its last answers by question."""

    root: str
    answers: dict[str, Answer] = {}
    when: str = ""


class Preferences:
    """Reads and writes the settings file; `REPRO_GUI_SETTINGS` names another one (for tests and portable use)."""

    def __init__(self) -> None:
        own = os.environ.get("REPRO_GUI_SETTINGS", "")
        if own:
            self._file = QSettings(own, QSettings.Format.IniFormat)
        else:
            self._file = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "repro-gui", "windows")

    @property
    def theme(self) -> Theme:
        """The chosen theme; what cannot be read is the system's."""
        try:
            return Theme(self._text("theme"))
        except ValueError:
            return Theme.SYSTEM

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._file.setValue("theme", theme.value)

    @property
    def text_scale(self) -> float:
        """How much larger letters are than usual, 0.9 to 1.5."""
        try:
            return min(max(float(self._text("text-scale") or 1), 0.9), 1.5)
        except ValueError:
            return 1.0

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        self._file.setValue("text-scale", str(scale))

    @property
    def language(self) -> str:
        """Code of the language; empty follows the system."""
        return self._text("language")

    @language.setter
    def language(self, code: str) -> None:
        self._file.setValue("language", code)

    @property
    def editor(self) -> str:
        """The command that opens a place in the person's editor; empty: the first one found."""
        return self._text("editor")

    @editor.setter
    def editor(self, command: str) -> None:
        self._file.setValue("editor", command)

    @property
    def person(self) -> str:
        """The name that waivers and ticks bear."""
        return self._text("person")

    @person.setter
    def person(self, name: str) -> None:
        self._file.setValue("person", name)

    @property
    def side_by_side(self) -> bool:
        """Whether differences are shown side by side."""
        return self._text("side-by-side") == "yes"

    @side_by_side.setter
    def side_by_side(self, on: bool) -> None:
        self._file.setValue("side-by-side", "yes" if on else "no")

    @property
    def recent(self) -> tuple[RecentProject, ...]:
        """Projects opened before, the last one first."""
        try:
            return msgspec.json.decode(self._text("recent") or "[]", type=tuple[RecentProject, ...])
        except msgspec.DecodeError:
            return ()

    def remember_project(self, project: RecentProject) -> None:
        """Put a project in front of the recent ones."""
        others = [other for other in self.recent if other.root != project.root]
        self._write_recent((project, *others[: _MOST_RECENT - 1]))

    def forget_project(self, root: str) -> None:
        """Take a project out of the recent ones."""
        self._write_recent(tuple(other for other in self.recent if other.root != root))

    def place(self, name: str) -> QByteArray:
        """Where a window or splitter stood; empty when it was never moved."""
        kept = self._file.value(f"places/{name}")
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def remember_place(self, name: str, place: QByteArray) -> None:
        """Keep where a window or splitter stands."""
        self._file.setValue(f"places/{name}", place)

    def flush(self) -> None:
        """Write everything now."""
        self._file.sync()

    def _write_recent(self, projects: tuple[RecentProject, ...]) -> None:
        self._file.setValue("recent", json.dumps(msgspec.to_builtins(projects)))

    def _text(self, name: str) -> str:
        value = self._file.value(name, "")
        return value if isinstance(value, str) else ""
