"""The left side: the five questions, the search, and the tree of checks."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from repro_gui.audit.report import CheckResult, Pillar, Weight
from repro_gui.ui.checklist.checklist_delegate import ChecklistDelegate
from repro_gui.ui.checklist.checklist_filter import ChecklistFilterModel, ChecklistOrder
from repro_gui.ui.checklist.checklist_model import ChecklistModel, ChecklistRole
from repro_gui.ui.checklist.question_cards import QuestionCardsWidget
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _, counted
from repro_gui.ui.widgets.buttons import tool_button
from repro_gui.ui.widgets.labels import label
from repro_gui.ui.words import weight_word

# Below this height the cards make room for the list.
_LOW = 760


class ChecklistTreeView(QTreeView):
    """The tree; Ctrl+C copies the title of the chosen check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Plain")
        self.setHeaderHidden(True)
        self.setItemDelegate(ChecklistDelegate(self))
        self.setIndentation(16)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(_("Checklist"))

    def copy(self) -> None:
        """Put the title of the current row on the clipboard."""
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(str(self.currentIndex().data()))


class ChecklistPanelWidget(QFrame):
    """Cards, search and tree."""

    check_chosen = Signal(str)
    question_chosen = Signal(object)
    pillar_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Page")
        self.cards = QuestionCardsWidget()
        self.cards.chosen.connect(self.question_chosen)
        self.model = ChecklistModel(self)
        self.filter = ChecklistFilterModel(self)
        self.filter.setSourceModel(self.model)
        self.tree = ChecklistTreeView()
        self.tree.setModel(self.filter)
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.filter.rowsInserted.connect(lambda: self.tree.expandToDepth(0))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setToolTip(_("Search checks, findings, files (Ctrl+F)"))
        self.search.setAccessibleName(_("Search the checklist"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.textChanged.connect(self._on_search)
        self.count = label(role="small")
        self.only_open = QToolButton()
        self.only_open.setText(_("Only open"))
        self.only_open.setCheckable(True)
        self.only_open.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.only_open.setToolTip(_("Show only what is open (Ctrl+Shift+O)"))
        self.only_open.setShortcut("Ctrl+Shift+O")
        self.only_open.toggled.connect(self._on_only_open)
        self.show_menu = self._make_menu()
        self._lay_out()

    def show_session(self, session: ProjectSession) -> None:
        """Show what is known now; selection and scroll stay."""
        self.cards.show_answers(session.answers, is_so_far=session.is_so_far)
        self.model.show_results(session.results)
        self._tell_count()

    def choose_check(self, check_id: str) -> None:
        """Select a check; a search that hides it is cleared."""
        source = self.model.index_of(check_id)
        if not source.isValid():
            return
        if not self.filter.mapFromSource(source).isValid():
            self.search.clear()
            self.only_open.setChecked(False)
            self.filter.keep_weights(frozenset(Weight))
        self._select(self.filter.mapFromSource(source))

    def choose_pillar(self, pillar: Pillar) -> None:
        """Show a pillar at the top of the tree and select it."""
        here = self.filter.mapFromSource(self.model.index_of_pillar(pillar))
        self._select(here)
        self.tree.scrollTo(here, QAbstractItemView.ScrollHint.PositionAtTop)

    def clear_choice(self) -> None:
        """Select nothing."""
        self.tree.selectionModel().clear()

    def current_check(self) -> str:
        """The id of the chosen check; empty when none is."""
        result = self.tree.currentIndex().data(ChecklistRole.RESULT)
        return result.check_id if isinstance(result, CheckResult) else ""

    def _select(self, index: QModelIndex) -> None:
        flag = QItemSelectionModel.SelectionFlag
        self.tree.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)

    def _on_current(self, current: QModelIndex) -> None:
        result = current.data(ChecklistRole.RESULT)
        if isinstance(result, CheckResult):
            self.check_chosen.emit(result.check_id)
        elif current.isValid():
            self.pillar_chosen.emit(current.data(ChecklistRole.PILLAR))

    def _on_search(self, words: str) -> None:
        self.filter.search(words)
        self.tree.expandToDepth(0)
        self._tell_count()

    def _on_only_open(self, only_open: bool) -> None:
        self.filter.keep_only_open(only_open)
        self.tree.expandToDepth(0)
        self._tell_count()

    def _tell_count(self) -> None:
        pillars = [self.model.index(row, 0) for row in range(self.model.rowCount())]
        total = sum(pillar.data(ChecklistRole.CHECK_COUNT) for pillar in pillars)
        open_count = sum(pillar.data(ChecklistRole.OPEN_COUNT) for pillar in pillars)
        listed = len(self.filter.shown_checks())
        words = _("{open} open of {checks}").format(
            open=open_count, checks=counted("{count} check", "{count} checks", total)
        )
        self.count.setText(words if listed == total else _("{listed} shown · {rest}").format(listed=listed, rest=words))

    def _make_menu(self) -> QToolButton:
        made = tool_button(_("Order and weights"), "sort")
        menu = QMenu(made)
        menu.addSection(_("Order"))
        orders = QActionGroup(menu)
        for order, words in {
            ChecklistOrder.IMPORTANCE: _("Most important first"),
            ChecklistOrder.EFFORT: _("Quickest to mend first"),
            ChecklistOrder.NAME: _("By name"),
        }.items():
            action = QAction(words, menu, checkable=True, checked=order is ChecklistOrder.IMPORTANCE)
            action.triggered.connect(lambda _checked=False, which=order: self.filter.sort_by(which))
            orders.addAction(action)
            menu.addAction(action)
        menu.addSection(_("Weights"))
        self._weight_actions: dict[Weight, QAction] = {}
        for weight in Weight:
            action = QAction(weight_word(weight), menu, checkable=True, checked=True)
            action.toggled.connect(self._on_weights)
            menu.addAction(action)
            self._weight_actions[weight] = action
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made

    def _on_weights(self) -> None:
        chosen = frozenset(weight for weight, action in self._weight_actions.items() if action.isChecked())
        self.filter.keep_weights(chosen)
        self.tree.expandToDepth(0)
        self._tell_count()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(12, 12, 8, 4)
        tools.setSpacing(4)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.only_open)
        tools.addWidget(self.show_menu)
        below = QHBoxLayout()
        below.setContentsMargins(14, 0, 12, 4)
        below.addWidget(self.count)
        frame = QFrame()
        frame.setObjectName("Card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 8)
        inside.setSpacing(0)
        inside.addLayout(tools)
        inside.addLayout(below)
        tree_row = QHBoxLayout()
        tree_row.setContentsMargins(8, 0, 4, 0)
        tree_row.addWidget(self.tree)
        inside.addLayout(tree_row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.cards)
        column.addWidget(frame, 1)
        self.setMinimumWidth(360)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.cards.make_compact(self.height() < _LOW)

    def sizeHint(self) -> QSize:
        return QSize(440, 700)
