"""Opens a window for `repro-gui --self-test`: fonts, icons, languages, plug-ins, the example through a worker, a page of PDF."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QPluginLoader
from PySide6.QtGui import QFontDatabase, QFontInfo, QImage
from PySide6.QtPdf import QPdfDocument

from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import application_icon, icon
from repro_gui.ui.translate import _, languages, set_language

_SECONDS = 60.0


def try_windows(project: str, pdf: str) -> dict[str, object]:
    """Problems found, each in a few words, and a summary."""
    from repro_gui.ui.application import Windows, make_application

    application = make_application()
    windows = Windows()
    problems = [*_fonts(), *_languages(), *_plugins(), *_pages(pdf)]
    window = windows.open_window(project)
    began = time.monotonic()
    while window.session is None or window.session.report is None:
        application.processEvents()
        time.sleep(0.01)
        if time.monotonic() - began > _SECONDS:
            problems.append("no report came to the window")
            break
    application.processEvents()
    if _colours(window.grab().toImage()) < 20:
        problems.append("the window is empty")
    window.close()
    summary = f"window, fonts, icons, PDF page; languages: {', '.join(languages())}"
    return {"problems": problems, "summary": summary}


def _fonts() -> list[str]:
    problems = []
    family = text_font().family()
    if family not in QFontDatabase.families() or QFontInfo(text_font()).family() != family:
        problems.append(f"the typeface {family} is missing")
    for name, picture in (("audit", icon("audit")), ("the application", application_icon())):
        if _colours(picture.pixmap(64, 64).toImage()) < 2:
            problems.append(f"the icon of {name} is empty")
    return problems


def _languages() -> list[str]:
    problems = []
    english = _("&Quit")
    for code in languages():
        set_language(code)
        if code != "en" and _("&Quit") == english:
            problems.append(f"the language {code} has no texts")
    set_language("en")
    return problems


def _plugins() -> list[str]:
    """What a real screen needs can be loaded, though this process draws where nobody sees it."""
    if sys.platform != "linux":
        return []
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    problems = []
    for name in ("libqxcb.so", "libqwayland.so"):
        loader = QPluginLoader(str(folder / name))
        if not loader.load():
            problems.append(f"{name}: {loader.errorString()}")
    return problems


def _pages(pdf: str) -> list[str]:
    document = QPdfDocument()
    document.load(pdf)
    is_drawn = document.pageCount() > 0 and _colours(document.render(0, document.pagePointSize(0).toSize())) > 5
    return [] if is_drawn else ["the report's first page cannot be shown"]


def _colours(picture: QImage) -> int:
    steps = range(0, picture.width(), 3), range(0, picture.height(), 3)
    return len({picture.pixel(x, y) for x in steps[0] for y in steps[1]})
