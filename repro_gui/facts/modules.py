"""Which file of the project an import means: Python's rules, and the habits by which projects extend `sys.path`."""

from __future__ import annotations

import posixpath
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Constant, Name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.facts.events import Call
    from repro_gui.facts.sources import ImportedName

# Folders of a project that are commonly put on `sys.path` or installed from, tried after the project's own folder.
_SOURCE_FOLDERS = ("src", "lib", "python", "source", "code")
_BUILT = (".pyx", ".so", ".pyd")


class FoundModule(msgspec.Struct, frozen=True):
    """What a dotted name begins with: `path` is the module's file ("" for a folder without `__init__.py`), `rest` what follows."""

    path: str
    dotted: str
    rest: tuple[str, ...]
    packages: tuple[str, ...] = ()
    is_unreadable: bool = False


class ModuleFinder:
    """Finds modules among the paths of a project; `extends_path`: some module changes `sys.path`."""

    def __init__(self, paths: Iterable[str], *, extends_path: bool = False) -> None:
        self._paths = set(paths)
        self._extends_path = extends_path
        self._folders: set[str] = {""}
        self._homes: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            folder, name = posixpath.split(path)
            if not name.endswith((".py", *_BUILT)):
                continue
            while folder not in self._folders:
                self._folders.add(folder)
                folder = posixpath.dirname(folder)
            folder, name = posixpath.split(path)
            if name == "__init__.py":
                above, package = posixpath.split(folder)
                if not self._is_package(above):
                    self._homes[package].append(above)
            elif self._extends_path and not self._is_package(folder):
                self._homes[name.split(".", 1)[0]].append(folder)
        self._roots: dict[tuple[str, str], tuple[str, ...]] = {}
        self._known: dict[tuple[str, str], FoundModule | None] = {}
        self._dotted_names: dict[str, str] = {}

    def find(self, dotted: str, importer: str, level: int = 0) -> FoundModule | None:
        """The longest beginning of a dotted name that is a module of the project; None for what is outside.

        With a `level` the name is relative to the importer's package.
        """
        parts = tuple(dotted.split(".")) if dotted else ()
        folder = importer.rpartition("/")[0]
        if level:
            for _ in range(level - 1):
                if not folder:
                    return None
                folder = posixpath.dirname(folder)
            return self._below(folder, parts, is_relative=True)
        key = (dotted, folder)
        if key not in self._known:
            self._known[key] = self._find_absolute(parts, folder)
        found = self._known[key]
        # `envs/libero.py` wraps the library of its name: no module but a package imports itself.
        if found is not None and found.path == importer and not importer.endswith("/__init__.py"):
            return None
        return found

    def dotted_name(self, path: str) -> str:
        """The name by which the rest of the project imports a module: from its outermost package."""
        if path not in self._dotted_names:
            self._dotted_names[path] = self._find_dotted_name(path)
        return self._dotted_names[path]

    def _find_dotted_name(self, path: str) -> str:
        stem = path.rsplit(".", 1)[0]
        parts = stem.split("/")
        first = len(parts) - 1
        folder = posixpath.dirname(path)
        while folder and self._is_package(folder):
            first -= 1
            folder = posixpath.dirname(folder)
        if first == len(parts) - 1 and first:
            # No package round it: namespace packages count from the project's folder or a source folder.
            first = 1 if parts[0] in _SOURCE_FOLDERS else 0
        if parts[-1] == "__init__" and len(parts) - first > 1:
            parts.pop()
        return ".".join(parts[first:])

    def modules_in(self, package: str) -> list[str]:
        """The modules right in a package, by its dotted name as the rest of the project writes it."""
        paths = (path for path in self._paths if path.endswith(".py"))
        return sorted(path for path in paths if self.dotted_name(path).rpartition(".")[0] == package)

    def _find_absolute(self, parts: tuple[str, ...], folder: str) -> FoundModule | None:
        weak: FoundModule | None = None
        for root in self._roots_for(parts[0], folder):
            found = self._below(root, parts, is_relative=False)
            if found is None:
                continue
            if found.path or found.is_unreadable:
                return found
            weak = weak or found
        # A folder without `__init__.py` and without the module that is meant loses against anything installed.
        return None if weak is None or weak.rest else weak

    def _roots_for(self, top: str, folder: str) -> tuple[str, ...]:
        """Folders that may be on `sys.path` for an importer in `folder`, most likely first."""
        key = (top, folder)
        if key not in self._roots:
            roots: list[str] = []
            above = folder
            while above:
                if not self._is_package(above):
                    roots.append(above)
                above = posixpath.dirname(above)
            roots += ["", *_SOURCE_FOLDERS]
            homes = self._homes.get(top, ())
            if top not in sys.stdlib_module_names:
                roots += homes if len(homes) == 1 else [home for home in homes if not _is_apart(home)][:1]
            if top not in sys.stdlib_module_names:
                # A module of a package that is run as a script finds its neighbours.
                roots.append(folder)
            self._roots[key] = tuple(dict.fromkeys(roots))
        return self._roots[key]

    def _below(self, root: str, parts: tuple[str, ...], *, is_relative: bool) -> FoundModule | None:
        folder = root
        packages: list[str] = []
        own = posixpath.join(root, "__init__.py")
        path = own if is_relative and own in self._paths else ""
        if path:
            packages.append(path)
        taken = 0
        for index, part in enumerate(parts):
            inner = posixpath.join(folder, part)
            as_package, as_module = posixpath.join(inner, "__init__.py"), inner + ".py"
            if as_package in self._paths:
                path, folder, taken = as_package, inner, index + 1
                packages.append(path)
            elif as_module in self._paths:
                return FoundModule(as_module, self.dotted_name(as_module), parts[index + 1 :], tuple(packages))
            elif self._is_built(inner):
                return FoundModule("", ".".join(parts), parts[index + 1 :], tuple(packages), is_unreadable=True)
            elif inner in self._folders:
                path, folder, taken = "", inner, index + 1
            else:
                break
        if taken == 0 and not is_relative:
            return None
        if path:
            return FoundModule(path, self.dotted_name(path), parts[taken:], tuple(packages[:-1]))
        return FoundModule("", folder.replace("/", "."), parts[taken:], tuple(packages))

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and posixpath.join(folder, "__init__.py") in self._paths

    def _is_built(self, stem: str) -> bool:
        return any(stem + ending in self._paths for ending in _BUILT)


