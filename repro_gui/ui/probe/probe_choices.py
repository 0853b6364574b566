"""What to probe: interpreter, device, seconds, thorough or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.ask_for_program import ask_for_program
from repro_gui.ui.widgets.labels import label

if TYPE_CHECKING:
    from repro_gui.worker.messages import InterpreterChoice, ProbeDevice

_OTHER, _MAKE = "\0other", "\0make"


class ProbeChoicesWidget(QWidget):
    """The choices of one row."""

    interpreter_chosen = Signal(str)
    make_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # What the row round it has to spare is not for between the words and the boxes.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.interpreter = QComboBox()
        self.interpreter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.interpreter.setMinimumContentsLength(24)
        self.interpreter.activated.connect(self._on_interpreter)
        self.device = QComboBox()
        self.device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.device.setMinimumContentsLength(14)
        self.budget = QSpinBox()
        self.budget.setRange(0, 3600)
        self.budget.setSingleStep(10)
        self.budget.setSuffix(_(" s"))
        self.budget.setSpecialValueText(_("Usual"))
        self.budget.setToolTip(_("Seconds for the default and the strict mode; usual are 10 for the CPU, 30 for a GPU"))
        self.budget.setMinimumWidth(96)
        self.thorough = QCheckBox(_("Thorough"))
        self.thorough.setToolTip(
            _(
                "More modes: only warn, a fresh process, thread counts, CPU capability, torch.compile with a cold and a warm cache; "
                "a minute more"
            )
        )
        self._interpreters: tuple[InterpreterChoice, ...] | None = None
        self.made = ""
        self._lay_out()
        self.show_interpreters(None, "")
        self.show_devices(())

    @property
    def chosen_interpreter(self) -> str:
        """The path; empty for the best one found."""
        return str(self.interpreter.currentData() or "")

    @property
    def chosen_device(self) -> str:
        """`auto`, `cpu` or `cuda:N`."""
        return str(self.device.currentData() or "auto")

    def show_interpreters(self, choices: tuple[InterpreterChoice, ...] | None, chosen: str) -> None:
        """Offer these; those without torch stand there and cannot be chosen."""
        wanted = self.chosen_interpreter or chosen
        self._interpreters = choices
        box = self.interpreter
        box.blockSignals(True)
        box.clear()
        box.addItem(_("The first one with torch"), "")
        for choice in choices or ():
            version = f"Python {choice.python}" if choice.python else choice.kind
            state = shown(choice.broken) or (f"torch {choice.torch}" if choice.torch else _("no torch"))
            box.addItem(f"{version} · {state} · {choice.path}", choice.path)
            box.setItemData(box.count() - 1, choice.path, Qt.ItemDataRole.ToolTipRole)
            model = box.model()
            if not choice.torch and isinstance(model, QStandardItemModel):
                model.item(box.count() - 1).setEnabled(False)
        if self.made:
            box.addItem(_("Made by Repro GUI · {path}").format(path=self.made), self.made)
        if wanted and box.findData(wanted) < 0:
            box.addItem(wanted, wanted)
        box.addItem(_("Other…"), _OTHER)
        if not self.made:
            box.addItem(_("Make one with torch…"), _MAKE)
        box.setCurrentIndex(max(box.findData(wanted), 0))
        box.blockSignals(False)

    def show_made(self, path: str) -> None:
        """Offer the interpreter that was made for probes, or to make one."""
        if path != self.made:
            self.made = path
            self.show_interpreters(self._interpreters, "")

    def show_devices(self, devices: tuple[ProbeDevice, ...]) -> None:
        """Offer these, and all of them together."""
        wanted = self.chosen_device
        self.device.clear()
        self.device.addItem(_("All there are"), "auto")
        for one in devices:
            self.device.addItem(f"{one.device} · {one.model}" if one.model else one.device, one.device)
        if not devices:
            self.device.addItem("cpu", "cpu")
        self.device.setCurrentIndex(max(self.device.findData(wanted), 0))

    def choose_interpreter(self, path: str) -> None:
        """Choose a path that need not be among those found."""
        if self.interpreter.findData(path) < 0:
            self.interpreter.insertItem(self.interpreter.findData(_OTHER), path, path)
        self.interpreter.setCurrentIndex(self.interpreter.findData(path))
        self.interpreter_chosen.emit(path)

    def ask_for_interpreter(self) -> None:
        """Let the person name a program."""
        ask_for_program(self, _("Choose a Python that has torch"), self.choose_interpreter)

    def _on_interpreter(self) -> None:
        asked = self.interpreter.currentData()
        if asked not in {_OTHER, _MAKE}:
            return
        self.interpreter.setCurrentIndex(0)
        if asked == _OTHER:
            self.ask_for_interpreter()
        else:
            self.make_asked.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for column, (words, widget) in enumerate(
            ((_("&Interpreter"), self.interpreter), (_("&Device"), self.device), (_("&Seconds"), self.budget))
        ):
            head: QLabel = label(words, "small")
            head.setBuddy(widget)
            widget.setAccessibleName(words.replace("&", ""))
            grid.addWidget(head, 0, column)
            grid.addWidget(widget, 1, column)
        grid.addWidget(self.thorough, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
