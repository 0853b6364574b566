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


def synchroniser(torch: Any, device: str) -> Callable[[], None]:
    """What waits until a device has done all that it was told; CUDA's interface serves ROCm too."""
    kind = device.split(":", 1)[0]
    if kind == "cuda":
        return lambda: torch.cuda.synchronize(device)
    if kind == "mps":
        return lambda: torch.mps.synchronize()
    return lambda: None


def limit_memory(torch: Any, device: str, most: int) -> None:
    """Let this process take at most so many bytes of a device; where it cannot be told how large that is, leave it."""
    kind = device.split(":", 1)[0]
    if kind == "cuda":
        share = min(1.0, most / torch.cuda.get_device_properties(device).total_memory)
        torch.cuda.set_per_process_memory_fraction(share, device)
    if kind == "mps" and hasattr(torch.mps, "recommended_max_memory"):
        torch.mps.set_per_process_memory_fraction(min(1.0, most / torch.mps.recommended_max_memory()))


def is_usable(torch: Any, device: str) -> bool:
    """Whether a device still computes: after some errors nothing does until the process has ended."""
    try:
        value = torch.ones(8, device=device) + 1
        synchroniser(torch, device)()
        return bool(value.cpu().sum().item() == 16)
    except Exception:
        return False


def devices_seen(torch: Any) -> list[str]:
    """The devices other than the CPU that this torch can use, without touching them."""
    count = guarded(torch.cuda.device_count)
    found = ["cuda:" + str(number) for number in range(count if isinstance(count, int) else 0)]
    if guarded(lambda: torch.backends.mps.is_available()):
        found.append("mps")
    return found


def backend_of(torch: Any, device: str) -> str:
    """What computes: `cpu`, `cuda`, `rocm` (which torch calls cuda) or `mps`."""
    kind = device.split(":", 1)[0]
    return "rocm" if kind == "cuda" and guarded(lambda: torch.version.hip) else kind


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
        "backend": backend_of(torch, device),
        "devices": devices_seen(torch),
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
        "gpu": _gpu(torch, device, properties),
    }


def _gpu(torch: Any, device: str, properties: Any) -> dict[str, Any] | None:
    if device == "mps":
        return {
            "name": guarded(lambda: torch.backends.mps.get_name()) or "Apple GPU",
            "memory_bytes": guarded(lambda: torch.mps.recommended_max_memory()),
        }
    if properties is None:
        return None
    return {
        "name": properties.name,
        "memory_bytes": properties.total_memory,
        "capability": f"{properties.major}.{properties.minor}",
        # ROCm's word for the kernels that fit.
        "architecture": guarded(lambda: properties.gcnArchName),
        "multiprocessors": properties.multi_processor_count,
        "uuid": guarded(lambda: str(properties.uuid)),
    }
