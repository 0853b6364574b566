import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui import trust
from repro_gui.errors import NeedsTrust, ProjectUnreadable


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    yield
    trust._for_this_process.clear()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_nothing_is_trusted_before_a_yes(project: Path) -> None:
    assert not trust.is_trusted(project)
    with pytest.raises(NeedsTrust, match="pre-commit"):
        trust.require_trust(project, "pre-commit")


def test_a_yes_is_remembered_by_other_processes_until_it_is_revoked(project: Path) -> None:
    trust.remember_trust(project)
    question = "import sys; from pathlib import Path; from repro_gui.trust import is_trusted; print(is_trusted(Path(sys.argv[1])))"
    asked = subprocess.run([sys.executable, "-c", question, str(project)], check=True, capture_output=True, text=True)
    assert asked.stdout == "True\n"
    trust.revoke_trust(project)
    assert not trust.is_trusted(project)


def test_a_yes_is_for_exactly_one_folder(project: Path) -> None:
    (project / "inner").mkdir()
    trust.remember_trust(project)
    assert not trust.is_trusted(project / "inner")
    assert not trust.is_trusted(project.parent)


def test_a_link_to_the_folder_is_the_folder(project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    trust.remember_trust(link)
    assert trust.is_trusted(project)


def test_it_lapses_when_the_folder_is_replaced(project: Path) -> None:
    # Many file systems give the deleted folder's number to the new one at once: the number alone is not enough.
    trust.remember_trust(project)
    for _ in range(5):
        shutil.rmtree(project)
        project.mkdir()
        assert not trust.is_trusted(project)


def test_it_lapses_when_another_folder_is_moved_in_its_place(project: Path) -> None:
    trust.remember_trust(project)
    other = project.parent / "other"
    other.mkdir()
    project.rename(project.parent / "old")
    other.rename(project)
    assert not trust.is_trusted(project)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a folder away")
def test_it_lapses_when_the_folder_gets_another_owner(project: Path) -> None:
    trust.remember_trust(project)
    os.chown(project, 12345, 12345)
    assert not trust.is_trusted(project)


def test_for_this_process_is_for_no_other(project: Path) -> None:
    trust.trust_for_this_process(project)
    assert trust.is_trusted(project)
    assert not list((project.parent / "data-home").rglob("*.json"))
    trust.revoke_trust(project)
    assert not trust.is_trusted(project)


def test_a_damaged_record_is_no_yes(project: Path) -> None:
    trust.remember_trust(project)
    (record,) = (project.parent / "data-home").rglob("*.json")
    whole = record.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"{}", b"true", b"\xff"):
        record.write_bytes(content)
        assert not trust.is_trusted(project)


def test_records_are_private(project: Path) -> None:
    trust.remember_trust(project)
    (record,) = (project.parent / "data-home").rglob("*.json")
    assert record.stat().st_mode & 0o077 == 0
    assert record.parent.stat().st_mode & 0o077 == 0


def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    trust.remember_trust(folder)
    assert trust.is_trusted(folder)


def test_a_folder_that_is_gone(project: Path) -> None:
    trust.remember_trust(project)
    project.rmdir()
    with pytest.raises(ProjectUnreadable):
        trust.is_trusted(project)
    trust.revoke_trust(project)
