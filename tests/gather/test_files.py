"""Only plain files inside the folder are ever opened, whatever stands in the way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui.errors import ProjectUnreadable
from repro_gui.gather.files import FoldersByDescriptor, FoldersByPath, NotRead, ProjectFiles, WhyNot
from tests.git_repositories import write_files


@pytest.fixture(params=[FoldersByDescriptor, FoldersByPath])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> ProjectFiles:
    write_files(
        tmp_path,
        {"project/a.py": "a", "project/sub/deep/b.py": "b", "project/empty": "", "outside.txt": "secret"},
    )
    return ProjectFiles(tmp_path / "project", folders=request.param)


def why(answer: object) -> WhyNot:
    assert isinstance(answer, NotRead), answer
    return answer.why


def test_files_are_read_up_to_the_limit(opened: ProjectFiles) -> None:
    assert opened.read("a.py", 1) == b"a"
    assert opened.read("./sub//deep/../deep/b.py", 10) == b"b"
    assert opened.read("empty", 0) == b""
    assert why(opened.read("a.py", 0)) is WhyNot.TOO_LARGE
    assert opened.read_start("a.py", 100) == b"a"
    file = opened.open("sub/deep/b.py")
    assert not isinstance(file, NotRead)
    with file:
        assert file.read() == b"b"


def test_a_file_of_two_gigabytes_costs_nothing(opened: ProjectFiles, tmp_path: Path) -> None:
    with (tmp_path / "project/huge.py").open("wb") as file:
        file.truncate(2 * 1024**3)
    assert why(opened.read("huge.py", 1000)) is WhyNot.TOO_LARGE
    assert opened.read_start("huge.py", 4) == b"\0\0\0\0"


def test_what_is_not_there(opened: ProjectFiles) -> None:
    for path in ("none", "a.py/x", "sub/none/x", "x" * 5000, "nul\0byte"):
        assert why(opened.read(path, 10)) is WhyNot.MISSING


@pytest.mark.parametrize("path", ["../outside.txt", "sub/../../outside.txt", "/etc/passwd", "sub/../../project/a.py"])
def test_paths_never_leave(opened: ProjectFiles, path: str) -> None:
    assert why(opened.read(path, 100)) is WhyNot.OUTSIDE
    assert why(opened.status(path)) is WhyNot.OUTSIDE


def test_links_are_followed_inside_only(opened: ProjectFiles, tmp_path: Path) -> None:
    project = tmp_path / "project"
    links = {
        "to-file": "sub/deep/b.py",
        "to-folder": "sub/deep",
        "absolute": str(project / "a.py"),
        "sub/up": "../a.py",
        "chain": "to-folder/b.py",
        "out": "../outside.txt",
        "out-absolute": str(tmp_path / "outside.txt"),
        "out-folder": "..",
        "sub/out-and-in": "../../project/a.py",
        "neighbour": f"{project}-other/x",
        "loop": "loop",
        "loop-a": "loop-b/x",
        "loop-b": "loop-a/x",
    }
    for name, target in links.items():
        (project / name).symlink_to(target)
    assert opened.read("to-file", 10) == b"b"
    assert opened.read("to-folder/b.py", 10) == b"b"
    assert opened.read("absolute", 10) == b"a"
    assert opened.read("sub/up", 10) == b"a"
    assert opened.read("chain", 10) == b"b"
    assert opened.is_file("chain")
    for name in ("out", "out-absolute", "out-folder/outside.txt", "sub/out-and-in", "neighbour", "loop", "loop-a"):
        assert why(opened.read(name, 10)) is WhyNot.OUTSIDE
        assert not opened.is_file(name)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX kinds of files")
def test_pipes_sockets_devices_and_folders_are_never_opened(opened: ProjectFiles, tmp_path: Path) -> None:
    project = tmp_path / "project"
    os.mkfifo(project / "pipe.py")
    here = Path.cwd()
    os.chdir(project)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        os.chdir(here)
        for name in ("pipe.py", "socket.py", "sub"):
            assert why(opened.read(name, 10)) is WhyNot.NOT_PLAIN
    (project / "device.py").symlink_to("/dev/zero")
    assert why(opened.read("device.py", 10)) is WhyNot.OUTSIDE
    if os.getuid() == 0:
        os.mknod(project / "zero.py", 0o020666, os.makedev(1, 5))
        assert why(opened.read("zero.py", 10)) is WhyNot.NOT_PLAIN


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_nobody_who_waits_at_a_pipe_is_woken(tmp_path: Path) -> None:
    """Even opening a pipe for a moment would let its writer go on: the project could count our visits."""
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(["sh", "-c", f"echo x > {tmp_path}/pipe; touch {tmp_path}/woken"])
    try:
        with ProjectFiles(tmp_path) as opened:
            assert why(opened.read("pipe", 10)) is WhyNot.NOT_PLAIN
        assert not (tmp_path / "woken").exists()
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()


def test_a_folder_exchanged_for_a_link_is_not_followed(tmp_path: Path) -> None:
    """The race: a path is looked at, then exchanged. The kernel refuses, whichever call comes first."""
    write_files(tmp_path, {"project/sub/a.py": "inside", "outside/a.py": "secret"})
    seen: set[bytes] = set()
    stop = threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            (tmp_path / "project/sub").rename(tmp_path / "project/kept")
            (tmp_path / "project/sub").symlink_to(tmp_path / "outside")
            (tmp_path / "project/sub").unlink()
            (tmp_path / "project/kept").rename(tmp_path / "project/sub")

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        for _ in range(300):
            with ProjectFiles(tmp_path / "project") as opened:
                content = opened.read("sub/a.py", 100)
            if isinstance(content, bytes):
                seen.add(content)
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"inside"}


def test_more_folders_than_are_held_open(tmp_path: Path) -> None:
    write_files(tmp_path, {f"f{number}/g/h/x.py": str(number) for number in range(100)})
    before = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    with ProjectFiles(tmp_path) as opened:
        for number in [*range(100), *range(99, -1, -1)]:
            assert opened.read(f"f{number}/g/h/x.py", 10) == str(number).encode()
    if sys.platform == "linux":
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert why(opened.read("f1/g/h/x.py", 10)) is WhyNot.FAILED


@pytest.mark.skipif(sys.platform != "linux", reason="file systems that take any bytes")
def test_names_of_any_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"new\nline\xff\x1b[31m.py")
    (tmp_path / name).write_text("x")
    with ProjectFiles(tmp_path) as opened:
        assert opened.read(name, 10) == b"x"
        listed = opened.list_folder("")
        assert not isinstance(listed, NotRead)
        assert [entry.path for entry in listed] == [name]
        missing = opened.read(name + "?", 10)
    assert isinstance(missing, NotRead)
    assert str(missing.reason) == "new\\nline\\xff\\x1b[31m.py? is not there."


def test_a_folder_is_listed_in_name_order(opened: ProjectFiles, tmp_path: Path) -> None:
    (tmp_path / "project/link").symlink_to("sub")
    listed = opened.list_folder("")
    assert not isinstance(listed, NotRead)
    assert [(entry.path, str(entry.kind), entry.link_target) for entry in listed] == [
        ("a.py", "file", ""),
        ("empty", "file", ""),
        ("link", "link", "sub"),
        ("sub", "folder", ""),
    ]
    below = opened.list_folder("sub/deep")
    assert not isinstance(below, NotRead)
    assert [(entry.path, entry.name, entry.size) for entry in below] == [("sub/deep/b.py", "b.py", 1)]
    assert why(opened.list_folder("none")) is WhyNot.MISSING
    assert why(opened.list_folder("a.py")) is WhyNot.MISSING


@pytest.fixture
def common_folder() -> Iterator[Path]:
    """A folder that another user may enter, as those of pytest may not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_nobody(script: str, *arguments: str) -> str:
    """Run Python as another user, since root may read everything; imports happen before, the interpreter may be root's."""
    if os.getuid() != 0:
        pytest.skip("needs to be root to become somebody else")
    code = f"""
import os, sys
from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.settings import Limits
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
os.setgroups([]); os.setgid(65534); os.setuid(65534)
{script}
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_permission_is_a_sentence(common_folder: Path) -> None:
    write_files(common_folder, {"project/a.py": "a", "project/closed/b.py": "b", "shut/x": "x"})
    (common_folder / "project/a.py").chmod(0o600)
    (common_folder / "project/closed").chmod(0o700)
    (common_folder / "shut").chmod(0o700)
    script = """
