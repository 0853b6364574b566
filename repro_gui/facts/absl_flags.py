"""Command line flags of absl, which TensorFlow 1 has as its own."""

from __future__ import annotations

_MODULES = (
    "absl.flags",
    "tensorflow.app.flags",
    "tensorflow.flags",
    "tensorflow.compat.v1.app.flags",
    "tensorflow.compat.v1.flags",
)
# Under these names the values of all flags are found, wherever they are defined.
PARSED_FLAGS = frozenset(f"{module}.FLAGS" for module in _MODULES)
_DEFINING = tuple(f"{module}.DEFINE_" for module in _MODULES)
_KINDS = frozenset({"string", "integer", "float", "boolean", "bool", "enum", "list", "multi_string"})


def defines_flag(name: str) -> bool:
    """Whether calling a name defines a flag: `DEFINE_integer(name, default, help)`."""
    return name.startswith(_DEFINING) and name.rpartition("DEFINE_")[2] in _KINDS


def default_position(name: str) -> int:
    """Where the default of an option stands in the call that defines it; -1 where it is given by its name only."""
    return 1 if defines_flag(name) else -1
