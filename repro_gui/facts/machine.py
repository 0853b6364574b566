"""The machine that audits: its fingerprint. Holds no host name, user name, serial number or path."""

from __future__ import annotations

from typing import Any

import msgspec

from repro_gui.text import Text


class Cpu(msgspec.Struct, frozen=True):
    """The processor as programs see it.

    `flags` are the capability flags that change floating-point results (SSE to AVX-512, AMX, NEON, SVE), sorted.
    `usable_cores` is what affinity and control groups leave to a process: the default thread count of most libraries.
    """

    model: str = ""
    architecture: str = ""
    flags: tuple[str, ...] = ()
    physical_cores: int = 0
    logical_cores: int = 0
    usable_cores: int = 0


class Gpu(msgspec.Struct, frozen=True):
    """One GPU as NVML describes it.

    Memory in bytes, clocks in MHz, `None` where the device does not tell. `uuid` joins it to the devices of torch and
    stays out of reports. `ecc` and `mig` are "on", "off" or "" (not supported).
    """

    model: str
    memory_bytes: int | None = None
    compute_capability: str = ""
    ecc: str = ""
    mig: str = ""
    compute_mode: str = ""
    sm_clock_mhz: int | None = None
    max_sm_clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    max_memory_clock_mhz: int | None = None
    uuid: str = ""


class Machine(msgspec.Struct, frozen=True):
    """What of a machine can change the bits of a result; `gpu_reason` says why no GPU is listed."""

    cpu: Cpu = Cpu()
    memory_bytes: int = 0
    system: str = ""
    system_version: str = ""
    kernel: str = ""
    libc: str = ""
    gpus: tuple[Gpu, ...] = ()
    gpu_reason: Text | None = None
    driver: str = ""
    cuda_driver: str = ""

    def as_values(self, project_python: str = "") -> dict[str, Any]:
        """The fingerprint for reports: JSON values by name; what is not known is left out.

        `project_python` is the version of the project's interpreter, which the facts about its environment know.
        """
        values: dict[str, Any] = {
            "cpu": self.cpu.model,
            "architecture": self.cpu.architecture,
            "cpu_flags": list(self.cpu.flags),
            "physical_cores": self.cpu.physical_cores,
            "logical_cores": self.cpu.logical_cores,
            "usable_cores": self.cpu.usable_cores,
            "memory_bytes": self.memory_bytes,
            "system": self.system,
            "system_version": self.system_version,
            "kernel": self.kernel,
            "libc": self.libc,
            "project_python": project_python,
            "gpu_driver": self.driver,
            "cuda_driver": self.cuda_driver,
            "gpus": [_gpu_values(gpu) for gpu in self.gpus],
            "gpu_reason": str(self.gpu_reason) if self.gpu_reason else "",
        }
        return {name: value for name, value in values.items() if value not in ("", 0, [])}


def _gpu_values(gpu: Gpu) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.structs.asdict(gpu)
    del values["uuid"]
    return {name: value for name, value in values.items() if value not in ("", None)}
