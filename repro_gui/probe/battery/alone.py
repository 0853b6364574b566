"""Runs every mode on every device without Repro GUI, for a machine that has only Python and torch."""

from __future__ import annotations

import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MODES = ("default", "strict", "warn", "fresh")


def run_alone(path: str, budget: float, only: Sequence[str]) -> int:
    """Write the lines of one process per mode and device to a file, which `repro-gui probe --import` reads.

    A process that a case takes down is not started again: its other cases count as not reached.
    """
    arguments = [part for name in only for part in ("--only", name)]
    with open(path, "wb") as out:
        for device in devices():
            for mode in MODES:
                sys.stderr.write(f"{device}: {mode}\n")
                out.flush()
                subprocess.run(
                    [
                        sys.executable,
                        "-I",
                        sys.argv[0],
                        "--mode",
                        mode,
                        "--device",
                        device,
                        "--budget",
                        str(budget),
                        *arguments,
                    ],
                    stdout=out,
                    check=False,
                )
    sys.stderr.write(f"Take {path} to the machine with Repro GUI: repro-gui probe PATH --import {path}\n")
    return 0


def devices() -> list[str]:
    """The CPU, and each CUDA device that torch sees; asked in a process of its own, which leaves no context behind."""
    script = "import torch; print(torch.cuda.device_count())"
    said = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False
    ).stdout.strip()
    return ["cpu"] + [f"cuda:{number}" for number in range(int(said) if said.isdigit() else 0)]
