"""Job Objects of Windows: a program and everything that it starts, ended together, at the latest with this process."""

from __future__ import annotations

import ctypes
import sys

# CREATE_SUSPENDED | CREATE_NO_WINDOW: nothing runs before the program is in its job. 0 elsewhere.
CREATION_FLAGS = 0x0000_0004 | 0x0800_0000 if sys.platform == "win32" else 0

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMITS = 9


class _BasicLimits(ctypes.Structure):
    # JOBOBJECT_BASIC_LIMIT_INFORMATION
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("smallest", ctypes.c_size_t),
        ("largest", ctypes.c_size_t),
        ("active", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
    _fields_ = (
        ("basic", _BasicLimits),
        ("transfers", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process", ctypes.c_size_t),
        ("peak_job", ctypes.c_size_t),
    )


def put_into_job(process: int) -> int:
    """Put a suspended program (its handle) into a job that ends with us, let it run, and return the job's handle."""
    kernel = _kernel()
    job = int(kernel.CreateJobObjectW(None, None) or 0)
    limits = _ExtendedLimits()
    limits.basic.flags = _KILL_ON_JOB_CLOSE
    kernel.SetInformationJobObject(_handle(job), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(_handle(job), _handle(process))
    _library("ntdll").NtResumeProcess(_handle(process))
    return job


def end_job(job: int) -> None:
    """End everything in a job; a second time does nothing."""
    kernel = _kernel()
    kernel.TerminateJobObject(_handle(job), 1)
    kernel.CloseHandle(_handle(job))


def _handle(value: int) -> ctypes.c_void_p:
    return ctypes.c_void_p(value)


def _kernel() -> ctypes.CDLL:
    kernel = _library("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    return kernel


def _library(name: str) -> ctypes.CDLL:
    if sys.platform == "win32":
        return ctypes.WinDLL(name, use_last_error=True)
    problem = f"{name} is of Windows only"
    raise OSError(problem)
