"""What names mean: scopes and their bindings, derived from a module's events."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from repro_gui.facts.events import Class, Function


class TargetKind(StrEnum):
    """What a name or a call target stands for."""

    OUTSIDE = "outside"  # something of an imported package: `name` is its dotted name there
    BUILTIN = "builtin"  # `name` is "builtins.sorted"
    MODULE = "module"  # a module of the project
    FUNCTION = "function"  # a function or method of the project
    CLASS = "class"  # a class of the project
    VALUE = "value"  # a variable of the project that is neither
    UNKNOWN = "unknown"


class Target(msgspec.Struct, frozen=True):
    """What a dotted name resolves to.

    `name` is canonical: aliases and re-exports followed, "numpy.random.seed", "builtins.open", "pkg.seeding.set_seed". A
    method of what a call returned has the call in its name: "numpy.random.default_rng().shuffle",
    "sklearn.ensemble.RandomForestClassifier().fit". For something of the project `path` is its module and `symbol` its
    qualified name there ("Trainer.fit"). Unknown things have the name "" and, where an attribute is called, the method's
    name in `method` ("fit"): knowledge about method names may still speak about them.
    """

    kind: TargetKind
    name: str = ""
    path: str = ""
    symbol: str = ""
    method: str = ""
    definition: Function | Class | None = None
