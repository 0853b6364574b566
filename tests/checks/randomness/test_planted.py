"""The kinds of fault that a program can have: each is found where it is planted, and its clean twin is silent.

The programs are `planted_…` and `clean_…` of the corpus; that what stands in `expected.txt` is what is found, `test_corpus` makes sure.
"""

from __future__ import annotations

import pytest

from tests.checks.randomness.test_corpus import PROJECTS, ROOT

# What the file that is started, at a line, is told.
KINDS = {
    "unseeded_library": ("train.py:7 unseeded-library (must)",),
    "uncalled_seed": ("seeding.py:4 uncalled-seed (must)",),
    "late_seed": ("train.py:6 late-seed (must)",),
    "optional_seed": ("train.py:6 optional-seed (should)",),
    "moving_seed": ("train.py:8 moving-seed (must)", "train.py:9 moving-seed (must)", "train.py:10 moving-seed (must)"),
    "reseeded_in_a_loop": ("train.py:6 moving-seed (must)",),
    "loader_workers": ("train.py:8 unseeded-generator (must)",),
    "unordered_files": ("train.py:5 unordered-files (should)", "train.py:6 unordered-files (should)"),
    "set_order": ("train.py:4 unordered-set (should)",),
    "estimator_and_split": ("train.py:4 unpinned-split (must)", "train.py:5 unseeded-estimator (must)"),
    "kernels": (
        "train.py:3 autotuned-kernels (must)",
        "train.py:4 autotuned-kernels (must)",
        "train.py:5 nondeterministic-algorithms (must)",
    ),
    "environment_and_augmentation": (
        "train.py:4 unseeded-generator (must)",
        "train.py:8 unseeded-environment (should)",
    ),
    "child_process": ("train.py:6 unseeded-library (must)",),
    "order_of_results": ("train.py:5 unordered-results (should)",),
}


def notes(name: str) -> list[str]:
    lines = (ROOT / name / "expected.txt").read_text().splitlines()
    return [
        line
        for line in lines
        if any(word in line for word in ("(must)", "(should)", "(advice)", "cannot tell", "not mended"))
    ]


def test_every_planted_program_is_listed() -> None:
    assert {name for name in PROJECTS if name.startswith("planted_")} == {f"planted_{kind}" for kind in KINDS}
    assert {name for name in PROJECTS if name.startswith("clean_")} == {f"clean_{kind}" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_planted_is_found(kind: str) -> None:
    found = notes(f"planted_{kind}")
    for expected in KINDS[kind]:
        assert any(line.startswith(expected) for line in found)


@pytest.mark.parametrize("kind", KINDS)
def test_its_twin_is_silent_and_stays_as_it_is(kind: str) -> None:
    assert notes(f"clean_{kind}") == []
    assert not (ROOT / f"clean_{kind}" / "after").exists()
