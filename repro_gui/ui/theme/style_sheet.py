"""The one style sheet, on a grid of 4 and 8 pixels; colours come in by role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.resource_files import resource_path

if TYPE_CHECKING:
    from repro_gui.ui.theme.palettes import Colours

_SHEET = """
* { outline: 0; }
QWidget { color: @text; }
QMainWindow, QDialog, QWidget#Page { background: @window; }
QToolTip { background: @raised; color: @text; border: 1px solid @strong_line; padding: 4px 8px; }

QMenuBar { background: @surface; border-bottom: 0; padding: 2px 8px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @strong_line; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QToolBar { background: @surface; border: 0; border-bottom: 1px solid @line; padding: 6px 12px; spacing: 4px; }
QToolBar::separator { width: 1px; background: @line; margin: 6px 8px; }
QToolButton { padding: 6px 10px; border: 1px solid transparent; border-radius: 6px; background: transparent; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selection; }
QToolButton:disabled { color: @strong_line; }
QToolButton:focus { border: 1px solid @focus; }
QToolButton::menu-indicator { image: none; }

QPushButton {
    background: @surface; border: 1px solid @strong_line; border-radius: 6px; padding: 6px 14px; min-height: @px20;
}
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:disabled { color: @strong_line; border-color: @line; }
QPushButton:focus { border: 2px solid @focus; padding: 5px 13px; }
QPushButton[kind="primary"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accent_hover; }
QPushButton[kind="primary"]:disabled { background: @line; border-color: @line; color: @muted; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; }
QPushButton[kind="link"] {
    background: transparent; border: 1px solid transparent; color: @accent; padding: 4px 6px; text-align: left;
}
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid @focus; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; padding: 6px 10px; }
QPushButton[kind="quiet"]:hover { background: @hover; }
QPushButton[kind="quiet"]:focus { border: 1px solid @focus; }
QPushButton[kind="step"] {
    background: transparent; border: 1px solid transparent; padding: 6px 16px 6px 12px; text-align: left; color: @muted;
}
QPushButton[kind="step"]:hover { background: @hover; color: @text; }
QPushButton[kind="step"]:checked { background: @selection; color: @text; font-weight: 600; }
QPushButton[kind="step"]:focus { border: 1px solid @focus; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox, QDateEdit {
    background: @surface; border: 1px solid @strong_line; border-radius: 6px; padding: 5px 8px;
    selection-background-color: @selection; selection-color: @text;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus, QDateEdit:focus {
    border: 2px solid @focus; padding: 4px 7px;
}
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: @strong_line; border-color: @line; }
QComboBox::drop-down, QDateEdit::drop-down { border: 0; width: 24px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url(@arrow_down); width: 12px; height: 12px; }
QSpinBox, QDateEdit { min-height: @px22; }
QAbstractSpinBox QLineEdit { border: 0; padding: 0 4px; background: transparent; }
QSpinBox::up-button, QSpinBox::down-button { border: 0; width: 20px; background: transparent; }
QSpinBox::up-arrow { image: url(@arrow_up); width: 10px; height: 10px; }
QSpinBox::down-arrow { image: url(@arrow_down); width: 10px; height: 10px; }
QComboBox QAbstractItemView {
    background: @surface; border: 1px solid @line; selection-background-color: @selection; selection-color: @text;
    padding: 4px;
}

QCheckBox, QRadioButton { spacing: 8px; padding: 3px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid @focus; }
QCheckBox:disabled, QRadioButton:disabled { color: @strong_line; }
QCheckBox::indicator, QTreeView::indicator, QListView::indicator {
    width: 16px; height: 16px; border: 1px solid @strong_line; border-radius: 4px; background: @surface;
}
QCheckBox::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked {
    background: @accent; border-color: @accent; image: url(@tick);
}
QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid @strong_line; border-radius: 8px; background: @surface; }
QRadioButton::indicator:checked { border: 5px solid @accent; width: 8px; height: 8px; }

QAbstractItemView {
    background: @surface; border: 0; selection-background-color: @selection; selection-color: @text;
    alternate-background-color: @raised;
}
QTreeView::item, QListView::item, QTableView::item { padding: 4px; border: 0; }
QTreeView::item:hover, QListView::item:hover { background: @hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @selection; color: @text; }
QTreeView { show-decoration-selected: 0; }
ChecklistTreeView, NotesView { selection-background-color: transparent; }
QTreeView::branch, QTreeView::branch:selected, QTreeView::branch:hover { background: transparent; }
QTreeView::branch:has-children:closed { image: url(@arrow_right); }
QTreeView::branch:has-children:open { image: url(@arrow_down); }
QHeaderView::section {
    background: @surface; color: @muted; border: 0; border-bottom: 1px solid @line; padding: 6px 8px; font-weight: 600;
}
QAbstractItemView#Framed { border: 1px solid @line; border-radius: 8px; }
QAbstractItemView#Framed:focus, QAbstractItemView#Plain:focus { border: 1px solid @focus; border-radius: 8px; }
QAbstractItemView#Plain { border: 1px solid transparent; }

QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget#ScrollContent { background: transparent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @strong_line; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: @accent; }

QProgressBar { background: @hover; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }

QTabBar { background: transparent; }
QTabBar::tab {
    background: transparent; padding: 8px 4px; margin-right: 20px; border: 0; border-bottom: 2px solid transparent; color: @muted;
}
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; font-weight: 600; }
QTabBar::tab:focus { color: @text; background: @hover; border-radius: 4px; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }

QGroupBox { border: 1px solid @line; border-radius: 8px; margin-top: 24px; padding: 12px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 4px; padding: 2px 0; }

QFrame#Card, QWidget#Card { background: @surface; border: 1px solid @line; border-radius: 10px; }
QFrame#Panel { background: @surface; border: 0; }
QFrame#PanelTop { background: @surface; border: 0; border-bottom: 1px solid @line; }
QFrame#PanelBottom { background: @surface; border: 0; border-top: 1px solid @line; }
QFrame#Line { background: @line; border: 0; max-height: 1px; min-height: 1px; }
QFrame#Code { background: @code_ground; border: 1px solid @line; border-radius: 8px; }
QPlainTextEdit#Code, QTextBrowser#Code { background: @code_ground; border: 0; border-radius: 0; padding: 0; }
QPlainTextEdit#Code:focus { border: 0; padding: 0; }
QFrame#CodeFrame { background: @code_ground; border: 1px solid @line; border-radius: 8px; }
QFrame#CodeFrame[focused="true"] { border: 1px solid @focus; }
QTextBrowser#Prose { background: transparent; border: 1px solid transparent; padding: 0; }
QTextBrowser#Prose:focus { border: 1px solid @focus; padding: 0; }

QFrame#Message[level="notice"] { background: @unknown_tint; border-bottom: 1px solid @line; }
QFrame#Message[level="done"] { background: @yes_tint; border-bottom: 1px solid @line; }
QFrame#Message[level="warning"] { background: @partly_tint; border-bottom: 1px solid @line; }
QFrame#Message[level="error"] { background: @no_tint; border-bottom: 1px solid @line; }

QLabel { background: transparent; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="small"] { color: @muted; font-size: @px13; }
QLabel[role="title"] { font-size: @px22; font-weight: 600; }
QLabel[role="display"] { font-size: @px30; font-weight: 600; }
QLabel[role="heading"] { font-size: @px16; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[answer="yes"] { color: @yes; font-weight: 600; }
QLabel[answer="partly"] { color: @partly; font-weight: 600; }
QLabel[answer="no"] { color: @no; font-weight: 600; }
QLabel[answer="cannot-tell"] { color: @unknown; font-weight: 600; }
QLabel[pill="true"] { border-radius: 4px; padding: 2px 8px; font-size: @px13; font-weight: 600; background: @hover; color: @muted; }
QLabel[pill="true"][answer="yes"] { background: @yes_tint; color: @yes; }
QLabel[pill="true"][answer="partly"] { background: @partly_tint; color: @partly; }
QLabel[pill="true"][answer="no"] { background: @no_tint; color: @no; }
QLabel[pill="true"][answer="cannot-tell"] { background: @unknown_tint; color: @unknown; }
"""


def style_sheet(colours: Colours, scale: float = 1.0) -> str:
    """The sheet for a theme; sizes of letters are multiplied by `scale`."""
    values = {name: value for name, value in msgspec.structs.asdict(colours).items() if isinstance(value, str)}
    values["scroll"] = colours.line if colours.window != "#000000" else colours.strong_line
    values |= _drawings(colours)
    sheet = re.sub(r"@px(\d+)", lambda found: f"{round(int(found[1]) * scale)}px", _SHEET)
    return re.sub(r"@(\w+)", lambda found: values[found[1]], sheet)


def _drawings(colours: Colours) -> dict[str, str]:
    # A style sheet takes pictures only as files.
    folder = "icons/controls/dark" if colours.is_dark else "icons/controls/light"
    names = ("arrow_down", "arrow_up", "arrow_right", "tick")
    return {name: resource_path(f"{folder}/{name.replace('_', '-')}.svg").as_posix() for name in names}
