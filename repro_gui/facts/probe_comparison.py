"""Two probes side by side: where machines and libraries differ, what can be expected to agree, and what did."""

from __future__ import annotations

from typing import Any

import msgspec

from repro_gui.facts.determinism import Determinism, ModeState
from repro_gui.text import Text, text


class Difference(msgspec.Struct, frozen=True):
    """One property that differs, and what that means for bits.

    `breaks` is true where equal bits are not to be expected, false where they may still be equal.
    """

    name: str
    left: str
    right: str
    breaks: bool
    meaning: Text


class ProbeComparison(msgspec.Struct, frozen=True):
    """Differences of the fingerprints, and the cases whose first outcome was bit-identical or not on the two machines.

    Only cases that were steady on both sides are compared.
    """

    differences: tuple[Difference, ...]
    equal: tuple[str, ...]
    different: tuple[str, ...]
    uncompared: int

    @property
    def can_agree(self) -> bool:
        """True when no property differs that breaks bit-equality."""
        return not any(difference.breaks for difference in self.differences)


# Where a property stands in the fingerprint, whether another value breaks bits, and what it means. The meanings are those of
# torch's note on reproducibility (no promise across releases, platforms, CPU and GPU), NVIDIA's on cuBLAS (same
# toolkit, architecture and number of multiprocessors), and our measurements with torch 2.13 on CPUs.
_RULES: tuple[tuple[tuple[str, ...], bool, str], ...] = (
    (("torch", "torch"), True, "torch promises equal results only within one release."),
    (("torch", "cuda"), True, "Another CUDA toolkit brings other kernels."),
    (("torch", "hip"), True, "Another ROCm brings other kernels."),
    (("torch", "cudnn"), True, "Another cuDNN chooses other convolutions."),
    (("torch", "nccl"), False, "Sums over several GPUs can be ordered differently."),
    (("torch", "gpu", "capability"), True, "Another GPU architecture runs other kernels."),
    (("torch", "gpu", "multiprocessors"), True, "Kernels split their work by the number of multiprocessors."),
    (("torch", "gpu", "name"), False, "Another model of the same architecture may agree; it is not promised."),
    (("torch", "capability"), True, "Another instruction set changes reductions, softmax and attention on the CPU."),
    (("torch", "threads"), True, "Another number of threads changes sums, dot products and gradients of convolutions."),
    (("torch", "mkl"), True, "Another library multiplies matrices."),
    (("torch", "onednn"), True, "Another library convolves."),
    (("torch", "environment"), False, "A variable that libraries read differs."),
    (("torch", "python"), False, "Python itself does not change tensors; hashing and libraries may."),
    (("cpu",), False, "Another processor with the same instruction set usually agrees; it is not promised."),
    (("architecture",), True, "Another processor architecture runs other code."),
    (("system",), True, "Builds for another operating system use other libraries."),
    (("libc",), False, "Elementary functions of the C library can differ in the last bit."),
    (("gpu_driver",), False, "The driver compiles some kernels itself."),
)


def compare_probes(left: Determinism, right: Determinism) -> ProbeComparison:
    """Compare two probes; properties that neither knows are not mentioned."""
    differences = []
    for path, breaks, meaning in _RULES:
        here, there = _at(left.fingerprint, path), _at(right.fingerprint, path)
        if here != there and not (here in ("", None) and there in ("", None)):
            differences.append(Difference(" ".join(path), str(here or "–"), str(there or "–"), breaks, text(meaning)))
    ours, theirs = _steady_digests(left), _steady_digests(right)
    both = ours.keys() & theirs.keys()
    return ProbeComparison(
        tuple(differences),
        equal=tuple(sorted(key for key in both if ours[key] == theirs[key])),
        different=tuple(sorted(key for key in both if ours[key] != theirs[key])),
        uncompared=len(ours.keys() | theirs.keys()) - len(both),
    )


def _at(fingerprint: dict[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = fingerprint
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _steady_digests(probe: Determinism) -> dict[str, str]:
    """First digests by case and kind of device, of cases that were steady in the default mode."""
    found: dict[str, str] = {}
    for case in probe.cases:
        default = case.modes.get("default")
        if default is not None and default.state is ModeState.RAN and default.distinct == 1:
            found[f"{case.name}/{case.dtype} ({case.device.split(':', 1)[0]})"] = default.digest
    return found
