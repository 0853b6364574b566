"""An outlined source is the source read whole: in its imports at once, in everything else when it is asked."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.outlines import OutlinedModule, outline, outlined_module
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.sources import ModuleSummary, PythonSources
from repro_gui.facts.summarise import summarise
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.executed_projects import read_project
from tests.projects_in_memory import snapshot_of

PROJECTS = Path(__file__).parents[1] / "projects" / "randomness"
HEADER = (
    "path",
    "lines",
    "encoding",
    "imports",
    "wide_lines",
    "has_main_guard",
    "not_parsed",
    "is_evidence_only",
    "cells",
)
# Small packages of Python itself: docstrings, guarded and deferred imports, every age of style.
PACKAGES = ("asyncio", "concurrent", "email", "http", "importlib", "sqlite3", "unittest", "urllib", "xml")


def outlined(path: str, content: bytes) -> OutlinedModule | None:
    header = outline(path, content)
    return None if header is None else outlined_module(header, content)


def headers(module: ModuleSummary) -> dict[str, object]:
    return {name: getattr(module, name) for name in HEADER}


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "import importlib\n",
        "import a, b.c, d.e as f\r\nfrom . import (g, # h\r\n  i as j)\r\n",
        "from .. x import y\nfrom x import *\nfrom .a.b import c, d as e # f\n",
        "def f():\n    import x\n\nclass A:\n    def g(self):\n        if self:\n            pass\n        from x import y\n",
        "x = f'a' f\"{b['c']}\" rf'{d!r:>{e}}\\n {{}}'\n".replace("{e}", "9"),
        'f"{a}" "{" f"}}"\nx = float("inf"), {"a": 1}\n',
        "print(f'{x = }', [*a, *b], *c)\n",
        "# \u00e9\nx = '\u00e9'; y = 1\nimport a  # \u00e9\n",
        "match x:\n    case 1:\n        pass\ntry:\n    pass\nexcept* E:\n    type = [0]\n",
        "# -*- coding: utf-8 -*-\nimport a\n",
    ],
)
def test_plain_sources_are_outlined(source: str) -> None:
    made = outlined("a.py", source.encode())
    assert made is not None
    assert headers(made) == headers(summarise("a.py", source.encode()))


@pytest.mark.parametrize(
    "source",
    [
        # What runs, or may not be there.
        "if __name__ == '__main__':\n    pass\n",
        "import sys\nsys.path.append('a')\n",
        "import sys\n(sys # a\n .path).append('a')\n",
        "import site\nsite.addsitedir('a')\n",
        "try:\n    import a\nexcept ImportError:\n    pass\n",
        "def f():\n    try:\n        import a\n    except ImportError:\n        pass\n",
        "if a:\n    def f():\n        import b\n",
        "class A:\n    import b\n",
        # Imports that stand in no line of their own, and lines that are none.
        "import a; import b\n",
        "if 1: import a\n",
        "from a import b \\\n , c\n",
        '"""\nimport a\n"""\n',
        'x = """\nimport a\n"""\nif 1: import b\n',
        "import a  # import b\n",
        # Text that parsers may take for different things.
        "\ufeffimport a\n",
        "# -*- coding: latin-1 -*-\nimport a\n",
        "import a\rimport b\n",
        "import a\x0c\n",
        "import \u00e9\n",
        # What is newer than Python 3.11, or wrong.
        "type X = int\n",
        "def f[T](x): pass\n",
        "class A[T]: pass\n",
        "x = [*a for a in b]\n",
        "f(*a for a in b)\n",
        "lazy import x\n",
        't"{x}"\n',
        'x = f"{d["a"]}"\n',
        'x = Rf"{{{d["a"]}}}"\n',
        'x = f"{x:{y["a"]}}"\n',
        "x = f'{f'{x}'}'\n",
        "x = f\"{'\\n'.join(y)}\"\n",
        'x = f"{\n1}"\n',
        'x = f"""{\n1 # c\n}"""\n',
        "x = '\\N{DASH}'\n",
        "print 'a'\n",
        "x = (\n",
        "x = 1\n" * 20_000,
    ],
)
def test_everything_else_is_read_whole(source: str) -> None:
    assert outline("a.py", source.encode()) is None


@pytest.mark.parametrize("content", [b"\0", b"\xff\xfe", b"x = b'\xe9'\n"])
def test_what_is_no_text_is_read_whole(content: bytes) -> None:
    assert outline("a.py", content) is None


@pytest.mark.parametrize("package", PACKAGES)
def test_sources_of_python_itself(package: str) -> None:
    """The header is the same, whatever is asked of the body too, and no question by names is answered with a wrong no."""
    paths = sorted((Path(sysconfig.get_path("stdlib")) / package).rglob("*.py"))
    known = 0
    for path in paths:
        if "test" in path.parts:
            continue
        content = path.read_bytes()
        made, whole = outlined(path.name, content), summarise(path.name, content)
        if made is None:
            continue
        known += 1
        assert headers(made) == headers(whole), path
        assert all(made.may_call({name.rpartition(".")[2]}) for name in whole.called), path
        assert all(made.may_rename(name) and made.may_name({other}) for name, other in whole.aliases), path
        assert not whole.extends_path, path
        assert "whole" not in vars(made)
        assert msgspec.structs.asdict(made.whole) == msgspec.structs.asdict(whole)
        assert (made.binds, made.called, made.encoded) == (whole.binds, whole.called, whole.encoded)
    assert known


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x = a.get\n", "get"),
        ("x = (\n    a\n    .get\n)\n", "get"),
        ("x = b or a.get\n", "get"),
        ("x = partial(a.get, 1)\n", "get"),
        ("x = a.get # c\n", "get"),
        ("x: T = get", "get"),
    ],
)
def test_other_names_of_a_function(source: str, name: str) -> None:
    made = outlined("a.py", source.encode())
    assert made is not None
    assert made.aliases == ((name, "x"),)
    assert made.may_rename(name)
    assert not made.may_rename("other")


@pytest.mark.parametrize("call", ["get()(1)", "[f][0](1)", "{}[1] (2)", "(f()# c\n)\\\n(1)", "f''(1)"])
def test_calls_without_a_name(call: str) -> None:
    made = outlined("a.py", f"x = {call}\n".encode())
    assert made is not None
    assert made.may_call({"()"})


def outlined_where_it_can_be(snapshot: ProjectSnapshot, files: dict[str, bytes]) -> ProjectSnapshot:
    assert isinstance(snapshot.sources, PythonSources)
    modules = tuple(outlined(one.path, files[one.path]) or one for one in snapshot.sources.modules)
    return msgspec.structs.replace(snapshot, sources=PythonSources(modules))


def test_checks_say_the_same_of_outlined_projects() -> None:
    knowledge, count = load_knowledge(), 0
    for folder in sorted(PROJECTS.iterdir()):
        files = read_project(f"{folder.name}/before", PROJECTS)
        whole = snapshot_of(files)
        some = outlined_where_it_can_be(whole, files)
        if some.sources == whole.sources:
            continue
        count += 1
        results = [list(run_checks(FactsFor(one, knowledge), all_checks(), NoProgress())) for one in (whole, some)]
        assert results[0] == results[1], folder.name
    assert count > 50
