"""Two cases whose outcome is certain: the instrument is trusted only while both come out right."""

from __future__ import annotations

import random

from .registry import case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .registry import Bench, Run


# ---- controls: the instrument is trusted only while both come out right ----


@case("control.varies", value=100)
def _(b: Bench) -> Run:
    """Must vary: partial sums of the same numbers in an order from the system's entropy."""
    values = b.normal(20_000) * 1000
    system = random.SystemRandom()

    def run() -> list[Any]:
        order = list(range(20_000))
        system.shuffle(order)
        return [values[b.torch.tensor(order, device=b.device)].flatten().cpu().cumsum(0)]

    return run


@case("control.stable", value=100)
def _(b: Bench) -> Run:
    """Must not vary: integer sums do not depend on their order."""
    values = b.integers(1000, 500_000)
    return lambda: [values.sum(), values.cpu().sum()]
