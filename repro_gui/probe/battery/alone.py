"""Runs every mode on every device without Repro GUI, for a machine that has only Python and torch."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MODES = ("default", "strict", "warn", "fresh", "compile:cold", "compile:warm")
# A compilation cannot be asked to hurry, so that it is ended from outside.
START_SECONDS = 120.0


def run_alone(path: str, budget: float, only: Sequence[str]) -> int:
    """Write the lines of one process per mode and device to a file, which `repro-gui probe --import` reads.

    A process that a case takes down is not started again: its other cases count as not reached.
    """
    arguments = [part for name in only for part in ("--only", name)]
    with open(path, "wb") as out:
        for device in devices():
            with tempfile.TemporaryDirectory(prefix="battery-") as folder:
                environment = dict(os.environ)
                environment["TORCHINDUCTOR_CACHE_DIR"] = folder
                environment["TORCHINDUCTOR_FX_GRAPH_CACHE"] = "1"
                for mode in MODES:
                    sys.stderr.write(f"{device}: {mode}\n")
                    out.flush()
                    command = [sys.executable, "-I", sys.argv[0], "--mode", mode, "--device", device]
                    try:
                        subprocess.run(
                            [*command, "--budget", str(budget), *arguments],
                            stdout=out,
                            env=environment,
                            check=False,
                            timeout=START_SECONDS + 2 * budget,
                        )
                    except subprocess.TimeoutExpired:
                        sys.stderr.write(f"{device}: {mode} took too long and was ended\n")
    sys.stderr.write(f"Take {path} to the machine with Repro GUI: repro-gui probe PATH --import {path}\n")
    return 0


def devices() -> list[str]:
    """The CPU, and what else torch sees; asked in a process of its own, which leaves no context behind."""
    script = (
        "import torch; print('\\n'.join('cuda:' + str(n) for n in range(torch.cuda.device_count())));"
        "print('mps' if hasattr(torch.backends, 'mps') and torch.backends.mps.is_available() else '')"
    )
    said = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    return ["cpu", *said.stdout.split()]
