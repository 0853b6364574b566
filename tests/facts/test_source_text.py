import json

import pytest

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_text import SourceText, Splice, code_cells


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"x = 1\n", "utf-8"),
        (b"\xef\xbb\xbfx = '\xc3\xa9'\r\n", "utf-8"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "latin-1"),
        (b"#!/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'", "cp1252"),
        ("# coding: shift_jis\nx = '表'\n".encode("shift_jis"), "shift_jis"),
        (b"", "utf-8"),
        (b"\x0cx = 1\n\x0c\n", "utf-8"),
    ],
)
def test_bytes_come_back(content: bytes, encoding: str) -> None:
    source = SourceText(content, "t.py")
    assert source.spliced([]) == content
    end = len(source.text)
    assert source.spliced([Splice(end, end, "y")]) == content + b"y"


@pytest.mark.parametrize(
    "content",
    [
        b"x = '\xff'",
        b"# coding: nonsense\n",
        b"x = 1\ry = 2\r",
        b"\xff\xfex\x00",
        b"# coding: utf-7\nx = '+AOk-+AOk-'\n",
    ],
)
def test_what_cannot_be_written_back_is_refused(content: bytes) -> None:
    with pytest.raises(CannotPlan):
        SourceText(content, "t.py")


def test_a_character_the_encoding_lacks_is_refused() -> None:
    source = SourceText(b"# coding: ascii\nx = 1\n", "t.py")
    with pytest.raises(CannotPlan, match="ascii"):
        source.spliced([Splice(0, 0, "é")])


def test_insertions_at_one_place_keep_their_order() -> None:
    source = SourceText(b"ab", "t.py")
    splices = [Splice(1, 1, "1"), Splice(1, 1, "2"), Splice(1, 2, "B"), Splice(0, 0, "0")]
    assert source.after(splices) == "0a12B"
    assert source.spliced(splices) == b"0a12B"


def notebook(source: object, **extra: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": source, **extra}]}).encode()


@pytest.mark.parametrize(
    ("source", "splice", "expected"),
    [
        (["a\n", "b"], Splice(4 - 1, 3, "\nc"), ["a\n", "b\n", "c"]),
        (["a\n", "b"], Splice(0, 0, "x\n"), ["x\n", "a\n", "b"]),
        (["a\n", "b"], Splice(2, 2, "x\ny\n"), ["a\n", "x\n", "y\n", "b"]),
        (["a\n", "b\n", "c"], Splice(2, 4, "x\ny\n"), ["a\n", "x\n", "y\n", "c"]),
        (["a\n", "b\n", "c"], Splice(0, 5, "z"), ["z"]),
        (["a\n", "b\n", "c"], Splice(2, 4, ""), ["a\n", "c"]),
        (["a\n", "b\n", "c"], Splice(0, 2, ""), ["b\n", "c"]),
        (["a\n", "b\n", "c"], Splice(4, 5, ""), ["a\n", "b\n"]),
        (["a\n", "b\n", "c"], Splice(0, 5, ""), [""]),
        (["a\n", "b\n", "c"], Splice(1, 3, ""), ["a\n", "c"]),
        ("a\nb", Splice(0, 2, ""), "b"),
        (["ab"], Splice(1, 1, '"\\'), ['a"\\b']),
        ([], Splice(0, 0, "x\ny"), ["x\n", "y"]),
        ("a\nb", Splice(2, 3, "c\nd"), "a\nc\nd"),
        ("", Splice(0, 0, "x\n"), "x\n"),
        (["\ud83d\ude00", "x"], Splice(1, 1, "y"), ["\U0001f600", "yx"]),
    ],
)
def test_cells_stay_one_line_a_string(source: object, splice: Splice, expected: object) -> None:
    changed = SourceText(notebook(source), "t.ipynb", 0).spliced([splice])
    assert json.loads(changed)["cells"][0]["source"] == expected


def test_the_layout_of_a_list_is_kept() -> None:
    document = b'{"cells": [{"cell_type": "code",\r\n  "source": [\r\n\t"a = 1"\r\n  ]}]}'
    changed = SourceText(document, "t.ipynb", 0).spliced([Splice(0, 0, "b\n")])
    assert changed == b'{"cells": [{"cell_type": "code",\r\n  "source": [\r\n\t"b\\n",\r\n\t"a = 1"\r\n  ]}]}'


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b'{"cells": [{"cell_type": "code", "source": ["a',
        b'{"cells": []}',
        b'{"cells": {"0": 1}}',
        b'{"cells": [{"cell_type": "markdown", "source": "x"}]}',
        b'{"cells": [{"cell_type": "code", "source": 3}]}',
        b'{"cells": [{"cell_type": "code", "source": [["x"]]}]}',
        b"[" * 100_000,
    ],
)
def test_broken_notebooks_are_refused(document: bytes) -> None:
    with pytest.raises(CannotPlan):
        SourceText(document, "t.ipynb", 0)


def test_code_cells() -> None:
    document = {
        "cells": [{"cell_type": "markdown"}, {"cell_type": "code"}, {"cell_type": "raw"}, {"cell_type": "code"}]
    }
    assert code_cells(json.dumps(document).encode(), "t.ipynb") == [1, 3]
    with pytest.raises(CannotPlan):
        code_cells(b"[]", "t.ipynb")


def test_the_last_of_repeated_keys_counts_as_in_json() -> None:
    document = b'{"cells": [{"cell_type": "code", "source": "old", "source": "new"}]}'
    source = SourceText(document, "t.ipynb", 0)
    assert source.text == "new"
    assert source.spliced([Splice(0, 3, "x")]) == b'{"cells": [{"cell_type": "code", "source": "old", "source": "x"}]}'
