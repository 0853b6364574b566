"""Choices of the person: appearance, editor, limits, and this project."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from repro_gui.facts.settings import Limits, Settings
from repro_gui.ui.editor import found_editor
from repro_gui.ui.open_project.pages import choose_policy, policy_words, published_checklists
from repro_gui.ui.preferences import Preferences
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import _, languages
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import RichLabel, label
from repro_gui.ui.widgets.scrolled import scrolled

_MEBIBYTE = 1024 * 1024
_SCALES = {0.9: "90 %", 1.0: "100 %", 1.15: "115 %", 1.3: "130 %", 1.5: "150 %"}


class SettingsDialog(QDialog):
    """Appearance acts at once; what belongs to the project acts with *Apply to this project*."""

    appearance_changed = Signal()

    def __init__(self, preferences: Preferences, session: ProjectSession | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self.resize(640, 560)
        self._preferences = preferences
        self._session = session
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(_("Settings"))
        self.tabs.addTab(scrolled(self._appearance_page()), _("Appearance"))
        self.tabs.addTab(scrolled(self._editor_page()), _("Editor"))
        if session is not None:
            self.tabs.addTab(scrolled(self._project_page(session)), _("This project"))
            self.tabs.addTab(scrolled(self._limits_page(session.settings.limits)), _("Limits"))
        self.close_button = button(_("Close"), self.accept, "primary")
        self.close_button.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(_("Settings"), "title"))
        column.addWidget(self.tabs, 1)
        column.addLayout(row)

    def done(self, result: int) -> None:
        """Keep what was chosen."""
        self._preferences.editor = self.editor.text().strip()
        self._preferences.person = self.person.text().strip()
        if self._session is not None:
            self._session.change_settings(self._project_settings(self._session.settings))
        super().done(result)

    def _appearance_page(self) -> QWidget:
        page, form = _form()
        self.theme = QComboBox()
        for theme, words in {
            Theme.SYSTEM: _("Follow the system"),
            Theme.LIGHT: _("Light"),
            Theme.DARK: _("Dark"),
            Theme.HIGH_CONTRAST: _("High contrast"),
        }.items():
            self.theme.addItem(words, theme.value)
        self.theme.setCurrentIndex(self.theme.findData(self._preferences.theme.value))
        self.theme.currentIndexChanged.connect(self._on_appearance)
        self.scale = QComboBox()
        for value, words in _SCALES.items():
            self.scale.addItem(words, value)
        nearest = min(_SCALES, key=lambda value: abs(value - self._preferences.text_scale))
        self.scale.setCurrentIndex(list(_SCALES).index(nearest))
        self.scale.currentIndexChanged.connect(self._on_appearance)
        self.language = QComboBox()
        self.language.addItem(_("Follow the system"), "")
        for code, words in languages().items():
            self.language.addItem(words, code)
        self.language.setCurrentIndex(max(self.language.findData(self._preferences.language), 0))
        self.language.currentIndexChanged.connect(self._on_language)
        self.language_note = label("", "small", wraps=True)
        _add(form, _("Theme"), self.theme)
        _add(form, _("Text size"), self.scale)
        _add(form, _("Language"), self.language)
        form.addRow("", self.language_note)
        return page

    def _editor_page(self) -> QWidget:
        page, form = _form()
        self.editor = QLineEdit(self._preferences.editor)
        self.editor.setPlaceholderText(found_editor() or "editor {file}:{line}:{column}")
        self.person = QLineEdit(self._preferences.person)
        _add(form, _("Command"), self.editor)
        form.addRow(
            "",
            RichLabel(
                _(
                    "Opens a place in your editor; `{file}`, `{line}` and `{column}` are filled in. Empty: the first editor found."
                ),
                "small",
            ),
        )
        _add(form, _("Your name"), self.person)
        form.addRow("", RichLabel(_("Stands under waivers and answers by hand."), "small"))
        return page

    def _project_page(self, session: ProjectSession) -> QWidget:
        page, form = _form()
        settings = session.settings
        self.interpreter = QLineEdit(settings.interpreter)
        self.interpreter.setPlaceholderText(_("the best one found"))
        self.entry_points = QLineEdit(", ".join(settings.entry_points))
        self.entry_points.setPlaceholderText(_("those found"))
        self.data_folders = QLineEdit(", ".join(settings.data_folders))
        self.data_folders.setPlaceholderText(_("those found"))
        self.checklist = QComboBox()
        self.checklist.addItem(_("The four pillars"), "pillars")
        for identity, words, _owner in published_checklists():
            self.checklist.addItem(words, identity)
        if self.checklist.findData(settings.checklist) < 0:
            self.checklist.addItem(policy_words(settings.checklist), settings.checklist)
        self.checklist.setCurrentIndex(self.checklist.findData(settings.checklist))
        self.checklist.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.trust_words = label("", wraps=True)
        self.trust_button = button("", self._change_trust, icon_name="trust")
        session.changed.connect(self._show_trust)
        self._show_trust()
        _add(form, _("Interpreter"), self.interpreter)
        _add(form, _("Entry points"), self.entry_points)
        _add(form, _("Data folders"), self.data_folders)
        _add(form, _("Checklist"), self.checklist)
        form.addRow("", button(_("A policy file…"), self._choose_policy, icon_name="open"))
        form.addRow(label(_("Trust")), self.trust_words)
        form.addRow("", self.trust_button)
        return page

    def _choose_policy(self) -> None:
        choose_policy(self, self._take_policy)

    def _take_policy(self, path: str) -> None:
        if self.checklist.findData(path) < 0:
            self.checklist.addItem(policy_words(path), path)
        self.checklist.setCurrentIndex(self.checklist.findData(path))

    def _limits_page(self, limits: Limits) -> QWidget:
        page, form = _form()
        self.limits: dict[str, QSpinBox] = {}
        for name, words, largest, unit in _limit_fields():
            field = QSpinBox()
            field.setRange(1, largest)
            field.setGroupSeparatorShown(True)
            field.setValue(getattr(limits, name) // unit)
            field.setSuffix(" MiB" if unit == _MEBIBYTE else "")
            # A style sheet does not move the words of a spin box in from its edge.
            field.lineEdit().setTextMargins(6, 0, 0, 0)
            self.limits[name] = field
            _add(form, words, field)
        rule = _(
            "Counted in items and bytes, never in seconds, so that two machines give one report. "
            "What was left out is listed."
        )
        form.addRow("", RichLabel(rule, "small"))
        return page

    def _project_settings(self, earlier: Settings) -> Settings:
        units = {name: unit for name, _words, _largest, unit in _limit_fields()}
        limits = msgspec.structs.replace(
            earlier.limits, **{name: field.value() * units[name] for name, field in self.limits.items()}
        )
        return msgspec.structs.replace(
            earlier,
            interpreter=self.interpreter.text().strip(),
            entry_points=_parts(self.entry_points.text()),
            data_folders=_parts(self.data_folders.text()),
            checklist=self.checklist.currentData(),
            limits=limits,
        )

    def _show_trust(self) -> None:
        if self._session is None:
            return
        trusted = self._session.trusted
        self.trust_words.setText(
            _("This folder may run its interpreter and commands when you ask for it.")
            if trusted
            else _("Nothing of this folder is ever run.")
        )
        self.trust_button.setText(_("Take the trust back") if trusted else _("Trust this folder"))

    def _change_trust(self) -> None:
        if self._session is not None:
            self._session.set_trust(trusted=not self._session.trusted)

    def _on_appearance(self) -> None:
        self._preferences.theme = Theme(self.theme.currentData())
        self._preferences.text_scale = float(self.scale.currentData())
        self.appearance_changed.emit()

    def _on_language(self) -> None:
        self._preferences.language = self.language.currentData()
        self.language_note.setText(_("The language changes with the next window."))
        self.appearance_changed.emit()


def _limit_fields() -> tuple[tuple[str, str, int, int], ...]:
    return (
        ("files", _("Files in all"), 5_000_000, 1),
        ("folder_files", _("Files in one folder"), 5_000_000, 1),
        ("depth", _("Folders within folders"), 200, 1),
        ("source_bytes", _("Size of a source file"), 1_024, _MEBIBYTE),
        ("notebook_bytes", _("Size of a notebook"), 4_096, _MEBIBYTE),
        ("hashed_bytes", _("Bytes to compare with DVC"), 1_048_576, _MEBIBYTE),
    )


def _form() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    page.setObjectName("ScrollContent")
    form = QFormLayout(page)
    form.setContentsMargins(4, 20, 12, 4)
    form.setSpacing(12)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return page, form


def _add(form: QFormLayout, words: str, field: QWidget) -> None:
    name = label(words)
    name.setBuddy(field)
    field.setAccessibleName(words)
    field.setMinimumWidth(280)
    form.addRow(name, field)


def _parts(words: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in words.split(",") if part.strip())
