"""What one sees first: open a project, go on with an earlier one, or try the example."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from repro_gui.audit.report import Question
from repro_gui.ui.preferences import RecentProject
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import application_icon, draw_icon
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import label
from repro_gui.ui.words import ANSWER_ICONS, answer_word, question_word


class RecentProjectButton(QAbstractButton):
    """An earlier project with its last five answers as icons."""

    def __init__(self, project: RecentProject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        words = [
            f"{question_word(question)} {answer_word(answer)}."
            for question in Question
            if (answer := project.answers.get(question)) is not None
        ]
        self.setAccessibleName(" ".join([Path(project.root).name, project.root, *words]))
        self.setToolTip("\n".join([project.root, *words]))

    def sizeHint(self) -> QSize:
        return QSize(480, appearance().pixels(60))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        colours = look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setBrush(QColor(colours.hover if self.underMouse() else colours.surface))
        painter.setPen(QPen(QColor(colours.focus if self.hasFocus() else colours.line), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(frame, 10, 10)
        side = look.pixels(20)
        right = self.width() - 16
        for question in reversed(Question):
            answer = self.project.answers.get(question)
            role = "unknown" if answer is None else ANSWER_ICONS[answer]
            right -= side + 4
            place = QRect(right, (self.height() - side) // 2, side, side)
            draw_icon(painter, place, "waiting" if answer is None else role, getattr(colours, role))
        half = self.height() // 2
        left, width = 16, right - 28
        bottom, top = Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignTop
        painter.setFont(text_font(look.pixels(15), QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        name = QFontMetrics(painter.font()).elidedText(Path(self.project.root).name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, 0, width, half + 1), int(bottom), name)
        painter.setFont(text_font(look.pixels(13)))
        painter.setPen(QColor(colours.muted))
        path = QFontMetrics(painter.font()).elidedText(self.project.root, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(QRect(left, half + 2, width, half), int(top), path)


class WelcomeWidget(QScrollArea):
    """The first page of a window."""

    open_asked = Signal()
    example_asked = Signal()
    project_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open = button(_("Open a project…"), self.open_asked.emit, "primary", "open")
        self.open.setToolTip(_("Choose a folder (Ctrl+O)"))
        self.example = button(_("Try the example"), self.example_asked.emit, icon_name="example")
        self.recent_title = label(_("Recent projects"), "heading")
        self.recent = QVBoxLayout()
        self.recent.setSpacing(8)
        self._lay_out()

    def show_recent(self, projects: tuple[RecentProject, ...]) -> None:
        """Show earlier projects."""
        while (item := self.recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.recent_title.setVisible(bool(projects))
        before: QWidget = self.example
        for project in projects[:6]:
            made = RecentProjectButton(project)
            made.clicked.connect(lambda _checked=False, root=project.root: self.project_chosen.emit(root))
            self.recent.addWidget(made)
            # Made later than the rest of the window, reached right after the buttons above all the same.
            self.setTabOrder(before, made)
            before = made

    def _lay_out(self) -> None:
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(72, 72))
        picture.setAccessibleName(_("Repro GUI"))
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.open)
        buttons.addWidget(self.example)
        buttons.addStretch(1)
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(picture)
        middle.addSpacing(8)
        middle.addWidget(label(_("Can your results be had again?"), "display", wraps=True))
        middle.addWidget(
            label(
                _(
                    "Open a machine-learning project: within moments you see what stands in the way, with the lines, "
                    "and can mend it with a preview and an undo. Reading runs nothing of the project and sends nothing."
                ),
                "muted",
                wraps=True,
            )
        )
        middle.addSpacing(16)
        middle.addLayout(buttons)
        middle.addWidget(label(_("Or drop a folder here."), "small"))
        middle.addSpacing(24)
        middle.addWidget(self.recent_title)
        middle.addLayout(self.recent)
        narrow = QWidget()
        narrow.setMaximumWidth(640)
        narrow.setLayout(middle)
        content = QWidget()
        content.setObjectName("ScrollContent")
        row = QHBoxLayout(content)
        row.addStretch(1)
        row.addWidget(narrow, 4)
        row.addStretch(1)
        row.setContentsMargins(32, 48, 32, 48)
        narrow.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        row.setAlignment(narrow, Qt.AlignmentFlag.AlignVCenter)
        self.setWidget(content)
