"""The flags of a process, set and read."""

from __future__ import annotations

import os
import platform
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def set_mode(torch: Any, mode: str) -> None:
    """Set the process-wide flags of a mode."""
    if mode in ("strict", "warn"):
        torch.use_deterministic_algorithms(mode=True, warn_only=mode == "warn")
        torch.backends.cudnn.benchmark = False
    elif mode == "benchmark":
        torch.backends.cudnn.benchmark = True
    elif mode == "tf32":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
    elif mode == "no-tf32":
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    elif mode.startswith("threads:"):
        torch.set_num_threads(int(mode.split(":")[1]))


def busy_stream(torch: Any, device: str) -> Callable[[], None]:
    """Keep a second stream of the device busy; what returns must be kept alive."""
    stream = torch.cuda.Stream(device=device)
    weight = torch.randn(512, 512, device=device)

    def more() -> None:
        with torch.cuda.stream(stream):
            value = weight
            for _ in range(20):
                value = (value @ weight).clamp(-1, 1)

    return more


def guarded(read: Callable[[], Any]) -> str | float | bool | None:
    """A flag's value, or None where this torch does not have it or refuses to tell."""
    try:
        value = read()
    except Exception:
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def facts(torch: Any, device: str) -> dict[str, Any]:
    """What of this process and torch can change bits."""
    cuda = device.startswith("cuda")
    properties = torch.cuda.get_device_properties(device) if cuda else None
    return {
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "system": platform.system(),
        "architecture": platform.machine(),
        "debug": guarded(lambda: torch.version.debug),
        "build": guarded(lambda: torch.__config__.show()),
        "parallel": guarded(lambda: torch.__config__.parallel_info()),
        "capability": guarded(lambda: torch.backends.cpu.get_cpu_capability()),
        "threads": torch.get_num_threads(),
        "interop_threads": torch.get_num_interop_threads(),
        "mkl": guarded(lambda: torch.backends.mkl.is_available()),
        "onednn": guarded(lambda: torch.backends.mkldnn.is_available()),
        "cuda": torch.version.cuda,
        "hip": guarded(lambda: torch.version.hip),
        "cudnn": guarded(lambda: torch.backends.cudnn.version()) if cuda else None,
        "nccl": guarded(lambda: ".".join(map(str, torch.cuda.nccl.version()))) if cuda else None,
        "deterministic_algorithms": guarded(lambda: torch.are_deterministic_algorithms_enabled()),
        "cudnn_benchmark": guarded(lambda: torch.backends.cudnn.benchmark),
        "cudnn_deterministic": guarded(lambda: torch.backends.cudnn.deterministic),
        "matmul_fp32_precision": guarded(lambda: torch.backends.cuda.matmul.fp32_precision),
        "conv_fp32_precision": guarded(lambda: torch.backends.cudnn.conv.fp32_precision),
        "environment": {
            name: os.environ[name]
            for name in (
                "OMP_NUM_THREADS",
                "MKL_NUM_THREADS",
                "MKL_CBWR",
                "ATEN_CPU_CAPABILITY",
                "ONEDNN_MAX_CPU_ISA",
                "CUBLAS_WORKSPACE_CONFIG",
                "NVIDIA_TF32_OVERRIDE",
            )
            if name in os.environ
        },
        "gpu": None
        if properties is None
        else {
            "name": properties.name,
            "memory_bytes": properties.total_memory,
            "capability": f"{properties.major}.{properties.minor}",
            "multiprocessors": properties.multi_processor_count,
            "uuid": guarded(lambda: str(properties.uuid)),
        },
    }
