"""Requirements files as people really write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin
from repro_gui.facts.environment import Environment
from repro_gui.facts.requirements_files import parse_requirements

INDEX_DOMAIN = ["pypi", "org"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def read(content: str | bytes) -> EnvironmentFile:
    return parse_requirements("requirements.txt", content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    ("line", "name", "pin", "version"),
    [
        ("numpy", "numpy", Pin.ANY, ""),
        ("numpy==1.26.4", "numpy", Pin.EXACT, "1.26.4"),
        ("numpy == 1.26.4  # why", "numpy", Pin.EXACT, "1.26.4"),
        ("numpy===1.26.4", "numpy", Pin.EXACT, "1.26.4"),
        ("numpy==1.26.*", "numpy", Pin.FUZZY, ""),
        ("numpy>=1.20,<2", "numpy", Pin.RANGE, ""),
        ("numpy (>=1.20)", "numpy", Pin.RANGE, ""),
        ("numpy~=1.26", "numpy", Pin.RANGE, ""),
        ("numpy!=1.26", "numpy", Pin.RANGE, ""),
        ("Foo_Bar.baz==1", "foo-bar-baz", Pin.EXACT, "1"),
        ("torch==2.3.1+cu121", "torch", Pin.EXACT, "2.3.1+cu121"),
        ('torch==2.3.1 ; sys_platform == "linux"', "torch", Pin.EXACT, "2.3.1"),
        ("pytz==2013k-x", "pytz", Pin.EXACT, "2013k-x"),
        ("-e git+https://github.com/a/b.git@main#egg=bee", "bee", Pin.MOVING, ""),
        ("-e git+https://github.com/a/b.git#egg=bee", "bee", Pin.MOVING, ""),
        (f"git+https://github.com/a/b@{COMMIT}#egg=bee", "bee", Pin.COMMIT, ""),
        (f"git+ssh://git@github.com/a/b@{COMMIT}#egg=bee", "bee", Pin.COMMIT, ""),
        (f"bee @ git+https://github.com/a/b@{COMMIT}", "bee", Pin.COMMIT, ""),
        ("bee @ git+https://github.com/a/b@v1.0", "bee", Pin.MOVING, ""),
        ("git+https://github.com/a/b@0123456#egg=bee", "bee", Pin.MOVING, ""),
        ("bee @ https://example.org/bee-1.0-py3-none-any.whl", "bee", Pin.ARCHIVE, "1.0"),
        ("https://example.org/bee-1.0.tar.gz", "bee", Pin.ARCHIVE, "1.0"),
        ("bee @ file:///home/conda/feedstock_root/bee", "bee", Pin.LOCAL, ""),
        ("-e .", "", Pin.LOCAL, ""),
        ("-e src", "", Pin.LOCAL, ""),
        ("./vendored/pkg", "", Pin.LOCAL, ""),
        ("C:\\wheels\\bee-1.0-py3-none-any.whl", "bee", Pin.LOCAL, "1.0"),
    ],
)
def test_one_entry(line: str, name: str, pin: Pin, version: str) -> None:
    file = read(f"# heading\n{line}\n")
    assert [(entry.name, entry.pin, entry.version) for entry in file.requirements] == [(name, pin, version)]
    assert file.requirements[0].location.line == 2
    assert not file.unread


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("numpy pandas", ["numpy", "pandas"]),
        ("numpy==1.0 pandas>=2", ["numpy", "pandas"]),
        ("numpy, pandas", ["numpy", "pandas"]),
        ("numpy==1.0; pandas==2.0", ["numpy", "pandas"]),
    ],
)
def test_several_on_one_line_are_each_read_and_the_line_is_a_fault(line: str, names: list[str]) -> None:
    file = read(line)
    assert [entry.name for entry in file.requirements] == names
    assert len(file.unread) == 1
    assert file.unread[0].is_fault
    columns = [entry.location.column for entry in file.requirements]
    assert [line[column - 1 :].startswith(name) for column, name in zip(columns, names, strict=True)] == [True, True]


def test_conda_export_is_read_and_refused() -> None:
    file = read("numpy=1.26.4=py311h\n")
    assert file.requirements[0].version == "1.26.4"
    assert "conda" in str(file.unread[0].reason)


def test_continued_lines_hashes_and_comments() -> None:
    file = read("requests[security,socks]==2.8 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb  # c\nsix==1.16\n")
    assert [(entry.name, entry.hashes, entry.location.line) for entry in file.requirements] == [
        ("requests", 2, 1),
        ("six", 0, 4),
    ]
    assert file.requirements[0].extras == ("security", "socks")
    assert not file.is_lock


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_encodings(encoding: str) -> None:
    file = read("# grün\r\nnumpy==1.26.4\r\n".encode(encoding))
    assert [entry.version for entry in file.requirements] == ["1.26.4"]
    assert file.requirements[0].location.line == 2
    assert bool(file.unread) == encoding.startswith(("utf-16", "utf-32"))


def test_binary_is_not_text() -> None:
    file = read(bytes(range(256)) * 10)
    assert file.is_list
    assert not file.requirements
    assert file.unread


def test_secrets_are_flagged_and_never_kept() -> None:
    secret = "tok-4711-secret"
    file = read(
        f"--index-url https://me:{secret}@pypi.corp.example/simple\n"
        f"-e git+https://{secret}@github.com/a/b.git@main#egg=b\n"
        f"c @ https://example.org/c-1.0.tar.gz?token={secret}\n"
        f"-r https://x:{secret}@example.org/r.txt\n"
        f"nonsense https://x:{secret}@example.org !\n"
        "--extra-index-url https://download.pytorch.org/whl/cu121\n"
    )
    assert secret not in repr(file)
    assert [(index.host, index.is_public, index.has_credentials) for index in file.indexes] == [
        ("pypi.corp.example", False, True),
        ("download.pytorch.org", True, False),
    ]


def test_includes_loops_and_constraints() -> None:
    environment = Environment().after(
        {
            "requirements/all.txt": b"-r base.txt\n-c ../limits.txt\n-r ../../outside.txt\nsix\n",
            "requirements/base.txt": b"-r all.txt\nnumpy\n",
            "limits.txt": b"numpy==1.26.4\n",
        }
    )
    assert [file.path for file in environment.lists] == ["requirements/all.txt", "requirements/base.txt"]
    assert environment.constraint_files == {"limits.txt"}
    assert "outside" in str(environment.by_path["requirements/all.txt"].unread[0].reason)


def test_an_included_file_of_any_name_is_read() -> None:
    environment = Environment().after({"requirements.txt": b"-r deps/core.list\n", "deps/core.list": b"numpy\n"})
    assert [entry.name for entry in environment.requirements] == ["numpy"]


def test_compiled_files_are_locks_of_their_sources() -> None:
    content = (
        "# This file was autogenerated by uv via the following command:\n"
        "#    uv pip compile requirements.in -o requirements.txt --generate-hashes\n"
        "numpy==1.26.4 \\\n    --hash=sha256:aa\n    # via -r requirements.in\n"
    )
    file = read(content)
    assert file.is_lock
    assert file.compiled_from == ("requirements.in",)
    assert [(package.name, package.hashes) for package in file.locked] == [("numpy", 1)]


def test_conda_explicit_lists() -> None:
    file = read("@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda#abc\n")
    assert file.format is FileFormat.CONDA_EXPLICIT
    assert [(package.name, package.version) for package in file.locked] == [("numpy", "1.26.4")]


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(content: bytes) -> None:
    file = read(content)
    assert file.is_list


@given(st.text(alphabet=st.sampled_from("ab1.=<>~!,;@#\\ \n\r\t[]()-'\"/:+$*{}é\u2028\x0c"), max_size=120))
def test_any_text_is_survived_and_places_hold(content: str) -> None:
    file = read(content)
    for entry in file.requirements:
        assert entry.location.line >= 1
        assert (entry.location.end_line, entry.location.end_column) > (entry.location.line, entry.location.column)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("https://" + ".".join(INDEX_DOMAIN) + "/simple", True),
        ("https://" + ".".join(["test", *INDEX_DOMAIN]) + "/simple/", True),
        ("https://download.pytorch.org/whl/cpu", True),
        ("https://me:secret@download.pytorch.org/whl/cpu", False),
        ("https://pypi.corp.example/simple", False),
        ("https://" + ".".join(INDEX_DOMAIN) + ".evil.example/simple", False),
    ],
)
def test_which_indexes_are_everybody_s(address: str, is_public: bool) -> None:
    file = read(f"--index-url {address}\n")
    assert [index.is_public for index in file.indexes] == [is_public]
    assert bool(file.indexes[0].public_url) == is_public
