"""Puts the person's own environment back: the bundle's is for this process, not for Git, browsers and editors that it starts.

The loader took the bundle's path when the process began and keeps it. `*_ORIG` stays for `processes.clean_environment`. Copies of
this program begin anew without the marks that PyInstaller's start program leaves for them.
"""

import os
import sys

if sys.platform not in {"win32", "darwin"}:
    if "LD_LIBRARY_PATH_ORIG" in os.environ:
        os.environ["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH_ORIG"]
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)

for name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[name]
