"""The five pages of the wizard; each shows what was found and changes the answers of the flow."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from repro_gui.resource_files import list_resources, read_resource_text
from repro_gui.ui.translate import _, counted, shown
from repro_gui.ui.widgets.ask_for_program import ask_for_program
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import ElidedLabel, RichLabel, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.ui.open_project.flow import Answers
    from repro_gui.ui.project_session import ProjectSession
    from repro_gui.worker.messages import InterpreterChoice, RecognisedItem

_KIND_ICONS = {
    "git": "git",
    "python": "python",
    "notebooks": "notebooks",
    "data": "data",
    "dvc": "dvc",
    "environment": "environment",
    "tracking": "tracking",
}


class WizardPageWidget(QWidget):
    """A page: heading, a sentence, and a column that scrolls."""

    answered = Signal(object)

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.column = QVBoxLayout()
        self.column.setSpacing(8)
        self.column.setContentsMargins(2, 2, 12, 2)
        content = QWidget()
        content.setObjectName("ScrollContent")
        content.setLayout(self.column)
        scroller = QScrollArea()
        scroller.setWidgetResizable(True)
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(label(title, "title", wraps=True))
        outer.addWidget(RichLabel(sentence, "muted"))
        outer.addWidget(scroller, 1)

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        """Show what is known and answered now."""
        raise NotImplementedError

    def clear(self) -> None:
        """Empty the column."""
        while (item := self.column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()


class FolderPageWidget(WizardPageWidget):
    """What the folder seems to be."""

    other_asked = Signal()
    project_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(_("The folder"), _("This was recognised. The audit has begun behind this page."))
        self._shown: object = None

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        found = session.recognised
        if self._shown is not None and self._shown is found:
            return
        self._shown = found
        self.clear()
        path = ElidedLabel(answers.root, "strong", Qt.TextElideMode.ElideMiddle)
        self.column.addWidget(path)
        if found is None:
            self.column.addWidget(label(_("Looking at the folder…"), "muted"))
        else:
            for item in found.items:
                self.column.addWidget(_recognised_row(item))
            if not found.items:
                self.column.addWidget(
                    label(_("Nothing of a machine-learning project was recognised here."), "muted", wraps=True)
                )
            self.column.addWidget(
                label(counted("{count} file in all", "{count} files in all", found.file_count), "small")
            )
            if found.projects:
                self._offer_projects(found.projects)
        self.column.addSpacing(8)
        self.column.addWidget(
            button(_("Choose another folder…"), self.other_asked.emit, icon_name="open"), 0, Qt.AlignmentFlag.AlignLeft
        )
        self.column.addStretch(1)

    def _offer_projects(self, projects: tuple[str, ...]) -> None:
        self.column.addSpacing(8)
        self.column.addWidget(label(_("There are several projects inside; choose the one you mean:"), wraps=True))
        for project in projects[:12]:
            made = button(project.replace("&", "&&"), kind="link", icon_name="folder")
            made.clicked.connect(lambda _checked=False, inside=project: self.project_chosen.emit(inside))
            self.column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)


class TrustPageWidget(WizardPageWidget):
    """Whether this folder may run anything."""

    def __init__(self) -> None:
        super().__init__(
            _("Trust"),
            _(
                "Reading is always safe: nothing of the project is run. A few things need your yes for this folder, "
                "because they run its interpreter, its Git hooks or its own commands."
            ),
        )
        self.no = QRadioButton(_("Only read. Ask me when something needs more."))
        self.yes = QRadioButton(_("I trust this folder: its interpreter and commands may be run when I ask for it."))
        self._group = QButtonGroup(self)
        for choice in (self.no, self.yes):
            self._group.addButton(choice)
            self.column.addWidget(choice)
        self.no.setChecked(True)
        self.column.addWidget(
            RichLabel(
                _(
                    "The yes is remembered for this folder on this machine, ends when the folder is replaced, "
                    "and can be taken back in the settings."
                ),
                "small",
            )
        )
        self.column.addStretch(1)
        self._group.buttonClicked.connect(lambda: self.answered.emit({"trusted": self.yes.isChecked()}))

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        trusted = answers.trusted if answers.trusted is not None else session.trusted
        (self.yes if trusted else self.no).setChecked(True)


class InterpreterPageWidget(WizardPageWidget):
    """Whose environment counts."""

    def __init__(self) -> None:
        super().__init__(
            _("The interpreter"),
            _(
                "The Python whose installed packages count as the project's. Its packages are read from files; it is not run."
            ),
        )
        self._shown: object = ()
        self._group = QButtonGroup(self)

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        state = (session.interpreters, answers.interpreter)
        if self._shown == state:
            return
        self._shown = state
        self.clear()
        self._group = QButtonGroup(self)
        if session.interpreters is None:
            self.column.addWidget(label(_("Looking for interpreters…"), "muted"))
        else:
            self._add("", _("The best one found"), answers.interpreter, _("Decided anew at each audit"))
            for choice in session.interpreters:
                self._add(
                    choice.path, _interpreter_words(choice), answers.interpreter, choice.path, shown(choice.broken)
                )
            known = {choice.path for choice in session.interpreters}
            if answers.interpreter and answers.interpreter not in known:
                self._add(answers.interpreter, _("Chosen by you"), answers.interpreter, answers.interpreter)
            if not session.interpreters:
                self.column.addWidget(
                    label(
                        _("No environment was found for this project. Choose one, or go on without."),
                        "muted",
                        wraps=True,
                    )
                )
        self.column.addWidget(button(_("Other…"), self._choose_other, icon_name="open"), 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)

    def _add(self, path: str, words: str, chosen: str, below: str, broken: str = "") -> None:
        choice = QRadioButton(words)
        choice.setChecked(path == chosen)
        choice.setEnabled(not broken)
        choice.setAccessibleName(f"{words}. {below} {broken}")
        choice.clicked.connect(lambda: self.answered.emit({"interpreter": path}))
        self._group.addButton(choice)
        self.column.addWidget(choice)
        row = QHBoxLayout()
        row.setContentsMargins(28, 0, 0, 4)
        row.addWidget(ElidedLabel(broken or below, "small", Qt.TextElideMode.ElideMiddle), 1)
        holder = QWidget()
        holder.setLayout(row)
        self.column.addWidget(holder)

    def _choose_other(self) -> None:
        title = _("Choose a Python interpreter")
        ask_for_program(self, title, lambda path: self.answered.emit({"interpreter": path}))


class HowItRunsPageWidget(WizardPageWidget):
    """The entry points that make results, and where the data lies."""

    def __init__(self) -> None:
        super().__init__(
            _("How it runs"),
            _(
                "The programs that make your results. The audit follows each from its first line; those marked were found."
            ),
        )
        self._shown: object = None
        self._boxes: dict[str, QCheckBox] = {}

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        if self._boxes and answers.entry_points == self._chosen():
            return
        found = session.report.entry_points if session.report is not None else ()
        if not found and session.recognised is not None:
            found = session.recognised.entry_points
        state = (found, answers.entry_points, answers.data_folders)
        if self._shown == state:
            return
        self._shown = state
        self.clear()
        self._boxes = {}
        for point in found:
            name = f"{point.path}::{point.symbol}" if point.symbol else point.path
            is_chosen = name in answers.entry_points if answers.entry_points else point.makes_results
            self._add(name, shown(point.how), is_chosen=is_chosen)
        for name in answers.entry_points:
            if name not in self._boxes:
                self._add(name, _("chosen by you"), is_chosen=True)
        if not self._boxes:
            self.column.addWidget(label(_("No entry point was found yet; name one below."), "muted", wraps=True))
        self._add_fields(answers)
        self.column.addStretch(1)

    def _add(self, name: str, how: str, *, is_chosen: bool) -> None:
        box = QCheckBox(name.replace("&", "&&"))
        box.setChecked(is_chosen)
        box.setAccessibleName(f"{name}, {how}")
        box.setToolTip(how)
        box.clicked.connect(self._tell)
        self._boxes[name] = box
        self.column.addWidget(box)
        row = QHBoxLayout()
        row.setContentsMargins(28, 0, 0, 4)
        row.addWidget(ElidedLabel(how, "small"), 1)
        holder = QWidget()
        holder.setLayout(row)
        self.column.addWidget(holder)

    def _add_fields(self, answers: Answers) -> None:
        more = QLineEdit()
        more.setPlaceholderText(_("another: train.py, or pipeline.py::main"))
        more.setAccessibleName(_("Another entry point"))
        more.returnPressed.connect(lambda: self._add_named(more))
        more.editingFinished.connect(lambda: self._add_named(more))
        self.column.addWidget(more)
        self.column.addSpacing(8)
        self.column.addWidget(label(_("Data folders"), "strong"))
        folders = QLineEdit(", ".join(answers.data_folders))
        folders.setPlaceholderText(_("found by themselves; or name them: data, /mnt/sets"))
        folders.setAccessibleName(_("Data folders"))
        folders.editingFinished.connect(
            lambda: self.answered.emit(
                {"data_folders": tuple(part.strip() for part in folders.text().split(",") if part.strip())}
            )
        )
        self.column.addWidget(folders)

    def _add_named(self, field: QLineEdit) -> None:
        name = field.text().strip()
        if name and name not in self._boxes:
            field.clear()
            self.answered.emit({"entry_points": (*self._chosen(), name)})

    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def _tell(self) -> None:
        self.answered.emit({"entry_points": self._chosen()})


class ChecklistPageWidget(WizardPageWidget):
    """Which questions count."""

    def __init__(self) -> None:
        super().__init__(
            _("The checklist"),
            _("Which questions count. All checks run in any case; a published list is answered on the overview."),
        )
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for identity, words, source in (("pillars", _("The four pillars"), ""), *published_checklists()):
            self._add(identity, words, source)
        self.column.addWidget(
            button(_("A policy file…"), self._choose_file, icon_name="open"), 0, Qt.AlignmentFlag.AlignLeft
        )
        self.column.addStretch(1)

    def show_known(self, answers: Answers, session: ProjectSession) -> None:
        if answers.checklist not in self.choices:
            self._add(answers.checklist, policy_words(answers.checklist), answers.checklist)
        self.choices[answers.checklist].setChecked(True)

    def _add(self, identity: str, words: str, source: str) -> None:
        choice = QRadioButton(words.replace("&", "&&"))
        choice.clicked.connect(lambda _checked=False, which=identity: self.answered.emit({"checklist": which}))
        choice.setToolTip(source)
        self._group.addButton(choice)
        self.column.insertWidget(len(self.choices), choice)
        self.choices[identity] = choice

    def _choose_file(self) -> None:
        choose_policy(self, lambda path: self.answered.emit({"checklist": path}))


def choose_policy(parent: QWidget, take: Callable[[str], object]) -> None:
    """Ask for the file with an organisation's own checklist."""
    dialog = QFileDialog(parent, _("Choose a policy file"), "", _("Checklists (*.toml)"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(take)
    dialog.open()


def policy_words(path: str) -> str:
    """How a policy file is called in a list of checklists."""
    return _("Policy: {name}").format(name=path.rpartition("/")[2])


def published_checklists() -> tuple[tuple[str, str, str], ...]:
    """Id, name and owner of each published checklist that is bundled."""
    found = []
    for name in list_resources("checklists"):
        if name.endswith(".toml"):
            table = tomllib.loads(read_resource_text(name))
            found.append((str(table["id"]), str(table["name"]), str(table.get("owner", ""))))
    return tuple(sorted(found, key=lambda item: item[1].casefold()))


def _recognised_row(item: RecognisedItem) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 2, 0, 2)
    row.setSpacing(12)
    row.addWidget(IconWidget(_KIND_ICONS.get(item.kind, "file"), "accent", 22), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(RichLabel(shown(item.text)))
    if item.paths:
        words.addWidget(ElidedLabel(", ".join(item.paths[:5]), "small"))
    row.addLayout(words, 1)
    return holder


def _interpreter_words(choice: InterpreterChoice) -> str:
    parts = [f"Python {choice.python}" if choice.python else _("Python, version not known")]
    if choice.torch:
        parts.append(f"torch {choice.torch}")
    if choice.cuda:
        parts.append(f"CUDA {choice.cuda}")
    parts.append(counted("{count} package", "{count} packages", choice.package_count))
    return f"{choice.kind}: {' · '.join(parts)}"
