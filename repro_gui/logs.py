"""The log in the user's log folder: what happened, without secrets; nothing is ever sent."""

from __future__ import annotations

import logging
import logging.handlers
import platform
import traceback
from pathlib import Path

from repro_gui import __version__
from repro_gui.own_folders import log_folder
from repro_gui.redact import redact_text

_MOST_BYTES = 1024 * 1024
_KEPT = 3


def start_log(part: str) -> Path:
    """Log to `part.log`, a megabyte and its three predecessors; a folder that cannot be written is no reason to stop."""
    path = Path(f"{part}.log")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    try:
        path = log_folder() / path
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_Redacted("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    # A log that cannot be written any more (full disk) says nothing on standard error either.
    logging.raiseExceptions = False
    return path


def fault_text(error: BaseException) -> str:
    """A fault of ours as a text to copy: versions and traceback, redacted."""
    trace = "".join(traceback.format_exception(error))
    where = f"Repro GUI {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return redact_text(f"{where}\n{trace}")


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact_text(super().format(record))
