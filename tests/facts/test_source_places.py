"""Where statements are put: after what must come first, with the file's own indentation, line ends and blank lines."""

import ast
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_edits import edited
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText


def outline(code: str) -> SourceOutline:
    return SourceOutline(SourceText(code.encode(), "t.py"))


def after_imports(code: str, lines: list[str], blank: int = 0) -> str:
    opened = outline(code)
    splices = opened.insert_after_imports(lines, before=opened.import_block_end(), blank=blank)
    return edited(opened.source, splices).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "S()\n"),
        ("x = 1\n", "S()\nx = 1\n"),
        ("import a\nx = 1\n", "import a\nS()\nx = 1\n"),
        ("import a", "import a\nS()"),
        ("#!/bin/sh\n# coding: utf-8\n\nx = 1", "#!/bin/sh\n# coding: utf-8\n\nS()\nx = 1"),
        (
            '"""doc"""\nfrom __future__ import annotations\nx = 1\n',
            '"""doc"""\nfrom __future__ import annotations\nS()\nx = 1\n',
        ),
        ("import a\r\n\r\nx = 1\r\n", "import a\r\nS()\r\n\r\nx = 1\r\n"),
        ("import a; x = 1\ny = 2\n", "S()\nimport a; x = 1\ny = 2\n"),
        ("import a  # c\n# about f\ndef f(): pass\n", "import a  # c\nS()\n# about f\ndef f(): pass\n"),
        (
            "try:\n    import a\nexcept ImportError:\n    a = None\nx = 1\n",
            "try:\n    import a\nexcept ImportError:\n    a = None\nS()\nx = 1\n",
        ),
        (
            "import sys\nsys.path.append('.')\nimport b\nx = 1\n",
            "import sys\nsys.path.append('.')\nimport b\nS()\nx = 1\n",
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nx = 1\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nS()\nx = 1\n",
        ),
        ("from a import (\n    b,\n)\nx = 1\n", "from a import (\n    b,\n)\nS()\nx = 1\n"),
        (
            "import a\nif __name__ == '__main__':\n    import b\n",
            "import a\nS()\nif __name__ == '__main__':\n    import b\n",
        ),
        ("def f():\n    import a\nimport b\n", "S()\ndef f():\n    import a\nimport b\n"),
        ("import a \\\n  as b\nx = 1", "import a \\\n  as b\nS()\nx = 1"),
    ],
)
def test_after_the_imports(before: str, after: str) -> None:
    assert after_imports(before, ["S()"]) == after


def test_blank_lines_are_kept_around_a_definition() -> None:
    assert (
        after_imports("import a\nx = 1\n", ["def f():", "    pass"], 2)
        == "import a\n\n\ndef f():\n    pass\n\n\nx = 1\n"
    )
    assert (
        after_imports("import a\n\nx = 1\n", ["def f():", "    pass"], 2)
        == "import a\n\n\ndef f():\n    pass\n\n\nx = 1\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\n    x = 1\n", "def f():\n    S()\n    x = 1\n"),
        (
            'def f():\n    """doc\n    # text\n    """\n    # c\n    x = 1\n',
            'def f():\n    """doc\n    # text\n    """\n    S()\n    # c\n    x = 1\n',
        ),
        ('def f():\n    """doc"""\n', 'def f():\n    """doc"""\n    S()\n'),
        ('def f(): "doc"', 'def f(): "doc"; S()'),
        ("def f(): return 1", "def f(): S(); return 1"),
        ("def f(\n    a,\n): return 1\n", "def f(\n    a,\n): S(); return 1\n"),
        ("def f(\n    a,\n):\n\treturn 1\n", "def f(\n    a,\n):\n\tS()\n\treturn 1\n"),
        (
            "def f():  # why\n  # c\n\n  # d\n  @e\n  def g(): pass\n",
            "def f():  # why\n  # c\n\n  S()\n  # d\n  @e\n  def g(): pass\n",
        ),
        ("def f():\r\n\tx = 1; y = 2\r\n", "def f():\r\n\tS()\r\n\tx = 1; y = 2\r\n"),
    ],
)
def test_into_a_function(before: str, after: str) -> None:
    opened = outline(before)
    function = opened.function("f")
    assert function is not None
    assert edited(opened.source, opened.insert_into_body(function, ["S()"])).decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if __name__ == '__main__':\n    main()\n", "if __name__ == '__main__':\n    S()\n    main()\n"),
        ("if '__main__' == __name__: main()\n", "if '__main__' == __name__: S(); main()\n"),
        (
            "if (__name__ ==\n    '__main__'):\n  # go\n  main()",
            "if (__name__ ==\n    '__main__'):\n  S()\n  # go\n  main()",
        ),
    ],
)
def test_into_the_main_guard(before: str, after: str) -> None:
    opened = outline(before)
    guard = opened.main_guard()
    assert guard is not None
    assert edited(opened.source, opened.insert_into_body(guard, ["S()"])).decode() == after


