"""The report as it will be, page by page, in each format; then saved where the person says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from repro_gui.ui.details.code_view import CodeViewWidget, framed
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button, tool_button
from repro_gui.ui.widgets.labels import RichLabel, label
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.ui.widgets.scrolled import scrolled
from repro_gui.ui.worker_client import WorkerRequest
from repro_gui.worker.messages import Exported, Fault, Refusal, Reply

# So much of a text format is shown; the file has everything.
_MOST_SHOWN = 300_000
# Larger letters get a wider column, but most of the window stays for the report.
_WIDEST_CHOICES = 400


def export_formats() -> dict[str, tuple[str, str, str]]:
    """Name, ending and purpose of each format, as the worker calls them."""
    return {
        "pdf": ("PDF", "pdf", _("to send to somebody; archivable, the machine-readable report is attached")),
        "html": ("HTML", "html", _("to put on a page")),
        "json": ("JSON", "json", _("for programs; opens again in Repro GUI")),
        "sarif": ("SARIF", "sarif", _("for code review tools")),
        "markdown": ("Markdown", "md", _("for an issue or a pull request")),
    }


class ExportDialog(QDialog):
    """Formats on the left, the report on the right."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export the report"))
        self.setObjectName("Page")
        self.resize(1040, 760)
        self._session = session
        self._request: WorkerRequest | None = None
        self.bar = MessageBarWidget()
        self.formats: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.state = label(role="muted", wraps=True)
        self.document = QPdfDocument(self)
        self._bytes = QByteArray()
        self._buffer = QBuffer(self)
        self.pages = QPdfView()
        self.pages.setDocument(self.document)
        self.pages.setPageMode(QPdfView.PageMode.MultiPage)
        self.pages.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.pages.setAccessibleName(_("Pages of the report"))
        self.pages.setFrameShape(QFrame.Shape.NoFrame)
        self.text = CodeViewWidget()
        self.preview = QStackedWidget()
        self.save = button(_("Save as…"), self._choose_file, "primary", "export")
        self.save.setDefault(True)
        self.close_button = button(_("Close"), self.reject)
        self.page_count = label(role="small")
        self._lay_out()
        self.formats["pdf"].setChecked(True)
        self.render_preview()

    @property
    def format_name(self) -> str:
        """The chosen format."""
        return next((name for name, choice in self.formats.items() if choice.isChecked()), "pdf")

    def render_preview(self) -> None:
        """Ask the worker for the report in the chosen format."""
        if self._request is not None:
            self._request.drop()
        self.state.setText(_("Setting the report…"))
        self.page_count.setText("")
        self.preview.setCurrentIndex(0)
        self._request = self._session.export(self.format_name)
        self._request.ended.connect(self._on_rendered)

    def done(self, result: int) -> None:
        """Close the document before the dialog goes, so that nothing draws it any more."""
        if self._request is not None:
            self._request.drop()
            self._request = None
        self.document.close()
        self._buffer.close()
        super().done(result)

    def _on_rendered(self, end: Reply) -> None:
        self._request = None
        if isinstance(end, Refusal | Fault):
            self.state.setText(_("There is no preview."))
            self.bar.show_notice(notice_of(end, NoticeAction(_("Try again"), self.render_preview), topic="export"))
            return
        if not isinstance(end, Exported):
            return
        self.bar.settle("export")
        try:
            content = Path(end.path).read_bytes()
            Path(end.path).unlink(missing_ok=True)
        except OSError as error:
            self.bar.show_notice(
                Notice(_("The preview could not be read ({reason}).").format(reason=error), level=Level.ERROR)
            )
            return
        if end.format == "pdf":
            self._show_pdf(content)
        else:
            words = content[:_MOST_SHOWN].decode("utf-8", "replace")
            self.text.show_code(words, f"report.{export_formats()[end.format][1].replace('sarif', 'json')}")
            self.preview.setCurrentIndex(2)

    def _show_pdf(self, content: bytes) -> None:
        self.document.close()
        self._buffer.close()
        self._bytes = QByteArray(content)
        self._buffer.setData(self._bytes)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document.load(self._buffer)
        self.preview.setCurrentIndex(1)
        self.page_count.setText(_("{count} pages").format(count=self.document.pageCount()))

    def zoom(self, factor: float) -> None:
        """Show the pages larger or smaller."""
        self.pages.setZoomMode(QPdfView.ZoomMode.Custom)
        self.pages.setZoomFactor(min(max(self.pages.zoomFactor() * factor, 0.3), 4.0))

    def _choose_file(self) -> None:
        name, ending, _purpose = export_formats()[self.format_name]
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Save the report"), folder, f"{name} (*.{ending})")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.selectFile(f"{self._session.name}-audit.{ending}")
        dialog.fileSelected.connect(self.save_as)
        dialog.open()

    def save_as(self, path: str) -> WorkerRequest:
        """Let the worker write the report there."""
        self.save.setEnabled(False)
        request = self._session.export(self.format_name, path)
        request.ended.connect(self._on_saved)
        return request

    def _on_saved(self, end: Reply) -> None:
        self.save.setEnabled(True)
        if isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, NoticeAction(_("Save as…"), self._choose_file), topic="saved"))
        elif isinstance(end, Exported):
            folder = str(Path(end.path).parent)
            self.bar.show_notice(
                Notice(
                    _("Saved: {path}").format(path=end.path),
                    level=Level.DONE,
                    topic="saved",
                    actions=(
                        NoticeAction(
                            _("Open the folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
                        ),
                    ),
                )
            )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._choices())
        row.addLayout(self._report(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row, 1)

    def _choices(self) -> QFrame:
        left = QFrame()
        left.setObjectName("Panel")
        left.setFixedWidth(min(appearance().pixels(300), _WIDEST_CHOICES))
        content = QWidget()
        content.setObjectName("ScrollContent")
        side = QVBoxLayout(content)
        side.setContentsMargins(24, 20, 20, 4)
        side.setSpacing(4)
        side.addWidget(label(_("Export the report"), "title", wraps=True))
        side.addSpacing(8)
        for format_name, (name, _ending, purpose) in export_formats().items():
            choice = QRadioButton(name)
            choice.setAccessibleName(f"{name}: {purpose}")
            choice.clicked.connect(self.render_preview)
            self._group.addButton(choice)
            self.formats[format_name] = choice
            side.addWidget(choice)
            below = QHBoxLayout()
            below.setContentsMargins(28, 0, 0, 8)
            below.addWidget(label(purpose, "small", wraps=True))
            side.addLayout(below)
        side.addSpacing(8)
        privacy = _(
            "User and host names, home folders and credentials are left out. The same audit gives the same bytes."
        )
        side.addWidget(RichLabel(privacy, "small"))
        side.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 8, 20, 20)
        foot.setSpacing(8)
        foot.addWidget(self.save)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scrolled(content), 1)
        column.addLayout(foot)
        return left

    def _report(self) -> QVBoxLayout:
        waiting = QWidget()
        centre = QVBoxLayout(waiting)
        centre.setContentsMargins(24, 24, 24, 24)
        centre.addWidget(self.state)
        centre.addStretch(1)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.addWidget(framed(self.text))
        for page in (waiting, self.pages, holder):
            self.preview.addWidget(page)
        tools = QHBoxLayout()
        tools.setContentsMargins(16, 8, 16, 8)
        tools.addWidget(self.page_count)
        tools.addStretch(1)
        tools.addWidget(tool_button(_("Smaller"), "zoom-out", lambda: self.zoom(1 / 1.2)))
        tools.addWidget(tool_button(_("Larger"), "zoom-in", lambda: self.zoom(1.2)))
        fit = QPdfView.ZoomMode.FitToWidth
        tools.addWidget(tool_button(_("Fit the width"), "zoom-fit", lambda: self.pages.setZoomMode(fit)))
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(tools)
        right.addWidget(self.preview, 1)
        return right
