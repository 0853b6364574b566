"""Starts the windows: look, language, one window per folder."""

from __future__ import annotations

import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QSocketNotifier, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from repro_gui import __version__
from repro_gui.ui.notice import Level, Notice
from repro_gui.ui.preferences import Preferences
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import load_fonts
from repro_gui.ui.theme.icons import application_icon
from repro_gui.ui.translate import _, set_language, shown
from repro_gui.ui.worker_client import WorkerClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_gui.text import Text
    from repro_gui.ui.main_window import MainWindow


class Windows:
    """All windows of this process; they share preferences and look, nothing else."""

    def __init__(self, command: list[str] | None = None) -> None:
        self.preferences = Preferences()
        self.open: list[MainWindow] = []
        self._command = command
        self._early_client: WorkerClient | None = None
        set_language(self.preferences.language)
        load_fonts()
        self.change_look()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self.change_look)

    def start_worker(self) -> None:
        """Start the first window's worker before the windows themselves are even imported."""
        self._early_client = WorkerClient(None, self._command)
        self._early_client.start()

    def change_look(self) -> None:
        """Take theme and text size from the preferences."""
        appearance().apply(self.preferences.theme, self.preferences.text_scale)

    def open_window(self, path: str = "") -> MainWindow:
        """A new window, with a project when a path is given; a second one on the same folder says so."""
        from repro_gui.ui.main_window import MainWindow

        client, self._early_client = self._early_client or WorkerClient(None, self._command), None
        window = MainWindow(self.preferences, self.open_window, self.change_look, client)
        others = [other for other in self.open if other.session is not None]
        window.destroyed.connect(lambda: self._forget(window))
        self.open.append(window)
        window.show()
        if path:
            window.open_folder(path)
            if any(other.session is not None and _is_same(other.session.root, path) for other in others):
                window.bar.show_notice(
                    Notice(
                        _("This project is open in another window as well."),
                        _("What is changed in one is noticed by the other; fixes wait for one another."),
                        topic="twice",
                    )
                )
        return window

    def tell_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """A mistake of ours in the window: a sentence with details to copy; the window stays."""
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        if not self.open:
            return
        active = QApplication.activeWindow()
        window = next((one for one in self.open if one is active), self.open[-1])
        window.bar.show_notice(
            Notice(
                _("Repro GUI made a mistake: {error}").format(error=f"{kind.__name__}: {error}"),
                _("Your project was not touched. The details can be copied for a report; nothing is sent."),
                Level.ERROR,
                "fault",
                details=details,
            )
        )

    def _forget(self, window: MainWindow) -> None:
        self.open = [other for other in self.open if other is not window]


def make_application() -> QApplication:
    """The one application of this process, in our style, with plug-ins of our own Qt only.

    QT_PLUGIN_PATH of the person's may name those of another Qt, which cannot be loaded into ours; it stays in the environment for
    the programs that we start.
    """
    QApplication.setLibraryPaths([QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)])
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    return application


def run_windows(paths: list[str], pages: Sequence[str] = (), refused: Sequence[tuple[Text, Text]] = ()) -> int:
    """Show a window for each folder (or the welcome) and stay until the last is closed; returns the exit status.

    `pages` are shown by the person's browser; when there is nothing else to show, no window opens. `refused` are
    sentences about what cannot be shown, and how to mend it.
    """
    QApplication.setApplicationName("repro-gui")
    QApplication.setApplicationDisplayName("Repro GUI")
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("repro-gui")
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = make_application()
    application.setWindowIcon(application_icon())
    unseen = [page for page in pages if not QDesktopServices.openUrl(QUrl.fromLocalFile(page))]
    if pages and not (paths or unseen or refused):
        return 0
    windows = Windows()
    windows.start_worker()
    sys.excepthook = windows.tell_fault
    _close_on_interrupt(application)
    for path in paths or [""]:
        window = windows.open_window(path)
    for what, mend in refused:
        window.bar.show_notice(Notice(shown(what), shown(mend), Level.ERROR))
    for page in unseen:
        window.bar.show_notice(
            Notice(_("No program here shows web pages."), _("The report is {file}.").format(file=page))
        )
    return application.exec()


def _close_on_interrupt(application: QApplication) -> None:
    # Python acts on Ctrl+C only when it runs; a byte in a pipe wakes Qt's loop, which runs it.
    import socket

    ours, pythons = socket.socketpair()
    ours.setblocking(False)
    pythons.setblocking(False)
    signal.set_wakeup_fd(pythons.fileno())
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, application)

    def wake() -> None:
        ours.recv(64)

    notifier.activated.connect(wake)

    def stop() -> None:
        signal.set_wakeup_fd(-1)
        pythons.close()
        ours.close()

    application.aboutToQuit.connect(stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Queued: an interrupt while the windows are still imported closes them as soon as they are there.
        signal.signal(number, lambda _number, _frame: QTimer.singleShot(0, application.closeAllWindows))


def _is_same(first: str, second: str) -> bool:
    try:
        return Path(first).resolve() == Path(second).resolve()
    except OSError:
        return False
