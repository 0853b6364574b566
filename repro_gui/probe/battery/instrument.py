"""Repeats a case and compares what came out."""

from __future__ import annotations

import ctypes
import hashlib
import math
import random
import time

from .modes import synchroniser
from .registry import Bench, Case, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FEWEST_REPEATS = 3
SUSPECT_REPEATS = 20


def bytes_of(tensor: Any) -> bytes:
    """The bytes of a tensor in order, without numpy."""
    tensor = tensor.detach().cpu().contiguous()
    size = tensor.numel() * tensor.element_size()
    return ctypes.string_at(tensor.data_ptr(), size) if size else b""


def digest_of(tensors: Iterable[Any]) -> str:
    """A positional digest: swapped values give another one, unlike a sum or an exclusive or."""
    total = hashlib.blake2b(digest_size=16)
    for tensor in tensors:
        total.update(str((tuple(tensor.shape), str(tensor.dtype))).encode())
        total.update(bytes_of(tensor))
    return total.hexdigest()


def largest_difference(torch: Any, first: list[Any], other: list[Any]) -> float | None:
    """Largest absolute difference between two lists of tensors; None where they cannot be compared."""
    worst = 0.0
    for left, right in zip(first, other):
        if left.shape != right.shape:
            return None
        if left.numel():
            gap = (left.detach().cpu().to(torch.float64) - right.detach().cpu().to(torch.float64)).abs().max().item()
            worst = max(worst, gap) if not math.isnan(gap) else worst
    return worst


class Outcomes:
    """What one case gave so far, over all passes."""

    def __init__(self) -> None:
        self.digests: list[str] = []
        self.seconds: list[float] = []
        self.difference: float | None = None

    @property
    def varies(self) -> bool:
        """True once two repeats differed."""
        return len(set(self.digests)) > 1

    def record(self) -> dict[str, Any]:
        """The outcomes as the battery says them; the first repeat pays for caches and thread pools and is not timed."""
        timed = sorted(self.seconds[1:] or self.seconds)
        return {
            "state": "ran",
            "repeats": len(self.digests),
            "distinct": len(set(self.digests)),
            "digest": self.digests[0],
            "seconds": timed[len(timed) // 2],
            "largest_difference": self.difference,
        }


class OutOfTime(Exception):
    """The time was used up before the case had enough repeats to say anything."""


def measure(
    torch: Any,
    case: Case,
    device: str,
    repeats: int,
    deadline: float,
    outcomes: Outcomes,
    *,
    is_compiling: bool = False,
) -> None:
    """Repeat a case until the number of repeats, until the first difference after three, or until the deadline.

    Raises `OutOfTime` at the deadline when there were too few repeats: one slow case must not break the budget.
    """
    seed = int.from_bytes(hashlib.sha256(case.name.encode()).digest()[:4], "big")
    synchronise = synchroniser(torch, device)
    torch.manual_seed(seed)
    run = case.build(Bench(torch, device, case.dtype, seed, is_compiling=is_compiling))
    first: list[Any] = []
    while len(outcomes.digests) < repeats:
        is_late = time.monotonic() > deadline
        if len(outcomes.digests) >= FEWEST_REPEATS and (outcomes.varies or is_late):
            break
        if is_late:
            raise OutOfTime
        torch.manual_seed(seed)
        random.seed(seed)
        synchronise()
        begun = time.perf_counter()
        outputs = run()
        synchronise()
        outcomes.seconds.append(time.perf_counter() - begun)
        outcomes.digests.append(digest_of(outputs))
        if not first:
            first = [output.detach().clone() for output in outputs]
        elif outcomes.varies and outcomes.difference is None:
            outcomes.difference = largest_difference(torch, first, outputs)


NO_TIME = "its turn did not come in the time given"
UNSUPPORTED_SIGNS = (
    "not implemented for",
    "could not run",
    "no available kernel",
    "not available",
    "not supported",
    "no attribute",
    "unsupported",
    "expected scalar type",
)


def run_case(
    torch: Any,
    case: Case,
    device: str,
    repeats: int,
    deadline: float,
    outcomes: Outcomes,
    *,
    is_compiling: bool = False,
) -> dict[str, Any]:
    """The record of one case, whatever it does short of ending the process."""
    try:
        measure(torch, case, device, repeats, deadline, outcomes, is_compiling=is_compiling)
    except OutOfTime:
        return {"state": "not-reached", "message": NO_TIME}
    except Unsupported as error:
        return {"state": "unsupported", "message": str(error)}
    except Exception as error:
        message = str(error).strip().split("\n")[0][:300]
        lowered = message.lower()
        if "deterministic" in lowered and (
            "does not have a deterministic" in lowered or "use_deterministic" in lowered
        ):
            state = "raised"
        elif "out of memory" in lowered or isinstance(error, MemoryError):
            state = "out-of-memory"
        elif (
            isinstance(error, (AttributeError, NotImplementedError, TypeError))
            or any(sign in lowered for sign in UNSUPPORTED_SIGNS)
            # No compiler, no Triton, a Python that it does not know: torch.compile cannot be had here.
            or type(error).__module__.startswith(("torch._dynamo", "torch._inductor"))
        ):
            state = "unsupported"
        else:
            state = "failed"
        return {"state": state, "message": type(error).__name__ + ": " + message}
    return outcomes.record()
