"""Work that makes many values and hardly any rubbish, with the garbage collector kept off."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def no_collecting() -> Iterator[None]:
    """Keep the garbage collector off: it would go through all that is kept again and again, and find nothing to free.

    Syntax trees have no cycles, and the scopes of a program live as long as the program. To be used round one piece of work:
    what it leaves in cycles is freed by the next collection after it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
