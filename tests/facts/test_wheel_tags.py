"""Tags of real wheel names, and the Pythons they install in."""

from __future__ import annotations

import pytest

from repro_gui.facts.wheel_tags import is_built_for, pythons_of, tags_of


@pytest.mark.parametrize(
    ("wheel", "tags"),
    [
        ("numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ("cp311-cp311",)),
        ("https://files.example.org/a/six-1.16.0-py2.py3-none-any.whl#sha256=aa", ("py2-none", "py3-none")),
        ("safetensors-0.4.3-cp38-abi3-win_amd64.whl", ("cp38-abi3",)),
        ("thing-1.0-2-cp310-none-any.whl?x=1", ("cp310-none",)),
        ("six-1.16.0.tar.gz", ()),
        ("broken.whl", ()),
    ],
)
def test_tags(wheel: str, tags: tuple[str, ...]) -> None:
    assert tags_of([wheel]) == tags


@pytest.mark.parametrize(
    ("tag", "python", "fits"),
    [
        ("cp311-cp311", "3.11.4", True),
        ("cp311-cp311", "3.12", False),
        ("cp37-cp37m", "3.7.9", True),
        ("cp38-abi3", "3.13.0", True),
        ("cp312-abi3", "3.11.0", False),
        ("py3-none", "3.14", True),
        ("py2-none", "3.11", False),
        ("py310-none", "3.9", False),
        ("cp313-cp313t", "3.13.1", False),
        ("cp310-none", "3.10.2", True),
        ("pp310-pypy310_pp73", "3.10", False),
    ],
)
def test_where_a_tag_installs(tag: str, python: str, fits: bool) -> None:
    assert is_built_for([tag], python) is fits


def test_pythons_that_tags_name() -> None:
    assert pythons_of(["cp39-cp39", "cp310-cp310", "py3-none", "pp39-pypy39_pp73"]) == ("3.9", "3.10")