def test_several_lines_do_not_go_onto_one() -> None:
    opened = outline("def f(): return 1\n")
    function = opened.function("f")
    assert function is not None
    with pytest.raises(CannotPlan):
        opened.insert_into_body(function, ["if a:", "    b()"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1\nb = 2\n", "a = 1\nS()\nb = 2\n"),
        ("a = 1; b = 2\n", "a = 1; S(); b = 2\n"),
        ("a = 1  # c\nb = 2", "a = 1  # c\nS()\nb = 2"),
        ("a = f(\n  1)", "a = f(\n  1)\nS()"),
    ],
)
def test_after_a_statement(before: str, after: str) -> None:
    opened = outline(before)
    assert edited(opened.source, opened.insert_after_statement(opened.tree.body[0], ["S()"])).decode() == after


def test_functions_are_found_by_qualified_name() -> None:
    opened = outline("class A:\n  if x:\n    def f(self): pass\ndef f():\n  def g(): pass\n")
    assert opened.function("A.f") is not None
    assert opened.function("f.g") is not None
    assert opened.function("A") is None
    assert opened.function("nothing") is None


@pytest.mark.parametrize(
    ("code", "module", "alias", "expected"),
    [
        ("import numpy as np\n", "numpy", "np", ("np", [])),
        ("import numpy\n", "numpy", "np", ("numpy", [])),
        ("x = 1\n", "numpy", "np", ("np", ["import numpy as np"])),
        ("from numpy import random\n", "random", "random", ("random_module", ["import random as random_module"])),
        ("from random import random\n", "random", "random", ("random_module", ["import random as random_module"])),
        ("def f(torch): pass\n", "torch", "torch", ("torch_module", ["import torch as torch_module"])),
        ("import torch.nn as nn\n", "torch", "torch", ("torch", ["import torch"])),
        ("import torch.nn\n", "torch", "torch", ("torch", [])),
        (
            "try:\n    import torch\nexcept ImportError:\n    pass\n",
            "torch",
            "torch",
            ("torch_module", ["import torch as torch_module"]),
        ),
        ("x = 1\n", "lightning.pytorch", "pytorch", ("pytorch", ["from lightning import pytorch"])),
    ],
)
def test_imports_are_not_doubled_and_shadow_nothing(
    code: str, module: str, alias: str, expected: tuple[str, list[str]]
) -> None:
    assert import_lines(outline(code), module, alias) == expected


def test_imports_after_the_place_do_not_count() -> None:
    opened = outline("x = 1\nimport numpy as np\n")
    assert import_lines(opened, "numpy", "np", before=1) == ("np", ["import numpy as np"])
    opened = outline("x = 1\nnp = 2\n")
    assert import_lines(opened, "numpy", "np", before=1) == ("np_module", ["import numpy as np_module"])


def test_what_runs_with_the_module_is_told_from_what_runs_when_called() -> None:
    opened = outline("import a\nif a:\n    a.b()\ndef f():\n    return a\nx = [\n    lambda: a,\n    1,\n]\n")
    assert [opened.index_when_run(line) for line in (1, 3, 5, 7, 8)] == [0, 1, None, None, 3]


def test_imports_go_above_the_place_that_needs_them() -> None:
    code = "import torch\ntorch.manual_seed(0)\nimport numpy as np\n"
    opened = outline(code)
    changed = edited(opened.source, opened.insert_imports(["import numpy as np"], before=1))
    assert changed.decode() == f"import torch\nimport numpy as np\n{code.removeprefix('import torch')[1:]}"


def test_a_cell_magic_stays_first() -> None:
    document = json.dumps({"cells": [{"cell_type": "code", "source": ["%%time\n", "x = 1"]}]}).encode()
    opened = SourceOutline(SourceText(document, "t.ipynb", 0))
    changed = edited(opened.source, opened.insert_before_statement(opened.prologue_end(), ["S()"]))
    assert json.loads(changed)["cells"][0]["source"] == ["%%time\n", "S()\n", "x = 1"]


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(CannotPlan):
        outline("print 'Python 2'\n")


