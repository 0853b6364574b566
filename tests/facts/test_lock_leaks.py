"""What a lock must not tell of the machine it was made on."""

from __future__ import annotations

import pytest

from repro_gui.facts.lock_leaks import what_leaks


@pytest.mark.parametrize(
    ("lock", "leak"),
    [
        ('a = "https://pypi.org/simple"', ""),
        ('a = "https://files.pythonhosted.org/x/y.whl"', ""),
        ('a = "https://download.pytorch.org/whl/cu121"', ""),
        ('git = "https://github.com/a/b?rev=main#aa"', ""),
        ('a = "https://token@github.com/a/b"', "github.com"),
        ('a = "https://packages.example.org/simple"', "packages.example.org"),
        ('a = "https://me:secret@pypi.org/simple"', "pypi.org"),
        ('[[package]]\nsource = { registry = "../../wheels" }', "../../wheels"),
        ('[[package]]\nwheels = [{ path = "somewhere/a.whl" }]', "somewhere/a.whl"),
        ('[[package]]\nwheels = [{ url = "file:///home/me/a.whl" }]', "file:///home/me/a.whl"),
        ('[[package]]\nsource = { virtual = "." }', ""),
        ("not TOML [", "what cannot be read"),
    ],
)
def test_leaks(lock: str, leak: str) -> None:
    assert what_leaks(lock.encode(), b"") == leak


def test_what_the_project_says_itself_is_no_leak() -> None:
    lock = b'a = "https://packages.example.org/x.whl"\nsource = { editable = "libs/mine" }'
    assert what_leaks(lock, b'index = "https://packages.example.org/simple"\nmine = { path = "libs/mine" }') == ""
