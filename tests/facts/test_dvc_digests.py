"""Our digests beside those of dvc itself."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repro_gui.facts.dvc_digests import PIECE, folder_digest, hash_of

pytestmark = pytest.mark.filterwarnings("default")  # those of dvc and what it imports are not ours

CONTENTS = st.one_of(
    st.binary(max_size=2000),
    st.lists(
        st.sampled_from([b"\r\n", b"\n", b"\r", b"a,b", b"\0", b"\xff\xfe", b"x" * 511, "ü".encode()]), max_size=60
    ).map(b"".join),
)


@given(CONTENTS)
@example(b"a\r\n" * (PIECE // 3 + 5))  # a line end across two pieces
@example(b"\0" * PIECE + b"a\r\n" * 200)  # binary first, text after
@example(b"a\r\n" * (PIECE // 3) + b"\0" * 600 + b"\r\n")
def test_digests_are_those_of_dvc(content: bytes) -> None:
    from dvc_data.hashfile.hash import fobj_md5

    ours = hash_of(content)
    assert ours.md5 == fobj_md5(io.BytesIO(content), name="md5")
    assert ours.md5_text == fobj_md5(io.BytesIO(content), name="md5-dos2unix")
    assert ours.size == len(content)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=8)


@given(
    st.dictionaries(
        st.lists(NAMES, min_size=1, max_size=3).map("/".join),
        st.text("0123456789abcdef", min_size=32, max_size=32),
        max_size=8,
    )
)
def test_digest_of_a_folder_is_that_of_dvc(files: dict[str, str]) -> None:
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    tree = Tree()  # type: ignore[no-untyped-call]
    for path, digest in files.items():
        tree.add(tuple(path.split("/")), None, HashInfo("md5", digest))
    tree.digest()
    assert tree.hash_info is not None
    assert f"{folder_digest(files)}.dir" == tree.hash_info.value
