"""Pointers of Git LFS and links of git-annex, with and without their content."""

from __future__ import annotations

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.data.missing_lfs_object import CHECK
from repro_gui.facts.data_files import AnnexLink, DataFiles
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge
from tests.projects_in_memory import result_of

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 2500000\n" % (b"a" * 64)


def test_each_pointer_is_told_with_its_size() -> None:
    files = {".gitattributes": b"*.bin filter=lfs\n", "a.bin": POINTER, "b.bin": b"content", "c/d.bin": POINTER}
    result = result_of("missing-lfs-object", files)
    assert [note.path for note in result.findings] == ["a.bin", "c/d.bin"]
    assert "2.5 MB" in result.findings[0].message
    assert result.evidence[0].values == {"files": 1}


def test_what_is_no_pointer_is_none() -> None:
    files = {".gitattributes": b"*.bin filter=lfs\n", "a.bin": POINTER.replace(b"sha256", b"md5"), "README.md": b"x"}
    assert result_of("missing-lfs-object", files).outcome is Outcome.PASSED
    assert result_of("missing-lfs-object", {"README.md": b"x"}).outcome is Outcome.NOT_APPLICABLE


def test_links_of_git_annex() -> None:
    snapshot = snapshot_of_files("p", {})
    assert isinstance(snapshot.data_files, DataFiles)
    annexed = {"a.h5": AnnexLink("a.h5", "MD5E-s1--x.h5", is_here=False), "b.h5": AnnexLink("b.h5", "k", is_here=True)}
    data_files = msgspec.structs.replace(snapshot.data_files, annexed=annexed)
    result = run_check(FactsFor(msgspec.structs.replace(snapshot, data_files=data_files), load_knowledge()), CHECK)
    assert [note.path for note in result.findings] == ["a.h5"]