def files_run_by(one: ImportedName, importer: str, finder: ModuleFinder) -> tuple[str, ...]:
    """The files of the project that one import runs, packages before what is in them."""
    what = one.what
    dotted = f"{what.module}.{what.name}" if what.name not in {"", "*"} and what.module else what.module or what.name
    if what.name == "*":
        dotted = what.module
    found = finder.find(dotted, importer, what.level)
    return () if found is None else (*found.packages, found.path)


def _is_apart(folder: str) -> bool:
    return any(
        part in {"test", "tests", "docs", "examples", "third_party", "vendor", "build"} for part in folder.split("/")
    )


IMPORT_BY_NAME = frozenset({"importlib.import_module", "builtins.__import__"})


def module_named(call: Call) -> tuple[str, int] | None:
    """The dotted name and the level of the module that `import_module("package.module")` imports; None where it is no literal."""
    name = call.argument("name", 0)
    if not isinstance(name, Constant) or not isinstance(name.value, str):
        return None
    dotted = name.value.lstrip(".")
    level = len(name.value) - len(dotted)
    if call.written.endswith("__import__") and ("." in name.value or len(call.positional) > 1):
        # It gives the outermost package, or takes a level.
        return None
    package = call.argument("package", 1)
    if level and not (isinstance(package, Name) and package.dotted in {"__package__", "__name__"}):
        return None
    return (dotted, level) if dotted else None
