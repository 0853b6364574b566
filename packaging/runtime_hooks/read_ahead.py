"""Has the system read what a window needs while Python still starts: when nothing is in memory yet, the disk takes half the time.

The system reads beside us and we wait for nothing; where it cannot, nothing is lost.
"""

import contextlib
import os
import sys

if hasattr(os, "posix_fadvise") and sys.argv[1:2] in ([], ["open"]):
    qt = f"{getattr(sys, '_MEIPASS', '')}/PySide6"
    for path in (
        sys.executable,
        *(f"{qt}/Qt/lib/libQt6{name}.so.6" for name in ("Core", "Gui", "Widgets", "DBus", "XcbQpa", "Svg")),
        *(f"{qt}/Qt{name}.abi3.so" for name in ("Core", "Gui", "Widgets")),
    ):
        with contextlib.suppress(OSError), open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- pathlib is not imported yet
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
