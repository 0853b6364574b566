"""What this program is, with versions to copy."""

from __future__ import annotations

import importlib.metadata
import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from repro_gui import __version__
from repro_gui.ui.theme.fonts import code_font
from repro_gui.ui.theme.icons import application_icon
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import RichLabel, label

_PACKAGES = ("PySide6-Essentials", "msgspec", "GitPython", "dvc", "typst", "uv", "qtawesome", "pygments")


def version_lines() -> str:
    """Versions of the program and what it stands on; no path, no name of a person or machine."""
    lines = [
        f"Repro GUI {__version__}",
        f"Python {platform.python_version()}",
        f"Qt {qVersion()} ({QGuiApplication.platformName()})",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            lines.append(f"{package} –")
    return "\n".join(lines)


class AboutDialog(QDialog):
    """Name, purpose, versions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About Repro GUI"))
        self.setMinimumWidth(480)
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(56, 56))
        self.versions = QPlainTextEdit(version_lines())
        self.versions.setReadOnly(True)
        self.versions.setTabChangesFocus(True)
        self.versions.setFont(code_font())
        self.versions.setFixedHeight(240)
        self.versions.setAccessibleName(_("Versions"))
        self.copy_button = button(_("Copy versions"), self._copy, icon_name="copy")
        self.close_button = button(_("Close"), self.accept, "primary")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture)
        words = QVBoxLayout()
        words.addWidget(label("Repro GUI", "title"))
        words.addWidget(label(_("Version {version}").format(version=__version__), "muted"))
        head.addLayout(words, 1)
        row = QHBoxLayout()
        row.addWidget(self.copy_button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(
            RichLabel(
                _(
                    "Tells whether the results of a machine-learning project can be had again, and mends what stands "
                    "in the way. MIT licence. Reading runs nothing of a project; nothing is ever sent."
                )
            )
        )
        column.addWidget(self.versions)
        column.addLayout(row)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.versions.toPlainText())
