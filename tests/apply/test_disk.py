import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repro_gui.apply import disk, folders
from repro_gui.apply.history import apply_change_set, read_history, redo, undo
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.errors import CannotApply, CannotUndo, StaleFile
from repro_gui.text import text
from tests.apply.trees import tree_of

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file systems")
as_root = pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs root")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "train.py").write_bytes(b"one\r\ntwo\r\n")
    (folder / "src" / "data.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    return folder


def change_set(*changes: FileChange) -> ChangeSet:
    return ChangeSet(text("Change {count} files", count=len(changes)), "some-check", changes)


EDIT = FileChange("train.py", b"one\r\ntwo\r\n", b"one\r\n2\r\n")
NEW = FileChange("deep/er/Dockerfile", None, b"FROM scratch\n")
SCRIPT = FileChange("run.sh", None, b"#!/bin/sh\n", executable=True)
GONE = FileChange("src/data.py", b"\xef\xbb\xbfx = 1\n", None)


def test_files_are_written_made_and_removed(root: Path) -> None:
    entry = apply_change_set(root, change_set(EDIT, NEW, SCRIPT, GONE))
    assert (root / "train.py").read_bytes() == b"one\r\n2\r\n"
    assert (root / "deep/er/Dockerfile").read_bytes() == b"FROM scratch\n"
    assert (root / "run.sh").stat().st_mode & 0o777 == 0o755
    assert not (root / "src/data.py").exists()
    assert entry.files == ("train.py", "deep/er/Dockerfile", "run.sh", "src/data.py")
    assert entry.can_undo
    assert sorted(path.name for path in root.iterdir()) == ["deep", "run.sh", "src", "train.py"]


def test_undo_and_redo_are_exact(root: Path) -> None:
    (root / "train.py").chmod(0o640)
    (root / "src/data.py").chmod(0o751)
    before = tree_of(root)
    apply_change_set(root, change_set(EDIT, NEW, SCRIPT, GONE))
    after = tree_of(root)
    assert undo(root).undone
    assert tree_of(root) == before
    assert not redo(root).undone
    assert tree_of(root) == after
    undo(root)
    assert tree_of(root) == before
    with pytest.raises(CannotUndo, match="nothing to undo"):
        undo(root)


def test_undo_works_in_another_process(root: Path) -> None:
    before = tree_of(root)
    apply_change_set(root, change_set(EDIT, NEW, GONE))
    code = "import sys; from pathlib import Path; from repro_gui.apply.history import undo; undo(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(root)], check=True)
    assert tree_of(root) == before


@posix
def test_mode_and_extended_attributes_stay(root: Path) -> None:
    (root / "train.py").chmod(0o4751)
    if hasattr(os, "setxattr"):
        try:
            os.setxattr(root / "train.py", "user.origin", b"me")
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
    before = tree_of(root)["train.py"]
    apply_change_set(root, change_set(EDIT))
    assert tree_of(root)["train.py"][:-1] == before[:-1]


@as_root
def test_the_owner_stays(root: Path) -> None:
    os.chown(root / "train.py", 12345, 54321)
    os.chown(root / "src/data.py", 12345, 54321)
    before = tree_of(root)
    apply_change_set(root, change_set(EDIT, GONE))
    assert ((root / "train.py").stat().st_uid, (root / "train.py").stat().st_gid) == (12345, 54321)
    undo(root)
    assert tree_of(root) == before


def refused(root: Path, *changes: FileChange, match: str, error: type[Exception] = CannotApply) -> None:
    before = tree_of(root)
    with pytest.raises(error, match=match):
        apply_change_set(root, change_set(*changes))
    assert tree_of(root) == before
    assert read_history(root) == ()


@pytest.mark.parametrize(
    "make_stale",
    [
        lambda root: (root / "train.py").write_bytes(b"edited\n"),
        lambda root: (root / "train.py").unlink(),
        lambda root: (root / "run.sh").write_bytes(b"mine"),
        lambda root: (root / "run.sh").mkdir(),
    ],
)
def test_a_file_that_changed_since_the_preview_stops_everything(
    root: Path, make_stale: Callable[[Path], object]
) -> None:
    make_stale(root)
    with pytest.raises((StaleFile, CannotApply)):
        apply_change_set(root, change_set(GONE, NEW, EDIT, SCRIPT))
    assert (root / "src/data.py").exists()
    assert not (root / "deep").exists()


def test_a_file_saved_at_the_last_moment_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = disk._keep

    def save_meanwhile(place: folders.Place, name: str) -> None:
        keep(place, name)
        if place.name == "train.py":
            (root / "train.py").write_bytes(b"the person's last save")

    monkeypatch.setattr(disk, "_keep", save_meanwhile)
    with pytest.raises(StaleFile):
        apply_change_set(root, change_set(GONE, NEW, EDIT))
    assert (root / "train.py").read_bytes() == b"the person's last save"
    assert (root / "src/data.py").exists()
    assert sorted(path.name for path in root.iterdir()) == ["src", "train.py"]


def test_a_file_made_at_the_last_moment_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expect = disk._expect

    def make_meanwhile(place: folders.Place, change: FileChange, links: int) -> os.stat_result | None:
        found = expect(place, change, links)
        if links == 2 and place.name == "run.sh":
            (root / "run.sh").write_bytes(SCRIPT.after or b"")
        return found

    monkeypatch.setattr(disk, "_expect", make_meanwhile)
    with pytest.raises(StaleFile):
        apply_change_set(root, change_set(EDIT, SCRIPT))
    assert (root / "run.sh").exists()
    assert (root / "train.py").read_bytes() == EDIT.before


@posix
def test_links_are_never_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data.py").write_bytes(b"x")
    (root / "linked").symlink_to(outside)
    (root / "inside").symlink_to("src")
    (root / "link.py").symlink_to("train.py")
    (root / "dangling.py").symlink_to("nowhere.py")
    refused(root, FileChange("linked/data.py", b"x", b"y"), match="link")
    refused(root, FileChange("linked/new.py", None, b"y"), match="link")
    refused(root, FileChange("inside/data.py", GONE.before, b"y"), match="link")
    refused(root, FileChange("link.py", EDIT.before, b"y"), match="is a link")
    refused(root, FileChange("dangling.py", None, b"y"), match="is a link")
    refused(root, FileChange("train.py/x", None, b"y"), match="no folder")
    assert (outside / "data.py").read_bytes() == b"x"
    assert not (root / "nowhere.py").exists()


def test_a_parent_that_becomes_a_link_between_preview_and_writing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data.py").write_bytes(GONE.before or b"")
    perform = disk.perform

    def swap_then_perform(folder: Path, work: disk.FileWork) -> None:
        (root / "src").rename(root / "old")
        (root / "src").symlink_to(outside)
        perform(folder, work)

    monkeypatch.setattr("repro_gui.apply.history.perform", swap_then_perform)
    with pytest.raises(CannotApply, match="link"):
        apply_change_set(root, change_set(FileChange("src/data.py", GONE.before, b"evil")))
    assert (outside / "data.py").read_bytes() == GONE.before


@posix
def test_a_second_name_of_the_file_is_seen(root: Path, tmp_path: Path) -> None:
    os.link(root / "train.py", tmp_path / "other-name")
    refused(root, EDIT, match="second name")


@posix
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_is_no_plain_file_is_left_alone(root: Path) -> None:
    os.mkfifo(root / "pipe")
    refused(root, FileChange("pipe", b"", b"y"), match="plain file")
    refused(root, FileChange("src", b"", b"y"), match="plain file")


@pytest.mark.parametrize(
    "path",
    [
        "../out.py",
        "/etc/x",
        "a/../../x",
        "./x",
        "",
        "a//b",
        ".git/hooks/pre-commit",
        "sub/.GIT/config",
        "GIT~1/x",
        "a\0b",
    ],
)
def test_paths_that_no_fix_may_write(root: Path, path: str) -> None:
    refused(root, EDIT, FileChange(path, None, b"y"), match="not a file that a fix may write")


def test_read_only_files_are_not_written(root: Path) -> None:
    (root / "train.py").chmod(0o444)
    refused(root, EDIT, match="read-only")


@as_root
def test_a_folder_of_somebody_else(root: Path) -> None:
    """As another user: the folder may be read and not written."""
    (root / "train.py").chmod(0o644)
    for folder in (root, *root.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from repro_gui.apply.history import apply_change_set\n"
        "from repro_gui.changes.change_set import ChangeSet, FileChange\n"
        "from repro_gui.errors import CannotApply\n"
        "from repro_gui.text import text\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: apply_change_set(Path(sys.argv[1]), ChangeSet(text('x'), 'y', (FileChange('train.py', b'one\\r\\ntwo\\r\\n', b'2'),)))\n"
        "except CannotApply as error: print(error.what)\n"
    )
    data = root.parent / "nobody"
    data.mkdir()
    os.chown(data, 65534, 65534)
    before = tree_of(root)
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        env={**os.environ, "XDG_DATA_HOME": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "may not write" in done.stdout, done.stderr
    assert tree_of(root) == before


@as_root
def test_a_file_of_somebody_else_in_our_folder(root: Path) -> None:
    """As another user in a folder of theirs: a file of root would change hands."""
    for folder in (root, *root.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(root, 65534, 65534)
    (root / "train.py").chmod(0o666)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from repro_gui.apply.history import apply_change_set\n"
        "from repro_gui.changes.change_set import ChangeSet, FileChange\n"
        "from repro_gui.errors import CannotApply\n"
        "from repro_gui.text import text\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: apply_change_set(Path(sys.argv[1]), ChangeSet(text('x'), 'y', (FileChange('train.py', b'one\\r\\ntwo\\r\\n', b'2'),)))\n"
        "except CannotApply as error: print(error.what)\n"
    )
    data = root.parent / "nobody"
    data.mkdir()
    os.chown(data, 65534, 65534)
    before = tree_of(root)
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        env={**os.environ, "XDG_DATA_HOME": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "belongs to another user" in done.stdout, done.stderr
    assert tree_of(root) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EBUSY, errno.EIO])
@pytest.mark.parametrize("call", ["write", "fsync", "link", "replace", "unlink", "mkdir"])
def test_a_call_that_fails_leaves_everything_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    before = tree_of(root)
    real = getattr(os, call)
    calls = 0

    def fail_once(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(number, os.strerror(number))
        return real(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail_once)
        try:
            apply_change_set(root, change_set(GONE, NEW, EDIT, SCRIPT))
        except CannotApply as refusal:
            said = str(refusal.what)
            assert "nothing was changed" in said
            assert tree_of(root) == before
            assert read_history(root) == ()
        else:
            # Syncing a folder is done where the system can.
            assert call == "fsync"
    assert calls


@as_root
@pytest.mark.skipif(sys.platform != "linux", reason="mounts of Linux")
def test_a_full_disk_really(root: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no mounts here")
    try:
        (small / "a.py").write_bytes(b"a" * 60_000)
        (small / "b.py").write_bytes(b"b" * 60_000)
        before = tree_of(small)
        with pytest.raises(CannotApply, match="no space left"):
            apply_change_set(
                small,
                change_set(
                    FileChange("a.py", b"a" * 60_000, b"A" * 60_000), FileChange("b.py", b"b" * 60_000, b"B" * 120_000)
                ),
            )
        assert tree_of(small) == before
        # Another file system inside the project is not written to.
        (root / "mounted").mkdir()
        subprocess.run(["mount", "--bind", str(small), str(root / "mounted")], check=True)
        try:
            with pytest.raises(CannotApply, match="another file system"):
                apply_change_set(root, change_set(FileChange("mounted/new.py", None, b"x")))
        finally:
            subprocess.run(["umount", str(root / "mounted")], check=True)
        # The same file system shown a second time has the same device: its mount tells.
        subprocess.run(["mount", "--bind", str(root / "src"), str(root / "mounted")], check=True)
        try:
            with pytest.raises(CannotApply, match="another file system"):
                apply_change_set(root, change_set(FileChange("mounted/new.py", None, b"x")))
        finally:
            subprocess.run(["umount", str(root / "mounted")], check=True)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_file_system_without_hard_links(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", no_links)
    before = tree_of(root)
    apply_change_set(root, change_set(EDIT, NEW, SCRIPT, GONE))
    undo(root)
    assert tree_of(root) == before


def test_undo_refuses_when_a_file_changed_since(root: Path) -> None:
    apply_change_set(root, change_set(EDIT, NEW))
    (root / "train.py").write_bytes(b"later work\n")
    entry = read_history(root)[0]
    assert not entry.can_undo
    assert "train.py" in str(entry.why_not)
    with pytest.raises(CannotUndo, match=r"train\.py"):
        undo(root)
    assert (root / "train.py").read_bytes() == b"later work\n"
    assert (root / "deep/er/Dockerfile").exists()


def test_a_named_entry_can_be_undone_before_newer_ones(root: Path) -> None:
    first = apply_change_set(root, change_set(EDIT))
    apply_change_set(root, change_set(NEW))
    undo(root, first.id)
    assert (root / "train.py").read_bytes() == EDIT.before
    assert (root / "deep/er/Dockerfile").exists()
    assert [(entry.id, entry.undone) for entry in read_history(root)] == [("2", False), ("1", True)]
    with pytest.raises(CannotUndo):
        undo(root, first.id)
    with pytest.raises(CannotUndo):
        undo(root, "77")


def test_a_folder_that_got_something_else_stays_on_undo(root: Path) -> None:
    apply_change_set(root, change_set(NEW))
    (root / "deep/er/notes.txt").write_bytes(b"mine")
    undo(root)
    assert (root / "deep/er/notes.txt").exists()
    assert not (root / "deep/er/Dockerfile").exists()


@posix
def test_names_that_are_not_text(root: Path) -> None:
    path = os.fsdecode(b"caf\xe9\n.py")
    (root / path).write_bytes(b"1")
    before = tree_of(root)
    apply_change_set(root, change_set(FileChange(path, b"1", b"2")))
    assert (root / path).read_bytes() == b"2"
    assert read_history(root)[0].files == (path,)
    undo(root)
    assert tree_of(root) == before


def test_a_damaged_journal_is_put_aside(root: Path) -> None:
    apply_change_set(root, change_set(EDIT))
    from repro_gui.apply.journal import journal_folder

    (journal_folder(root) / "journal.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    assert read_history(root) == ()
    assert list(journal_folder(root).glob("damaged-*.sqlite"))
    apply_change_set(root, change_set(NEW))
    assert len(read_history(root)) == 1


def test_nothing_is_left_open(root: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("cannot count descriptors")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        apply_change_set(root, change_set(EDIT, NEW))
        undo(root)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert stat.S_ISREG((root / "train.py").stat().st_mode)
