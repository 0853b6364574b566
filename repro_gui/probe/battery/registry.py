"""What a case is, and what it makes its inputs with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Run = Callable[[], list[Any]]
    Build = Callable[["Bench"], Run]


class Unsupported(Exception):
    """The case cannot be built with this torch or on this device."""


class Case:
    """One operation in one dtype; `build(bench)` makes its inputs and gives the function to repeat.

    Cases of higher `value` run first. A `suspect` is documented or was seen to vary, and gets more repeats. Those that
    `compiles` run in the modes of torch.compile too: compiling takes seconds each, so that they are few.
    """

    def __init__(
        self,
        name: str,
        dtype: str,
        build: Build,
        value: int,
        devices: tuple[str, ...],
        *,
        suspect: bool,
        compiles: bool,
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.build = build
        self.value = value
        self.devices = devices
        self.suspect = suspect
        self.compiles = compiles

    @property
    def id(self) -> str:
        """Name and dtype."""
        return self.name + "/" + self.dtype

    def runs_on(self, device: str) -> bool:
        """Whether the case is meant for a device; what other devices than CUDA can do is for torch to say."""
        kind = device.split(":", 1)[0]
        return kind in self.devices or (kind != "cpu" and {"cpu", "cuda"} <= set(self.devices))


CASES: list[Case] = []


def case(
    name: str,
    *,
    value: int = 5,
    dtypes: Iterable[str] = ("float32",),
    devices: tuple[str, ...] = ("cpu", "cuda"),
    suspect: bool = False,
    compiles: bool = False,
) -> Callable[[Build], Build]:
    """Enter a builder in the list, once for each dtype."""

    def register(build: Build) -> Build:
        CASES.extend(
            Case(
                name,
                dtype,
                build,
                value,
                devices,
                suspect=suspect,
                # Once is enough: another type is the same program.
                compiles=compiles and dtype == "float32",
            )
            for dtype in dtypes
        )
        return build

    return register


class Bench:
    """What a builder makes its inputs with: the same numbers on every device, from a generator of its own."""

    def __init__(self, torch: Any, device: str, dtype: str, seed: int, *, is_compiling: bool = False) -> None:
        self.torch = torch
        self.is_compiling = is_compiling
        self.device = device
        self.dtype = getattr(torch, dtype)
        self.F = torch.nn.functional
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Any:
        """Standard normal numbers, drawn on the CPU."""
        return self.torch.randn(*shape, generator=self._generator).to(self.device, self.dtype)

    def uniform(self, *shape: int) -> Any:
        """Uniform numbers in [0, 1), drawn on the CPU."""
        return self.torch.rand(*shape, generator=self._generator).to(self.device, self.dtype)

    def integers(self, high: int, *shape: int) -> Any:
        """Uniform integers in [0, high), drawn on the CPU."""
        return self.torch.randint(0, high, shape, generator=self._generator).to(self.device)

    def prepared(self, function: Any) -> Any:
        """A function or module as the mode wants it: itself, or compiled by torch."""
        if not self.is_compiling:
            return function
        if not hasattr(self.torch, "compile"):
            raise Unsupported("torch " + self.torch.__version__ + " has no torch.compile")
        return self.torch.compile(function)

    def gradient(self, function: Callable[..., Any], *inputs: Any) -> Run:
        """A run that returns the output and the gradients of the inputs; the gradient coming in is fixed and uneven."""
        torch = self.torch
        function = self.prepared(function)
        weight: Any = None

        def run() -> list[Any]:
            nonlocal weight
            leaves = [value.detach().clone().requires_grad_(value.is_floating_point()) for value in inputs]
            output = function(*leaves)
            if weight is None:
                weight = (
                    torch.linspace(-1, 1, output.numel(), device=output.device).to(output.dtype).reshape(output.shape)
                )
            output.backward(weight)
            return [output, *(leaf.grad for leaf in leaves if leaf.grad is not None)]

        return run

    def module_gradient(self, module: Any, *inputs: Any) -> Run:
        """Like `gradient`, with the gradients of a module's parameters too."""
        module = module.to(self.device, self.dtype)
        prepared = self.prepared(module)
        torch = self.torch

        def run() -> list[Any]:
            module.zero_grad(set_to_none=True)
            leaves = [value.detach().clone().requires_grad_(value.is_floating_point()) for value in inputs]
            output = prepared(*leaves)
            output = output[0] if isinstance(output, tuple) else output
            weight = torch.linspace(-1, 1, output.numel(), device=output.device).to(output.dtype).reshape(output.shape)
            output.backward(weight)
            grads = [leaf.grad for leaf in leaves if leaf.grad is not None]
            return [
                output,
                *grads,
                *(parameter.grad for parameter in module.parameters() if parameter.grad is not None),
            ]

        return run
