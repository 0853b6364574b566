"""The environment can be made anew.

## Why it matters
Lists and locks are promises. Packages are taken back from the index, wheels are missing for a Python or a platform, a package that
nobody named was there by chance. Whether the promise holds shows only when somebody makes the environment anew.

## How to fix it
`repro-gui rebuild PATH`, or *Rebuild the environment…* in the window, makes a clean environment in a temporary folder from the lock
(else from the list) and tries every import of the project in it. It runs the installers and imports of the packages, so it needs your
trust for the folder. Add what is missing to the list, lock again, and rebuild.

## When to leave it
When a package can only be had inside your organisation: say so in the README.

## References
- uv documentation, “Locking and syncing”.
- Python Packaging User Guide, “Repeatable installs”.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repro_gui.checks.check import (
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.rebuild import Rebuild, RebuildSource, RebuildState, TriedImport, tell_rebuild
from repro_gui.location import Location
from repro_gui.text import text


def find(rebuild: Rebuild) -> Iterator[Observation]:
    if not rebuild.is_current:
        # What speaks of other files is neither a pass nor a fault of these.
        yield NotApplicable(tell_rebuild(rebuild))
        return
    place = Location(rebuild.sources[0].path)
    values: dict[str, str | int | float | bool | None] = {
        "python": rebuild.python,
        "packages": rebuild.packages,
        "seconds": rebuild.install_seconds + rebuild.import_seconds,
        "sha256": rebuild.sources[0].sha256,
        "hashes": rebuild.is_hashed,
    }
    if rebuild.state is RebuildState.NOT_INSTALLED:
        yield Finding(tell_rebuild(rebuild), place, expression="installation", values=values)
        return
    if rebuild.state is RebuildState.PASSED:
        yield Evidence(tell_rebuild(rebuild), place, values)
    for reason in rebuild.left_out:
        yield Evidence(reason, place)
    for tried in rebuild.failed_imports:
        yield Finding(
            text(
                "{module} cannot be imported in the rebuilt environment: {error}",
                module=tried.module,
                error=tried.error,
            ),
            Location(tried.path, tried.line) if tried.path else place,
            expression=tried.module,
            # `a` and `a.b` fail for one reason.
            cause=tried.module.partition(".")[0],
            places=(Place(text("the environment was made from this"), place),),
            values={"module": tried.module, "error": tried.error},
        )


_FILES = {"train.py": "import numpy\nimport yaml\n", "requirements.txt": "numpy==1.26.4\n"}
_NUMPY = TriedImport("numpy", "train.py", 1)
_PASSED = Rebuild(
    RebuildState.PASSED,
    "2026-01-01T00:00:00+00:00",
    (RebuildSource("requirements.txt", "0" * 64),),
    python="3.11.9",
    packages=1,
    imports=(_NUMPY,),
)
_NO_YAML = TriedImport("yaml", "train.py", 2, "ModuleNotFoundError: No module named 'yaml'")
_NOT_IMPORTED = msgspec.structs.replace(_PASSED, state=RebuildState.NOT_IMPORTED, imports=(_NUMPY, _NO_YAML))
_GONE = msgspec.structs.replace(
    _PASSED, state=RebuildState.NOT_INSTALLED, imports=(), why_not=text("numpy 1.26.4 is not on the index")
)

CHECK = Check(
    id="rebuild-fails",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="The environment can be made anew",
    failure_title="The environment cannot be made anew",
    explanation=__doc__,
    find=find,
    fix=Fix("Rebuild the environment", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch(_FILES, rebuild=_NOT_IMPORTED),
            good=Sketch(_FILES, rebuild=_PASSED),
            fixes=False,
        ),
        Example(bad=Sketch(_FILES, rebuild=_GONE), good=Sketch(_FILES, rebuild=_PASSED), fixes=False),
    ),
)
