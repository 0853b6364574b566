"""Keeps Python 3.11 alive under PySide6 6.12.

The wheels of PySide6 6.12 are built as for Python 3.12, where `None`, `True`, `False` and `NotImplemented` are immortal
(PEP 683) and returning them needs no new reference. Under 3.11 each call that returns nothing then takes one reference
of `None` away, and after some thousand calls the interpreter ends with "deallocating None". Giving the four as many
references as they never lose is what Python 3.12 does by itself. `tests/ui/test_immortal_singletons.py` measures it.
"""

from __future__ import annotations

import ctypes
import sys

_MANY = 1 << 60


def keep_singletons() -> None:
    """Make the four singletons of this process immortal, once; nothing to do from Python 3.12 on."""
    if sys.version_info >= (3, 12) or sys.getrefcount(None) >= _MANY // 2:
        return
    for singleton in (None, True, False, NotImplemented):
        # The reference count is the first field of every object of CPython.
        ctypes.c_ssize_t.from_address(id(singleton)).value += _MANY
