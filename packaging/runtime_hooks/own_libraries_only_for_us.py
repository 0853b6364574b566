"""Puts the person's own library path back: the bundle's is for this process, not for the browsers and editors it starts.

The loader took the bundle's path when the process began and keeps it. `*_ORIG` stays for `processes.clean_environment`.
"""

import os
import sys

if sys.platform not in {"win32", "darwin"}:
    if "LD_LIBRARY_PATH_ORIG" in os.environ:
        os.environ["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH_ORIG"]
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
