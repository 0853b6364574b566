from __future__ import annotations

import getpass
import json
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest

from repro_gui.facts.machine import Gpu, Machine
from repro_gui.gather.machine import describe_machine, read_cpu, read_gpus


def test_fingerprint_describes_this_machine_and_nobody() -> None:
    found = describe_machine()
    assert found.memory_bytes > 0
    assert found.cpu.model
    assert found.cpu.architecture
    assert 1 <= found.cpu.usable_cores <= found.cpu.logical_cores
    assert found.system
    assert found.kernel
    assert bool(found.gpus) != bool(found.gpu_reason)
    values = json.dumps(found.as_values("3.11.9"))
    assert '"project_python": "3.11.9"' in values
    for private in (socket.gethostname(), str(Path.home()), f'"{getpass.getuser()}"'):
        assert private not in values


@pytest.mark.skipif(sys.platform != "linux", reason="glibc and /proc/cpuinfo are Linux")
def test_fingerprint_on_linux_names_libc_and_flags() -> None:
    found = describe_machine()
    assert found.libc
    assert found.cpu.flags == tuple(sorted(found.cpu.flags))
    assert found.cpu.flags


def test_arm_processor_without_a_model_name() -> None:
    found = read_cpu(
        "processor : 0\nFeatures : fp asimd evtstrm aes sve i8mm bf16\nCPU implementer : 0x41\nCPU part : 0xd40\n"
    )
    assert found.model == "ARM implementer 0x41 part 0xd40"
    assert found.flags == ("asimd", "bf16", "i8mm", "sve")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "No NVIDIA driver is installed."),
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "The NVIDIA driver is installed but not loaded."),
        (pynvml.NVML_ERROR_NO_PERMISSION, "There is no permission to ask the NVIDIA driver."),
        (pynvml.NVML_ERROR_UNKNOWN, "The NVIDIA driver does not answer (Unknown Error)."),
    ],
)
def test_no_gpu_is_a_sentence(monkeypatch: pytest.MonkeyPatch, code: int, sentence: str) -> None:
    def refuse() -> None:
        raise pynvml.NVMLError(code)

    monkeypatch.setattr(pynvml, "nvmlInit", refuse)
    gpus, driver, cuda, reason = read_gpus()
    assert (gpus, driver, cuda, str(reason)) == ((), "", "", sentence)


def test_gpu_that_does_not_tell_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    answers = {
        "nvmlInit": None,
        "nvmlShutdown": None,
        "nvmlDeviceGetCount": 1,
        "nvmlDeviceGetHandleByIndex": "device",
        "nvmlDeviceGetName": b"Tesla T4",
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=16 * 1024**3),
        "nvmlDeviceGetCudaComputeCapability": (7, 5),
        "nvmlDeviceGetEccMode": (1, 0),
        "nvmlSystemGetDriverVersion": "550.54.15",
        "nvmlSystemGetCudaDriverVersion_v2": 12040,
    }
    for name in dir(pynvml):
        if name.startswith(("nvmlDeviceGet", "nvmlSystemGet")) or name in answers:
            answer = (lambda *_, value=answers[name]: value) if name in answers else unsupported
            monkeypatch.setattr(pynvml, name, answer)
    gpus, driver, cuda, reason = read_gpus()
    assert gpus == (Gpu("Tesla T4", 16 * 1024**3, "7.5", ecc="on"),)
    assert (driver, cuda, reason) == ("550.54.15", "12.4", None)
    values = Machine(gpus=(Gpu("A", uuid="GPU-1"),)).as_values()
    assert values["gpus"] == [{"model": "A"}]