STATEMENTS = st.sampled_from(
    [
        "import a",
        "import b as c  # comment",
        "from d import (e,\n    f)",
        "x = 1",
        "x = '''text\n# no comment\n'''",
        "# a comment",
        "",
        "y = [\n1,\n]",
        "def g():\n\t'''doc'''\n\treturn 1",
        "class H:\n  z = 1\n\n  def i(self): pass",
        "@j\ndef k(): pass",
        "try:\n    import l\nexcept ImportError: pass",
        "if TYPE_CHECKING:\n    import m",
        "m = 1; n = 2",
        "if __name__ == '__main__':\n    # go\n    g()",
        "for o in p: pass",
        "q = 1 \\\n  + 2",
        "\x0c",
        "é = 'ü'",
    ]
)


@given(
    prologue=st.sampled_from(
        [
            "",
            '"""doc"""\n',
            "from __future__ import annotations\n",
            "# coding: utf-8\n'''d'''\nfrom __future__ import division\n",
        ]
    ),
    parts=st.lists(STATEMENTS, max_size=6),
    newline=st.sampled_from(["\n", "\r\n"]),
    ends=st.booleans(),
    where=st.integers(0, 8),
    blank=st.integers(0, 2),
)
def test_any_file_takes_a_statement_anywhere(
    prologue: str, parts: list[str], newline: str, ends: bool, where: int, blank: int
) -> None:
    code = (prologue + "\n".join(parts) + ("\n" if ends and parts else "")).replace("\n", newline)
    opened = outline(code)
    body = opened.tree.body
    index = max(opened.prologue_end(), min(where, len(body)))
    for splices in (
        opened.insert_before_statement(index, ["S(1)", "S(2)"], blank=blank),
        opened.insert_after_imports(["S(1)", "S(2)"], before=index, blank=blank),
    ):
        changed = edited(opened.source, splices).decode()
        tree = ast.parse(changed)
        dumped = [ast.dump(statement) for statement in tree.body]
        at = dumped.index(ast.dump(ast.parse("S(1)").body[0]))
        assert dumped[at + 1] == ast.dump(ast.parse("S(2)").body[0])
        rest = dumped[:at] + dumped[at + 2 :]
        assert rest == [ast.dump(statement) for statement in body]
        assert at <= index
        # Lines that were there are there still, in their order.
        if "\n" in code:
            assert ("\n" in changed.replace("\r\n", "")) == (newline == "\n")
        remaining = iter(changed.split("\n"))
        assert all(
            any(line.rstrip("\r") == other.rstrip("\r") for other in remaining) for line in code.split("\n") if line
        )
        assert changed.endswith("\n") == (code.endswith("\n") or not code)


@given(
    parts=st.lists(STATEMENTS, min_size=1, max_size=5),
    newline=st.sampled_from(["\n", "\r\n"]),
    kind=st.sampled_from(["def f():", "def f(a,\n  b=1):  # c", "if __name__ == '__main__':"]),
    unit=st.sampled_from(["\t", "  ", "    "]),
)
def test_any_body_takes_a_first_statement(parts: list[str], newline: str, kind: str, unit: str) -> None:
    inner = [line for part in parts for line in part.split("\n")]
    code = (
        "before = 1\n"
        + kind
        + "\n"
        + "\n".join(unit + line if line else "" for line in inner)
        + "\n"
        + unit
        + "end = 1\nafter = 2"
    )
    code = code.replace("\n", newline)
    try:
        ast.parse(code)
    except SyntaxError:
        assume(False)
    opened = outline(code)
    owner = opened.function("f") or opened.main_guard()
    assert owner is not None
    changed = edited(opened.source, opened.insert_into_body(owner, ["S(1)"])).decode()
    new_owner = outline(changed).tree.body[1]
    dumped = [ast.dump(statement) for statement in new_owner.body]  # type: ignore[attr-defined]
    at = dumped.index(ast.dump(ast.parse("S(1)").body[0]))
    assert at == (1 if kind.startswith("def") and ast.get_docstring(owner) is not None else 0)  # type: ignore[arg-type]
    del dumped[at]
    assert dumped == [ast.dump(statement) for statement in owner.body]