with ProjectFiles(sys.argv[1]) as opened:
    print(opened.read("a.py", 10).reason)
    print(opened.read("closed/b.py", 10).why)
    tree = walk_tree(opened, Limits(), NoProgress())
    print([item.path for item in tree.left_out], tree.left_out[0].reason)
try:
    ProjectFiles(sys.argv[2])
except ProjectUnreadable as error:
    print(error)
"""
    said = as_nobody(script, str(common_folder / "project"), str(common_folder / "shut")).splitlines()
    assert said[0] == "There is no permission to read a.py."
    assert said[1] == "no-permission"
    assert said[2] == "['closed'] There is no permission to read closed."
    assert said[3].startswith("There is no permission to read the folder")


@pytest.mark.parametrize("kind", ["missing", "file", "nul", "loop"])
def test_a_folder_that_is_none(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    path = "a\0b" if kind == "nul" else str(tmp_path / kind)
    with pytest.raises(ProjectUnreadable) as raised:
        ProjectFiles(path)
    expected = {"missing": "There is no folder", "file": "is a file", "nul": "There is no folder", "loop": "cannot be"}
    assert expected[kind] in str(raised.value.what)
    assert str(raised.value.mend).endswith(".")


def test_a_link_to_the_project_is_the_project(tmp_path: Path) -> None:
    write_files(tmp_path, {"real/a.py": "a"})
    (tmp_path / "link").symlink_to("real")
    with ProjectFiles(tmp_path / "link") as opened:
        assert opened.name == "real"
        assert opened.read("a.py", 1) == b"a"
