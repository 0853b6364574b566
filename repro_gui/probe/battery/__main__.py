"""Runs the battery in one mode; exit status 3 without a usable torch, 4 without a usable device, 6 when it was lost."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
import warnings

from . import PROTOCOL, controls, indexing, layers, learning, numbers
from .alone import run_alone
from .instrument import NO_TIME, SUSPECT_REPEATS, Outcomes, run_case
from .modes import busy_stream, facts, is_usable, limit_memory, set_mode
from .registry import CASES, Case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Importing them entered their cases.
_SHELVES = (controls, indexing, numbers, layers, learning)


def chosen_cases(device: str, only: set[str], skip: set[str], *, is_compiling: bool = False) -> list[Case]:
    """The cases for a device, the most telling first; a bare name stands for all its dtypes."""
    chosen = [case for case in CASES if case.runs_on(device) and case.id not in skip]
    if is_compiling:
        chosen = [case for case in chosen if case.compiles]
    if only:
        chosen = [case for case in chosen if case.name in only or case.id in only]
    return sorted(chosen, key=lambda case: -case.value)


def main() -> int:
    """Say the cases, or run them: all of them a few times first, then the suspects that were steady so far more often."""
    options = _parser().parse_args()
    # Libraries print; messages must not be mixed with that.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(record: dict[str, Any]) -> None:
        out.write(json.dumps(record, sort_keys=True) + "\n")
        out.flush()

    is_compiling = options.mode.startswith("compile:")
    cases = chosen_cases(options.device, set(options.only), set(options.skip), is_compiling=is_compiling)
    if options.alone:
        return run_alone(options.alone, options.budget, options.only)
    if options.list:
        for case in cases:
            say(
                {
                    "kind": "listed",
                    "name": case.name,
                    "dtype": case.dtype,
                    "value": case.value,
                    "suspect": case.suspect,
                    "compiles": case.compiles,
                }
            )
        return 0
    # Threads that wait by spinning take the cores from those they wait for where others want them too: with another program
    # on each core 129 of 170 cases were not reached, with this 5. It decides when threads wake, not what they compute.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import torch
    except BaseException as error:
        say({"kind": "no-torch", "message": _told(error)})
        return 3
    warnings.simplefilter("ignore")
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        more = _prepare(torch, options)
        say(
            {
                "kind": "start",
                "protocol": PROTOCOL,
                "mode": options.mode,
                "device": options.device,
                **facts(torch, options.device),
            }
        )
    except Exception as error:
        say({"kind": "no-device", "message": _told(error)})
        return 4
    deadline = time.monotonic() + options.budget
    passes = [(cases, options.repeats), ([case for case in cases if case.suspect], SUSPECT_REPEATS)]
    outcomes = {case.id: Outcomes() for case in cases}
    for number, (chosen, repeats) in enumerate(passes):
        for case in chosen:
            if number > 0 and (outcomes[case.id].varies or not outcomes[case.id].digests):
                continue
            identity = {
                "kind": "case",
                "name": case.name,
                "dtype": case.dtype,
                "device": options.device,
                "mode": options.mode,
            }
            if time.monotonic() >= deadline:
                if number == 0:
                    say({**identity, "state": "not-reached", "message": NO_TIME})
                continue
            say({**identity, "state": "begun"})
            more()
            record = run_case(
                torch, case, options.device, repeats, deadline, outcomes[case.id], is_compiling=is_compiling
            )
            say({**identity, **record})
            # A kernel that went wrong takes the device from this process, not from the next one.
            if record["state"] == "failed" and options.device != "cpu" and not is_usable(torch, options.device):
                say({"kind": "device-lost", "message": record["message"]})
                return 6
    peak = torch.cuda.max_memory_allocated(options.device) if options.device.startswith("cuda") else None
    say({"kind": "end", "mode": options.mode, "device": options.device, "peak_device_memory": peak})
    return 0


def _end_with_parent(parent: int) -> None:
    """End when whoever started this is gone: nobody hears the results, and the machine should have its cores back."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(5)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="battery", description="Repeats operations of torch and compares them bit for bit."
    )
    parser.add_argument("--mode", default="default")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--budget", type=float, default=10.0, help="seconds, counted from the first case")
    parser.add_argument("--memory", type=int, default=2 * 1024**3, help="bytes on the device")
    parser.add_argument("--only", action="append", default=[], help="a case by name or name/dtype; may be repeated")
    parser.add_argument("--skip", action="append", default=[], help="a case by name/dtype; may be repeated")
    parser.add_argument("--alone", metavar="FILE", help="run every mode on every device and write all lines to FILE")
    parser.add_argument("--list", action="store_true", help="say the cases and end")
    return parser


def _prepare(torch: Any, options: argparse.Namespace) -> Callable[[], None]:
    """Set limits and flags; gives what has to run before each case."""
    if options.device.startswith("cuda"):
        torch.cuda.set_device(options.device)
    limit_memory(torch, options.device, options.memory)
    if not is_usable(torch, options.device):
        torch.ones(8, device=options.device)  # Says why.
        raise RuntimeError("the device does not compute")
    set_mode(torch, options.mode)
    return busy_stream(torch, options.device) if options.mode == "stream" else lambda: None


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n", maxsplit=1)[0][:500]


if __name__ == "__main__":
    sys.exit(main())
