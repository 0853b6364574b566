"""GPU driver, CUDA and cuDNN as somebody recorded them: in a file of the project, in pins, or in the probe that was kept."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from repro_gui.facts.configs import ConfigFile, Configs, Setting
from repro_gui.facts.determinism import Determinism
from repro_gui.facts.environment import Environment
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

# The file that a fix writes; any configuration file with such names and versions counts.
RECORD = "gpu-stack.json"

_DRIVER = ("gpu_driver", "nvidia_driver", "nvidia_driver_version", "gpu_driver_version", "driver_version")
# What the program is built with says more than what the driver can do.
_CUDA = ("cuda", "cuda_version", "cuda_runtime", "cuda_toolkit", "cuda_driver", "cuda_driver_version")
_CUDNN = ("cudnn", "cudnn_version")
_VERSION = re.compile(r"v?\d+(\.\d+)+|\d{4,6}")
_CUDA_PACKAGE = re.compile(
    r"nvidia-(cuda-runtime|cudnn)(-cu\d+)?|cudatoolkit|cuda-toolkit|pytorch-cuda|cuda-version|cudnn"
)
_CUDA_BUILD = re.compile(r"\+cu\d{2,3}|cuda\d+\.?\d*")


class GpuStack(msgspec.Struct, frozen=True):
    """A record of the driver and of CUDA; `location` is None where it lies outside the project, in the kept probe."""

    driver: str
    cuda: str
    cudnn: str = ""
    location: Location | None = None

    @property
    def why(self) -> Text:
        """The record in one sentence."""
        values = {"driver": self.driver, "cuda": self.cuda}
        if self.location is None:
            return text(
                "The kept probe of this machine names driver {driver} and CUDA {cuda}; the project does not.", **values
            )
        return text("{path} names driver {driver} and CUDA {cuda}.", path=self.location.path, **values)


def recorded_stack(configs: Configs | Unavailable, determinism: Determinism | Unavailable) -> GpuStack | None:
    """The record that names the driver and CUDA: a file of the project before the kept probe; None without one."""
    for file in configs.files if isinstance(configs, Configs) else ():
        driver, cuda, cudnn = (_version_in(file, names) for names in (_DRIVER, _CUDA, _CUDNN))
        if driver is not None and cuda is not None:
            return GpuStack(
                str(driver.value), str(cuda.value), str(cudnn.value) if cudnn else "", file.location(driver)
            )
    return probed_stack(determinism)


def _version_in(file: ConfigFile, names: tuple[str, ...]) -> Setting | None:
    """The setting of the first of the names whose value is a version (`cuda: true` is none)."""
    for name in names:
        for setting in file.settings:
            is_number = isinstance(setting.value, str | int | float) and not isinstance(setting.value, bool)
            is_named = setting.name.lower().replace("-", "_") == name
            if is_named and is_number and _VERSION.fullmatch(str(setting.value)):
                return setting
    return None


def probed_stack(determinism: Determinism | Unavailable) -> GpuStack | None:
    """What the kept probe says of the machine that it ran on; None where that had no GPU, or no probe was kept."""
    if isinstance(determinism, Unavailable):
        return None
    torch = _torch_of(determinism)
    driver = determinism.fingerprint.get("gpu_driver")
    cuda = torch.get("cuda") or determinism.fingerprint.get("cuda_driver")
    if not isinstance(driver, str) or not driver or not isinstance(cuda, str):
        return None
    return GpuStack(driver, cuda, str(torch.get("cudnn") or ""))


def stack_record(determinism: Determinism) -> bytes:
    """The file that records what the probe saw of the GPU and its libraries."""
    torch = _torch_of(determinism)
    gpus = determinism.fingerprint.get("gpus")
    models = (
        [gpu["model"] for gpu in gpus if isinstance(gpu, dict) and "model" in gpu] if isinstance(gpus, list) else []
    )
    values = {
        "recorded": determinism.when,
        "gpus": models,
        "gpu_driver": determinism.fingerprint.get("gpu_driver"),
        "cuda_driver": determinism.fingerprint.get("cuda_driver"),
        **{name: torch.get(name) for name in ("cuda", "cudnn", "nccl", "torch", "python")},
    }
    kept = {name: value for name, value in values.items() if value not in (None, "", [])}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"


def _torch_of(determinism: Determinism) -> dict[str, Any]:
    found = determinism.fingerprint.get("torch")
    return found if isinstance(found, dict) else {}


def pinned_cuda(environment: Environment) -> tuple[str, Location] | None:
    """What fixes the version of CUDA among pins, locks and base images, and where; the driver is none of theirs."""
    for image in environment.images:
        if "cuda" in f"{image.name}:{image.tag}".lower() and re.search(r"\d+\.\d+", image.tag):
            return image.written, image.location
    for name, places in environment.locked.items():
        for lock, package in places:
            if _CUDA_PACKAGE.fullmatch(name) or _CUDA_BUILD.search(package.version):
                return f"{name} {package.version}", Location(lock.path, package.line)
    for name, entries in environment.declared.items():
        for entry in entries:
            is_named = _CUDA_PACKAGE.fullmatch(name) and re.search(r"\d+\.\d+", entry.specifier or entry.version)
            if is_named or _CUDA_BUILD.search(entry.version) or (entry.is_conda and _CUDA_BUILD.search(entry.revision)):
                return entry.written, entry.location
    return None
