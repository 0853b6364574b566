"""Describes the machine that audits: processor, memory, system and GPUs, but never its name or its people.

Nothing is run for it. The GPU is asked through NVML, the library of the NVIDIA driver; where there is none, or it
refuses, the fingerprint says so in one sentence.
"""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Any

import psutil

from repro_gui.facts.machine import Cpu, Gpu, Machine
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Flags of x86 and ARM that decide which kernels numeric libraries choose.
_NUMERIC_FLAGS = re.compile(
    "ss?se[0-9_a]*|avx.*|fma[0-9]*|f16c|bmi[12]|amx.*|xop|neon|asimd.*|sve.*|sme(?!p).*|.*bf16|.*i8mm|fphp|vsx"
)
# Longest answer of the files of /proc that is read.
_LONGEST = 1024 * 1024


def gather_machine(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Machine:
    """The fingerprint of this machine, the same for every project."""
    del opened, tree, settings, cache
    progress.step(text("Describing this machine"), 0, 0)
    return describe_machine()


def describe_machine() -> Machine:
    """The fingerprint of this machine."""
    gpus, driver, cuda_driver, reason = read_gpus()
    libc, libc_version = platform.libc_ver()
    return Machine(
        cpu=read_cpu(),
        memory_bytes=psutil.virtual_memory().total,
        system=_system_name(),
        system_version=_system_version(),
        kernel=platform.release(),
        libc=f"{libc} {libc_version}".strip(),
        gpus=gpus,
        gpu_reason=reason,
        driver=driver,
        cuda_driver=cuda_driver,
    )


def read_cpu(proc_cpuinfo: str | None = None) -> Cpu:
    """The processor; `proc_cpuinfo` is the text of `/proc/cpuinfo` where it is not this machine's."""
    listed = _cpuinfo(_read("/proc/cpuinfo") if proc_cpuinfo is None else proc_cpuinfo)
    flags = (listed.get("flags") or listed.get("Features") or "").split()
    return Cpu(
        model=listed.get("model name") or listed.get("Hardware") or _arm_model(listed) or platform.processor(),
        architecture=platform.machine(),
        flags=tuple(sorted({flag for flag in flags if _NUMERIC_FLAGS.fullmatch(flag)})),
        physical_cores=psutil.cpu_count(logical=False) or 0,
        logical_cores=psutil.cpu_count() or 0,
        usable_cores=_usable_cores(),
    )


def read_gpus() -> tuple[tuple[Gpu, ...], str, str, Text | None]:
    """GPUs, driver version, CUDA version of the driver, and the reason where no GPU can be listed."""
    try:
        import pynvml
    except ImportError:
        return (), "", "", text("The library that asks for NVIDIA GPUs is not installed.")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return (), "", "", _why_no_gpu(pynvml, error)
    try:
        gpus = tuple(_gpu(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount()))
        driver = _asked(pynvml.nvmlSystemGetDriverVersion) or ""
        version = _asked(pynvml.nvmlSystemGetCudaDriverVersion_v2)
        cuda = f"{version // 1000}.{version % 1000 // 10}" if version else ""
        reason = None if gpus else text("The NVIDIA driver is here, but it lists no GPU.")
        return gpus, _string(driver), cuda, reason
    except pynvml.NVMLError as error:
        return (), "", "", _why_no_gpu(pynvml, error)
    finally:
        _asked(pynvml.nvmlShutdown)


def _gpu(pynvml: Any, index: int) -> Gpu:
    device = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = _asked(pynvml.nvmlDeviceGetMemoryInfo, device)
    capability = _asked(pynvml.nvmlDeviceGetCudaComputeCapability, device)
    ecc = _asked(pynvml.nvmlDeviceGetEccMode, device)
    mig = _asked(pynvml.nvmlDeviceGetMigMode, device)
    mode = _asked(pynvml.nvmlDeviceGetComputeMode, device)
    modes = {0: "default", 1: "exclusive-thread", 2: "prohibited", 3: "exclusive-process"}
    return Gpu(
        model=_string(_asked(pynvml.nvmlDeviceGetName, device) or ""),
        memory_bytes=memory.total if memory is not None else None,
        compute_capability=f"{capability[0]}.{capability[1]}" if capability else "",
        ecc=_on_or_off(ecc),
        mig=_on_or_off(mig),
        compute_mode=modes.get(mode, "") if mode is not None else "",
        sm_clock_mhz=_asked(pynvml.nvmlDeviceGetClockInfo, device, pynvml.NVML_CLOCK_SM),
        max_sm_clock_mhz=_asked(pynvml.nvmlDeviceGetMaxClockInfo, device, pynvml.NVML_CLOCK_SM),
        memory_clock_mhz=_asked(pynvml.nvmlDeviceGetClockInfo, device, pynvml.NVML_CLOCK_MEM),
        max_memory_clock_mhz=_asked(pynvml.nvmlDeviceGetMaxClockInfo, device, pynvml.NVML_CLOCK_MEM),
        uuid=_string(_asked(pynvml.nvmlDeviceGetUUID, device) or ""),
    )


def _asked(question: Callable[..., Any], *arguments: object) -> Any:
    """The answer of NVML; None for what this device or driver does not support or does not tell this user."""
    import pynvml

    try:
        return question(*arguments)
    except (pynvml.NVMLError, AttributeError, UnicodeDecodeError):
        return None


def _why_no_gpu(pynvml: Any, error: Exception) -> Text:
    code = getattr(error, "value", 0)
    if code == pynvml.NVML_ERROR_LIBRARY_NOT_FOUND:
        return text("No NVIDIA driver is installed.")
    if code == pynvml.NVML_ERROR_DRIVER_NOT_LOADED:
        return text("The NVIDIA driver is installed but not loaded.")
    if code == pynvml.NVML_ERROR_NO_PERMISSION:
        return text("There is no permission to ask the NVIDIA driver.")
    if code == pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH:
        return text("The NVIDIA driver and its library have different versions; a restart of the machine mends that.")
    return text("The NVIDIA driver does not answer ({error}).", error=str(error))


def _on_or_off(answer: Iterable[int] | None) -> str:
    """The first of (current, pending) as a word."""
    return "" if answer is None else "on" if next(iter(answer)) else "off"


def _string(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _cpuinfo(listed: str) -> dict[str, str]:
    """The first processor's fields."""
    fields: dict[str, str] = {}
    for line in listed.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
    return fields


def _arm_model(listed: dict[str, str]) -> str:
    implementer, part = listed.get("CPU implementer", ""), listed.get("CPU part", "")
    return f"ARM implementer {implementer} part {part}" if implementer else ""


def _usable_cores() -> int:
    """What affinity and the control group leave to one process, at least 1."""
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else psutil.cpu_count() or 1
    quota, _, period = _read("/sys/fs/cgroup/cpu.max").strip().partition(" ")
    if quota.isdecimal() and period.isdecimal() and int(period):
        cores = min(cores, max(1, -(-int(quota) // int(period))))
    return cores


def _system_name() -> str:
    names = {"Windows": "Windows", "Darwin": "macOS"}
    return _os_release().get("NAME", "") or names.get(platform.system(), platform.system())


def _system_version() -> str:
    return _os_release().get("VERSION_ID", "") or platform.mac_ver()[0] or platform.version()


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST)
    except OSError:
        return ""
