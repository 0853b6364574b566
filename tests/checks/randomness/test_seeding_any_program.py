"""For any small program: after the fix it is Python, the finding is gone, what was there is there still, and two runs agree."""

from __future__ import annotations

import ast
import random
import re

from hypothesis import assume, given, note
from hypothesis import strategies as st

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import fixed, result_of

HEADERS = st.sampled_from(
    [
        "",
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
        '"""A docstring, naïve."""\n',
        "from __future__ import annotations\n",
        "# about\n'''doc'''\nfrom __future__ import annotations\nfrom __future__ import division\n\n",
    ]
)
# How `random` is imported, and how a number is drawn then.
IMPORTS = st.sampled_from(
    [
        ("import random\n", "random.random()"),
        ("import os, random\n", "random.gauss(0, 1)"),
        ("import random as rnd  # short\n", "rnd.uniform(0, 1)"),
        ("from random import random, seed\n", "random()"),
        ("from random import (\n    choice,\n    random as draw,\n)\n", "draw()"),
        ("try:\n    import random\nexcept ImportError:\n    pass\n", "random.random()"),
        ("import sys; import random\n", "random.random()"),
    ]
)
MIDDLE = st.lists(
    st.sampled_from(
        [
            "SEED = 7\n",
            "RANDOM_SEED = 3  # fixed\n",
            "# a comment\n",
            "\n",
            "class Holder:\n    def __init__(self):\n        OUT.append(DRAW)\n",
            "class Config:\n    value = DRAW\n    OUT.append(value)\n",
            "def helper(count=2):\n    '''Doc.'''\n    return [DRAW for _ in range(count)]\n",
            "def unused(seed):\n    return seed\n",
            "text = '''\nimport random\nrandom.seed(1)\n'''\n",
            "x = 1; y = 2\n",
            "set_seed = None\n",
        ]
    ),
    max_size=5,
)
DRAWN_ABOVE = st.sampled_from(["", "", "OUT.append(DRAW)\n", "first = DRAW\nOUT.append(first)\n"])
MAINS = st.sampled_from(
    [
        "def main():\n    OUT.append(DRAW)\n",
        "def main():\n    # go\n    for _ in range(2):\n        OUT.append(DRAW)\n",
        "def main(): OUT.append(DRAW)\n",
        "def main():\n\tif True:\n\t\tOUT.extend(inner())\n\n\ndef inner():\n\treturn [DRAW]\n",
    ]
)
STARTS = st.sampled_from(
    [
        'if __name__ == "__main__":\n    main()\n',
        "if __name__ == '__main__': main()\n",
        'if __name__ == "__main__":\n    # run\n\n    main()\n',
        "main()\n",
        "main()",
        "OUT.append(DRAW); main()\n",
        'if __name__ == "__main__":\n\tprint("hello")\n\tmain()',
    ]
)


def run(code: str) -> list[float]:
    """What a program draws, when Python's generator starts somewhere else each time."""
    state = random.getstate()
    out: list[float] = []
    try:
        random.seed()
        exec(compile(code, "train.py", "exec"), {"__name__": "__main__", "OUT": out, "print": lambda _: None})
    finally:
        random.setstate(state)
    return out


@given(
    header=HEADERS,
    imported=IMPORTS,
    above=DRAWN_ABOVE,
    middle=MIDDLE,
    between=DRAWN_ABOVE,
    main=MAINS,
    start=STARTS,
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_seeding_any_program(
    header: str,
    imported: tuple[str, str],
    above: str,
    middle: list[str],
    between: str,
    main: str,
    start: str,
    newline: str,
) -> None:
    code = header + imported[0] + above + "".join(middle) + between + main + "\n" + start
    code = code.replace("DRAW", imported[1]).replace("\n", newline)
    assume("set_seed = None" not in code or code.count("set_seed") == 1)
    note(code)
    files = {"train.py": code.encode()}
    first = run(code)
    assume(first)
    assert run(code) != first
    assert result_of("unseeded-library", files, ["train.py"]).outcome is Outcome.FAILED
    mended = fixed(["unseeded-library"], files, ["train.py"])["train.py"].decode()
    note(mended)
    ast.parse(mended)
    assert result_of("unseeded-library", {"train.py": mended.encode()}, ["train.py"]).outcome is Outcome.PASSED
    assert run(mended) == run(mended)
    # Every line that was there is there still, in its order; only a call may have come into one.
    remaining = iter(mended.split("\n"))
    for line in code.split("\n"):
        assert any(
            line.strip() == re.sub(r"\w*seed\w*\(\w*\); |; random\w*\.seed\(\w+\)", "", other).strip()
            for other in remaining
        ), line
    assert ("\r\n" in mended) == (newline == "\r\n")
    assert "\n" not in mended.replace("\r\n", "") or newline == "\n"
    assert mended.endswith("\n") == code.endswith("\n")
    assert (ast.get_docstring(ast.parse(mended)) or "") == (ast.get_docstring(ast.parse(code)) or "")
