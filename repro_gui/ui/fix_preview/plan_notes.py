"""Beside the difference: one command as a whole, and why findings are not mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from repro_gui.ui.details.code_colours import harmless
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import code_font
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.labels import RichLabel, label

if TYPE_CHECKING:
    from repro_gui.worker.messages import PlannedCommand, RefusedFinding

_MOST_TOUCHED = 200


class CommandWidget(QFrame):
    """What runs, word for word, whether it can be undone, and which paths it touches."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("CodeFrame")
        self.words = _reader(_("Command"))
        self.words.setMaximumHeight(120)
        self.undo = RichLabel(role="small")
        self.touched_title = label(_("Files that it touches"), "small")
        self.touched = _reader(_("Files that it touches"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for part in (self.words, self.undo, self.touched_title):
            column.addWidget(part)
        column.addWidget(self.touched, 1)

    def show_command(self, command: PlannedCommand) -> None:
        """Show another one."""
        font = code_font(appearance().pixels(13))
        for reader in (self.words, self.touched):
            reader.setFont(font)
        self.words.setPlainText(harmless(command.shown))
        sentences = [_("It can be undone.") if command.can_be_undone else _("It cannot be undone.")]
        if command.needs_trust:
            sentences.append(_("It runs hooks or filters of the project."))
        self.undo.show_words(" ".join(sentences))
        paths = [harmless(path) for path in command.touches[:_MOST_TOUCHED]]
        more = len(command.touches) - len(paths)
        if more > 0:
            paths.append(counted("and {count} more", "and {count} more", more))
        self.touched.setPlainText("\n".join(paths))
        for part in (self.touched, self.touched_title):
            part.setVisible(bool(paths))


class ReasonsWidget(QFrame):
    """Each reason once, with how many findings it stands for, and the way on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("CodeFrame")
        self.words = _reader(_("What is not mended by this"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.words)

    def show_reasons(self, refused: tuple[RefusedFinding, ...]) -> None:
        """Show others."""
        counts: dict[tuple[str, str], int] = {}
        for one in refused:
            reason = (harmless(shown(one.what)), harmless(shown(one.mend)))
            counts[reason] = counts.get(reason, 0) + 1
        parts = []
        for (what, mend), count in counts.items():
            times = "  " + counted("({count} finding)", "({count} findings)", count) if count > 1 else ""
            parts.append(f"{what}{times}\n{mend}")
        self.words.setPlainText("\n\n".join(parts))


def _reader(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setTabChangesFocus(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setAccessibleName(name)
    return made
