"""Which file of the project an import means."""

from __future__ import annotations

import pytest

from repro_gui.facts.modules import ModuleFinder

WRAPPERS = (
    "src/robots/__init__.py",
    "src/robots/envs/__init__.py",
    "src/robots/envs/libero.py",
    "src/robots/envs/other.py",
)


@pytest.mark.parametrize("dotted", ["libero", "libero.libero", "libero.libero.envs"])
def test_a_module_that_wraps_the_library_of_its_name_does_not_import_itself(dotted: str) -> None:
    assert ModuleFinder(WRAPPERS).find(dotted, "src/robots/envs/libero.py") is None


def test_its_neighbours_are_found() -> None:
    finder = ModuleFinder(WRAPPERS)
    found = finder.find("other", "src/robots/envs/libero.py")
    assert found is not None
    assert found.path == "src/robots/envs/other.py"
    found = finder.find("libero", "src/robots/envs/other.py")
    assert found is not None
    assert found.path == "src/robots/envs/libero.py"


def test_a_package_may_import_from_itself() -> None:
    found = ModuleFinder(("pkg/__init__.py", "pkg/a.py")).find("pkg", "pkg/__init__.py")
    assert found is not None
    assert found.path == "pkg/__init__.py"
