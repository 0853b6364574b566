"""Paths of one machine in sources, notebooks and configurations; and what only looks like one."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.checks.code.hard_coded_path import may_name_a_place
from repro_gui.facts.outlines import outline, outlined_module
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.summarise import summarise
from tests.projects_in_memory import result_of

FIT = "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n"


def outlined(path: str, content: bytes) -> ModuleSummary:
    header = outline(path, content)
    assert header is not None
    return outlined_module(header, content)


def judged(code: str, **files: bytes) -> CheckResult:
    return result_of("hard-coded-path", {"train.py": f"{code}\n{FIT}".encode(), **files})


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("x = open('/home/anna/a.txt')", "/home/anna/a.txt"),
        ("def f(folder='/Users/anna/data'):\n    return folder", "/Users/anna/data"),
        ("import os\nx = os.path.join('/mnt/disk1', 'a')", "/mnt/disk1"),
        ("x = f'/scratch/anna/{1}.pt'", "/scratch/anna/"),
        ("x = '/data2/imagenet/' + 'train'", "/data2/imagenet/"),
        (r"x = 'C:\\Users\\Anna\\a.csv'", r"C:\Users\Anna\a.csv"),
        ("x = '~/projects/a'", "~/projects/a"),
        ("class C:\n    root = '/kaggle/input/titanic'", "/kaggle/input/titanic"),
        ("x = '$HOME/projects'", "$HOME/projects"),
        ("x = '/root/projects'", "/root/projects"),
        ("x = 'd:/projects'", "d:/projects"),
        ("async def f():\n    def g():\n        return '/nfs3/x'", "/nfs3/x"),
        ("x = '/content/gdrive/MyDrive'", "/content/gdrive/MyDrive"),
        ("x = '/private/home/anna'", "/private/home/anna"),
        ("x = '/lustre01/x'", "/lustre01/x"),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--d', default='/datasets/cifar', help='/home/x/y')",
            "/datasets/cifar",
        ),
    ],
)
def test_places_of_one_machine(code: str, path: str) -> None:
    result = judged(code)
    assert [note.values["path"] for note in result.findings] == [path]
    assert result.findings[0].line == code.count("\n", 0, code.index(path[:3])) + 1


@pytest.mark.parametrize(
    "code",
    [
        "x = 'data/a.csv'; y = '/tmp/x'; z = '/dev/null'; w = '/usr/bin/env'",
        "root = 'x'\nx = f'{root}/data/a'\ny = root + '/home/anna/a'",
        "x = 'a'.replace('/home/anna/', '')\nif x.startswith('/mnt/disk') or x == '/home/anna/b':\n    print('/home/anna/c')",
        "'''See /home/anna/a.'''\n# /home/anna/b\nx = 'go to /home/anna/a or not'",
        "x = 'https://example.org/home/anna/a'; y = '~/.cache/torch'; z = 'a:b'; r = '/home/'",
        "def app(): pass\n@app.get('/data/items')\ndef items(): pass",
    ],
)
def test_what_only_looks_like_one(code: str) -> None:
    assert judged(code).outcome is Outcome.PASSED, [note.message for note in judged(code).findings]


def test_one_finding_with_all_places_and_what_would_serve() -> None:
    files = {"conf.yaml": b"a: 1\nroot: /home/anna/p/data\n", "tests/test_a.py": b"x = '/home/anna/p/data'\n"}
    result = judged("x = '/home/anna/p/data'", **files, **{"data/a.csv": b"1\n"})
    (found,) = result.findings
    assert found.message == "/home/anna/p/data is a place on one machine; data is in the project."
    assert [(place.path, place.line) for place in found.places] == [
        ("tests/test_a.py", 1),
        ("train.py", 1),
        ("conf.yaml", 2),
    ]
    assert (found.path, str(found.weight)) == ("train.py", "should")


def test_what_no_result_comes_from_weighs_less() -> None:
    result = judged("", **{"tests/test_a.py": b"x = '/home/anna/p/data'\n"})
    assert [str(note.weight) for note in result.findings] == ["advice"]


@pytest.mark.parametrize("size", [5, 31, 32, 33, 255, 256, 257, 3_999])
@pytest.mark.parametrize("beginning", ["C:/", "d:\\", "~/", "~/\u00e9", "/home/"])
def test_a_module_with_such_a_path_is_looked_into_whatever_its_length(beginning: str, size: int) -> None:
    path = beginning.ljust(size, "x")
    for code in (f"x = {path!r}\n", f"def f():\n    class A:\n        x = f({path!r} + 'a')\n"):
        assert may_name_a_place(summarise("a.py", code.encode()))
        assert may_name_a_place(outlined("a.py", code.encode()))


def test_numbers_and_addresses_do_not_look_like_paths() -> None:
    # A name at line 58 (":"), column 47 ("/"); another at line 126 ("~"), column 47.
    by_chance = "\n" * 57 + "x = " + "(" * 43 + "y" + ")" * 43 + "\n" * 68 + "x = " + "(" * 43 + "y" + ")" * 43
    module = summarise("a.py", by_chance.encode())
    assert b":/" in module.encoded
    assert b"~/" in module.encoded
    assert not may_name_a_place(module)
    for read in (summarise, outlined):
        assert not may_name_a_place(read("a.py", b"x = get('https://a.example/b', 'say: ~/', 'a ~/b')"))
