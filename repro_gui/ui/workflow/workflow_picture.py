"""The picture of the workflow, drawn live: nodes are buttons, so that keyboard and screen reader reach them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPagedPaintDevice,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from repro_gui.audit.report import Answer, Question
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import draw_icon
from repro_gui.ui.translate import _, counted
from repro_gui.ui.words import ANSWER_ICONS, answer_word
from repro_gui.ui.workflow.picture import EDGES, HEIGHT, WIDTH, NodePlace, NodeState, node_places, node_states

_SMALLEST, _LARGEST = 0.6, 2.5


def node_title(name: str) -> str:
    """What a node is called."""
    return {
        Question.CODE.value: _("Code"),
        Question.DATA.value: _("Data"),
        Question.ENVIRONMENT.value: _("Environment"),
        Question.SEEDS.value: _("Randomness"),
        Question.TRACKING.value: _("Tracking"),
        "artifact": _("Reproducible artifact"),
    }[name]


_ICONS = {Question.SEEDS.value: "randomness", "artifact": "artifact"}


class NodeButton(QAbstractButton):
    """One node of the picture."""

    def __init__(self, place: NodePlace, parent: WorkflowPictureWidget) -> None:
        super().__init__(parent)
        self.place = place
        self.state = NodeState()
        self._picture = parent
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_state(self, state: NodeState) -> None:
        """Show what is known of it."""
        self.state = state
        self.setAccessibleName(f"{node_title(self.place.name)}: {self._state_words()}")
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._picture.zoom, self._picture.zoom)
        colours = appearance().colours
        role = "unknown" if self.state.answer is None else ANSWER_ICONS[self.state.answer]
        place = self.place
        frame = QRectF(1, 1, place.width - 2, place.height - 2)
        ground = colours.hover if self.underMouse() else colours.surface
        edge = colours.focus if self.hasFocus() else colours.line
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(frame, 10, 10)
        self._paint_stripe(painter, frame, getattr(colours, role))
        if place.name == "artifact":
            self._paint_artifact(painter, role)
        else:
            self._paint_pillar(painter, role)

    def _paint_stripe(self, painter: QPainter, frame: QRectF, colour: str) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(frame, 10, 10)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(QRectF(frame.left(), frame.top(), 5, frame.height()), QColor(colour))
        painter.restore()

    def _paint_pillar(self, painter: QPainter, role: str) -> None:
        colours = appearance().colours
        name = self.place.name
        draw_icon(painter, QRect(20, 15, 22, 22), _ICONS.get(name, name), colours.text)
        painter.setFont(text_font(16, QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        painter.drawText(QRect(52, 12, 170, 28), int(Qt.AlignmentFlag.AlignVCenter), node_title(name))
        draw_icon(
            painter, QRect(21, 48, 20, 20), "waiting" if self.state.answer is None else role, getattr(colours, role)
        )
        self._paint_words(painter, QRect(52, 44, 172, 28), role)

    def _paint_artifact(self, painter: QPainter, role: str) -> None:
        colours = appearance().colours
        draw_icon(painter, QRect(22, 20, 30, 30), "artifact", getattr(colours, role))
        painter.setFont(text_font(17, QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        title = QRect(64, 16, 176, 38)
        words = node_title("artifact")
        while QFontMetrics(painter.font()).horizontalAdvance(words) > title.width() and painter.font().pixelSize() > 11:
            painter.setFont(text_font(painter.font().pixelSize() - 1, QFont.Weight.DemiBold))
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.setFont(text_font(15))
        painter.setPen(QColor(colours.muted))
        sentence = {
            None: _("Not known yet."),
            Answer.YES: _("Everything it is made of can be had again."),
            Answer.PARTLY: _("Most of it can be had again, not all."),
            Answer.NO: _("Something it is made of cannot be had again."),
            Answer.CANNOT_TELL: _("Whether it can be had again cannot be told."),
        }[self.state.answer]
        painter.drawText(QRect(22, 60, 216, 64), int(Qt.TextFlag.TextWordWrap), sentence)

    def _paint_words(self, painter: QPainter, place: QRect, role: str) -> None:
        colours = appearance().colours
        word = _("Reading…") if self.state.answer is None else answer_word(self.state.answer)
        painter.setFont(text_font(15, QFont.Weight.DemiBold))
        painter.setPen(QColor(getattr(colours, role)))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), word)
        used = QFontMetrics(painter.font()).horizontalAdvance(word) + 10
        if self.state.check_count:
            painter.setFont(text_font(14))
            painter.setPen(QColor(colours.muted))
            painter.drawText(
                place.adjusted(used, 0, 0, 0),
                int(Qt.AlignmentFlag.AlignVCenter),
                counted("{count} open", "{count} open", self.state.open_count),
            )

    def _state_words(self) -> str:
        if self.state.answer is None:
            return _("not known yet")
        words = answer_word(self.state.answer)
        if self.place.name == "artifact":
            return words
        return f"{words}, {counted('{count} open', '{count} open', self.state.open_count)}"


class WorkflowPictureWidget(QWidget):
    """Nodes and the flow between them; keeps its proportions, zooms, and makes itself a picture."""

    node_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zoom = 1.0
        self._wanted_zoom = 0.0
        self.nodes = {place.name: NodeButton(place, self) for place in node_places()}
        for name, node in self.nodes.items():
            node.clicked.connect(lambda _checked=False, which=name: self.node_chosen.emit(which))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Workflow"))
        appearance().changed.connect(self.update)
        self.show_states(node_states({}, ()))
        self._place_nodes()

    def show_session(self, session: ProjectSession) -> None:
        """Show what is known now."""
        self.show_states(node_states(session.answers, session.results.values()))

    def show_states(self, states: dict[str, NodeState]) -> None:
        """Show these states."""
        for name, node in self.nodes.items():
            if node.state != states[name] or not node.accessibleName():
                node.show_state(states[name])
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """Draw larger or smaller; 0 fits the width."""
        self._wanted_zoom = min(max(zoom, _SMALLEST), _LARGEST) if zoom else 0.0
        self._place_nodes()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        zoom = self._wanted_zoom or self.zoom
        return QSize(round(WIDTH * zoom), round(HEIGHT * zoom) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(WIDTH * (self._wanted_zoom or _SMALLEST)), round(HEIGHT * self.zoom) + 2)

    def picture(self, scale: float = 2.0) -> QImage:
        """The whole as a picture, at twice the size for print and slides."""
        image = QImage(self.size() * scale, QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(appearance().colours.window))
        # Without its background, which is the screen's: on paper the image's own shows.
        self.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        return image

    def print_on(self, printer: QPagedPaintDevice) -> None:
        """Draw it on a page, as large as the page allows, in the colours for paper."""
        with appearance().on_paper():
            image = self.picture(4.0)
        painter = QPainter(printer)
        page = painter.viewport()
        size = image.size().scaled(page.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRect(page.topLeft(), size), image)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_nodes()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self._left(), 0)
        painter.scale(self.zoom, self.zoom)
        colours = appearance().colours
        places = {place.name: place for place in node_places()}
        for edge in EDGES:
            state = self.nodes[edge.start].state
            role = "unknown" if state.answer is None else ANSWER_ICONS[state.answer]
            pen = QPen(QColor(getattr(colours, role)), 2.5)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            if state.answer is not Answer.YES:
                pen.setDashPattern([2.2, 2.6])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_curve(places[edge.start], places[edge.end], edge.start))
        self._paint_head(painter, places["artifact"])

    def _paint_head(self, painter: QPainter, artifact: NodePlace) -> None:
        state = self.nodes["artifact"].state
        role = "unknown" if state.answer is None else ANSWER_ICONS[state.answer]
        tip = QPointF(artifact.left - 4, artifact.top + artifact.height / 2)
        head = QPainterPath(tip)
        head.lineTo(tip.x() - 13, tip.y() - 8)
        head.lineTo(tip.x() - 13, tip.y() + 8)
        head.closeSubpath()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(appearance().colours, role)))
        painter.drawPath(head)

    def _fitting(self, width: int) -> float:
        return min(max(width / WIDTH, _SMALLEST), 1.15)

    def _left(self) -> int:
        return max(0, round((self.width() - WIDTH * self.zoom) / 2))

    def _place_nodes(self) -> None:
        self.zoom = self._wanted_zoom or self._fitting(self.width())
        left = self._left()
        for node in self.nodes.values():
            place = node.place
            node.setGeometry(
                left + round(place.left * self.zoom),
                round(place.top * self.zoom),
                round(place.width * self.zoom),
                round(place.height * self.zoom),
            )
        # Its own height for the width that it was given: layouts inside scroll areas do not ask for one.
        self.setFixedHeight(round(HEIGHT * self.zoom) + 2)
        self.update()


def _curve(start: NodePlace, end: NodePlace, name: str) -> QPainterPath:
    target = QPointF(end.left - 17, end.top + end.height / 2)
    if name == Question.TRACKING.value:
        begin = QPointF(start.left + start.width / 2, start.top)
        path = QPainterPath(begin)
        join = QPointF(begin.x() + 120, target.y())
        path.cubicTo(QPointF(begin.x(), target.y() + 40), QPointF(begin.x() + 20, target.y()), join)
        path.lineTo(target)
        return path
    begin = QPointF(start.left + start.width, start.top + start.height / 2)
    join = QPointF(begin.x() + 250, target.y())
    path = QPainterPath(begin)
    path.cubicTo(QPointF(begin.x() + 130, begin.y()), QPointF(join.x() - 130, join.y()), join)
    path.lineTo(target)
    return path
