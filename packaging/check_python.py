"""Ends with a sentence when the Python that should make the environment is too old or lacks venv."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this is the place that says so
    sys.exit(
        f"Repro GUI needs Python 3.11 or newer, this is {sys.version.split()[0]}. Run: make PYTHON=/path/to/python3.11 run"
    )
try:
    import ensurepip  # noqa: F401
except ImportError:
    sys.exit("This Python cannot make environments. Run: sudo apt-get install python3.11-venv")
