from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from repro_gui.errors import Cancelled
from repro_gui.facts.data_files import DataFiles, PinKind
from repro_gui.facts.dvc_states import ByteState, DvcState, dvc_states
from repro_gui.facts.git import GitState
from repro_gui.facts.settings import Limits, Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.data_files import gather_data_files
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from repro_gui.text import Text
from tests.dvc_repositories import run_dvc

TEXT = b"a,b\r\n1,2\r\n" * 3000


@pytest.fixture(scope="session")
def dvc_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file, a folder and a pipeline under a real DVC, with a remote in a folder; copy it, never change it."""
    root = tmp_path_factory.mktemp("dvc") / "project"
    (root / "data/images/deep").mkdir(parents=True)
    (root / "data/table.csv").write_bytes(TEXT)
    (root / "data/images/a.bin").write_bytes(bytes(range(256)) * 20)
    (root / "data/images/deep/ü b.bin").write_bytes(b"\0" * 5000)
    (root / "data/images/skipped.tmp").write_bytes(b"temporary")
    (root / "params.yaml").write_text("size: 3\n")
    (root / "make.py").write_text("open('made.txt', 'w').write('x' * 3)\n")
    (root / ".dvcignore").write_text("*.tmp\n")
    (root / "sub").mkdir()
    (root / "sub/make.py").write_text("open('made.txt', 'w').write('y' * 3)\n")
    (root / "dvc.yaml").write_text(
        "stages:\n"
        "  make:\n"
        "    cmd: python make.py\n"
        "    deps: [make.py, data/table.csv]\n"
        "    params: [size]\n"
        "    outs: [made.txt]\n"
        "  below:\n"
        "    wdir: sub\n"
        "    cmd: python make.py\n"
        "    deps: [make.py]\n"
        "    outs: [made.txt]\n"
        "  never:\n"
        "    cmd: python other.py\n"
        "    outs: [never.txt]\n"
    )
    run_dvc(
        root,
        ["init", "--no-scm", "-q", "-f"],
        ["remote", "add", "-d", "store", str(root.parent / "store")],
        ["add", "-q", "data/table.csv", "data/images"],
        ["repro", "-q", "make", "below"],
    )
    return root


@pytest.fixture
def project(dvc_project: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(dvc_project, tmp_path / "project", symlinks=True))


def gather(root: Path, cache: Cache | None = None, limits: Limits | None = None) -> DataFiles:
    settings = Settings(limits=limits or Limits())
    with ProjectFiles(root) as opened, cache or Cache(None, str(root)) as used:
        tree = walk_tree(opened, settings.limits, NoProgress())
        return gather_data_files(opened, tree, settings, NoProgress(), used)


def states(facts: DataFiles) -> dict[tuple[str, str], DvcState]:
    return {(state.entry.location.path, state.entry.path): state for state in dvc_states(facts)}


def test_untouched_repository_is_the_same_everywhere(project: Path) -> None:
    found = states(gather(project))
    assert {key: state.state for key, state in found.items()} == {
        ("data/images.dvc", "data/images"): ByteState.SAME,
        ("data/table.csv.dvc", "data/table.csv"): ByteState.SAME,
        ("dvc.lock", "make.py"): ByteState.SAME,
        ("dvc.lock", "data/table.csv"): ByteState.SAME,
        ("dvc.lock", "made.txt"): ByteState.SAME,
        ("dvc.lock", "sub/make.py"): ByteState.SAME,
        ("dvc.lock", "sub/made.txt"): ByteState.SAME,
        ("dvc.yaml", "never.txt"): ByteState.NOT_RECORDED,
    }
    table = found["data/table.csv.dvc", "data/table.csv"].entry
    lines = (project / "data/table.csv.dvc").read_text().splitlines()
    assert table.digest in lines[table.location.line - 1]
    assert table.hash_name == "md5"


def test_changed_bytes_of_a_file_are_seen_also_through_the_lock(project: Path) -> None:
    (project / "data/table.csv").write_bytes(TEXT.replace(b"1,2", b"1,3"))
    found = states(gather(project))
    assert found["data/table.csv.dvc", "data/table.csv"].state is ByteState.DIFFERENT
    assert found["dvc.lock", "data/table.csv"].state is ByteState.DIFFERENT
    assert found["data/images.dvc", "data/images"].state is ByteState.SAME


def test_same_size_and_times_do_not_hide_a_change(project: Path) -> None:
    path = project / "data/table.csv"
    before = path.stat()
    path.write_bytes(TEXT.replace(b"1,2", b"1,3"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert states(gather(project))["data/table.csv.dvc", "data/table.csv"].state is ByteState.DIFFERENT


def test_changed_folder_names_its_files(project: Path) -> None:
    images = project / "data/images"
    (images / "a.bin").write_bytes(b"other")
    (images / "new.bin").write_bytes(b"new")
    (images / "deep/ü b.bin").unlink()
    (images / "ignored.tmp").write_bytes(b"not seen by DVC")
    state = states(gather(project))["data/images.dvc", "data/images"]
    assert state.state is ByteState.DIFFERENT
    assert (state.changed, state.added, state.missing) == (("a.bin",), ("new.bin",), ("deep/ü b.bin",))


def test_changed_folder_without_its_listing_still_differs(project: Path) -> None:
    shutil.rmtree(project / ".dvc/cache")
    assert states(gather(project))["data/images.dvc", "data/images"].state is ByteState.SAME
    (project / "data/images/a.bin").write_bytes(b"other")
    state = states(gather(project))["data/images.dvc", "data/images"]
    assert state.state is ByteState.DIFFERENT
    assert state.changed == ()


def test_forged_listing_is_not_believed(project: Path) -> None:
    (listing,) = (project / ".dvc/cache").rglob("*.dir")
    listing.chmod(0o644)
    listing.write_text('[{"md5": "0", "relpath": "gone"}]')
    (project / "data/images/a.bin").write_bytes(b"other")
    state = states(gather(project))["data/images.dvc", "data/images"]
    assert (state.state, state.missing) == (ByteState.DIFFERENT, ())


def test_what_a_checkout_would_bring_is_absent_and_still_pinned(project: Path) -> None:
    shutil.rmtree(project / "data/images")
    (project / "data/table.csv").unlink()
    facts = gather(project)
    found = states(facts)
    assert found["data/images.dvc", "data/images"].state is ByteState.ABSENT
    assert found["data/table.csv.dvc", "data/table.csv"].state is ByteState.ABSENT
    assert {pin.kind for path in ("data/images/deep/x", "data/table.csv") for pin in facts.pins(path, GitState())} == {
        PinKind.DVC
    }
    assert found["data/table.csv.dvc", "data/table.csv"].entry.digest in facts.cached


@pytest.mark.parametrize("crlf", [True, False])
def test_digest_of_dvc_before_three_ignores_line_ends_of_text(project: Path, crlf: bool) -> None:
    import hashlib

    content = TEXT if crlf else TEXT.replace(b"\r\n", b"\n")
    (project / "data/table.csv").write_bytes(content)
    digest = hashlib.md5(TEXT.replace(b"\r\n", b"\n")).hexdigest()
    (project / "data/table.csv.dvc").write_text(f"outs:\n- md5: {digest}\n  size: {len(content)}\n  path: table.csv\n")
    state = states(gather(project))["data/table.csv.dvc", "data/table.csv"]
    assert (state.entry.hash_name, state.state) == ("md5-dos2unix", ByteState.SAME)


def test_links_into_the_cache_are_followed_and_dangling_ones_are_absent(project: Path) -> None:
    (cached,) = (
        path for path in (project / ".dvc/cache/files/md5").rglob("*") if path.is_file() and path.read_bytes() == TEXT
    )
    path = project / "data/table.csv"
    path.unlink()
    path.symlink_to(os.path.relpath(cached, path.parent))
    key = "data/table.csv.dvc", "data/table.csv"
    assert states(gather(project))[key].state is ByteState.SAME
    cached.chmod(0o644)
    cached.unlink()
    assert states(gather(project))[key].state is ByteState.ABSENT


def test_link_that_leads_outside_is_not_followed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_bytes(TEXT)
    (project / "data/table.csv").unlink()
    (project / "data/table.csv").symlink_to(tmp_path / "outside.csv")
    state = states(gather(project))["data/table.csv.dvc", "data/table.csv"]
    assert state.state is ByteState.UNKNOWN
    assert "outside" in str(state.reason)


def test_beyond_the_limit_nothing_is_claimed(project: Path) -> None:
    huge = project / "data/huge.bin"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    (project / "data/huge.bin.dvc").write_text(
        f"outs:\n- md5: {'0' * 32}\n  size: {2 * 1024**3}\n  hash: md5\n  path: huge.bin\n"
    )
    limits = Limits(hashed_bytes=1024**2)
    state = states(gather(project, limits=limits))["data/huge.bin.dvc", "data/huge.bin"]
    assert state.state is ByteState.UNKNOWN
    assert "2147483648 bytes" in str(state.reason)
    (project / "data/huge.bin.dvc").write_text(f"outs:\n- md5: {'0' * 32}\n  size: 7\n  hash: md5\n  path: huge.bin\n")
    state = states(gather(project, limits=limits))["data/huge.bin.dvc", "data/huge.bin"]
    assert state.state is ByteState.DIFFERENT  # another size needs no reading


def test_empty_file_under_dvc(project: Path) -> None:
    (project / "empty.csv").touch()
    (project / "empty.csv.dvc").write_text(
        "outs:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n  size: 0\n  hash: md5\n  path: empty.csv\n"
    )
    assert states(gather(project))["empty.csv.dvc", "empty.csv"].state is ByteState.SAME


def test_second_look_reads_no_data(project: Path, tmp_path: Path) -> None:
    for path in [project / "data/table.csv", *(project / "data/images").rglob("*.bin")]:
        os.utime(path, (1_700_000_000, 1_700_000_000.5))
    big = project / "data/images/big.bin"
    big.write_bytes(os.urandom(5 * 1024 * 1024))
    caches = tmp_path / "caches"
    import time

    time.sleep(2.2)  # a file that was just written is not trusted by its times
    first = gather(project, Cache(caches, str(project)))
    opened: list[str] = []

    class Watched(ProjectFiles):
        def open(self, path: str) -> BinaryIO | NotRead:
            opened.append(path)
            return super().open(path)

    with Watched(project) as files, Cache(caches, str(project)) as cache:
        tree = walk_tree(files, Limits(), NoProgress())
        second = gather_data_files(files, tree, Settings(), NoProgress(), cache)
    assert second == first
    assert [path for path in opened if path.startswith("data/") and not path.endswith(".dvc")] == []


def test_progress_is_reported_and_can_cancel(project: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Stop:
        def step(self, what: Text, done: int, total: int) -> None:
            if "DVC" in str(what):
                seen.append((done, total))
                if len(seen) == 3:
                    raise Cancelled

    with ProjectFiles(project) as opened, Cache(None, str(project)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        with pytest.raises(Cancelled):
            gather_data_files(opened, tree, Settings(), Stop(), cache)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] <= seen[-1][1]


def test_folder_that_is_not_listed_whole_is_unknown(project: Path) -> None:
    (project / "data/images/.cache").mkdir()
    (project / "data/images/.cache/x.bin").write_bytes(b"x")
    state = states(gather(project))["data/images.dvc", "data/images"]
    assert state.state is ByteState.UNKNOWN
    state = states(gather(project, limits=Limits(folder_files=1)))["data/images.dvc", "data/images"]
    assert state.state is ByteState.UNKNOWN


def test_config_names_remotes_and_hides_credentials(project: Path) -> None:
    (project / ".dvc/config").write_text(
        "[core]\n    remote = far\n['remote \"far\"']\n    url = https://user:hunter2@example.org/data?token=hunter2\n"
        "    password = hunter2\n['remote \"near\"']\n    url = ../../store\n"
    )
    (project / ".dvc/config.local").write_text("['remote \"far\"']\n    access_key_id = hunter2\n")
    config = gather(project).configs[""]
    assert [(remote.name, remote.url, remote.scheme, remote.location.line) for remote in config.remotes] == [
        ("far", "https://example.org/data", "https", 4),
        ("near", "../../store", "local", 7),
    ]
    assert config.default_remote == "far"
    assert config.has_local
    assert b"hunter2" not in msgspec.json.encode(gather(project))


HOSTILE = {
    "bomb": b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*b%d, *b%d]\n" % (i + 1, i + 1, i, i) for i in range(60)),
    "deep": b"[" * 100_000,
    "binary": bytes(range(256)) * 50,
    "cut in half": b"outs:\n- md5: abc\n  pa",
    "object": b"!!python/object/apply:os.system ['touch mark']",
    "other shape": b"outs: {path: x}\ndeps: [1, [2], null]\nstages: 7\n",
    "odd items": b"outs:\n- path: [a]\n  md5: {x: y}\n- path: /etc/passwd\n  md5: 1\n- path: ../../../etc/passwd\n  md5: 2\n",
    "empty": b"",
}


@pytest.mark.parametrize("name", ["x.dvc", "dvc.lock", "dvc.yaml"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_metafiles_end_in_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / name).write_bytes(content)
    facts = gather(root)
    metafile = facts.metafiles[name]
    assert metafile.reason is not None or all(entry.path == "" for entry in facts.entries)
    list(dvc_states(facts))
    assert sorted(path.name for path in root.iterdir()) == [name]


def test_pipe_in_the_place_of_a_metafile_or_data_is_not_opened(project: Path) -> None:
    (project / "data/table.csv").unlink()
    os.mkfifo(project / "data/table.csv")
    os.mkfifo(project / "pipe.dvc")
    state = states(gather(project))["data/table.csv.dvc", "data/table.csv"]
    assert state.state is ByteState.UNKNOWN


def test_lfs_pointers_and_rules(tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
    (tmp_path / "sub").mkdir()
    (tmp_path / ".gitattributes").write_text(
        '[attr]big filter=lfs -text\n*.csv filter=lfs diff=lfs merge=lfs -text\n/top.bin big\n"with space*" filter=lfs\n'
        "models/** filter=lfs\ntext.csv !filter\n# comment filter=lfs\n"
    )
    (tmp_path / "sub/.gitattributes").write_text("plain.csv -filter\n")
    for name in ("a.csv", "top.bin", "with space.x", "text.csv", "sub/plain.csv", "sub/b.csv", "sub/top.bin"):
        (tmp_path / name).write_bytes(pointer)
    facts = gather(tmp_path)
    assert set(facts.lfs_pointers) == {"a.csv", "top.bin", "with space.x", "sub/b.csv"}
    assert facts.lfs_pointers["a.csv"].size == 12345
    assert facts.is_under_lfs("models/deep/x.pt")
    git = GitState(head="1" * 40, tracked=frozenset({"a.csv", "text.csv"}))
    assert [pin.kind for pin in facts.pins("a.csv", git)] == [PinKind.GIT_LFS]
    assert [pin.kind for pin in facts.pins("text.csv", git)] == [PinKind.GIT]
    assert facts.pins("unknown.csv", git) == ()


def test_annexed_links_tell_whether_their_content_is_here(tmp_path: Path) -> None:
    key = "SHA256E-s5--" + "a" * 64 + ".csv"
    objects = tmp_path / f".git/annex/objects/ab/cd/{key}"
    objects.mkdir(parents=True)
    (objects / key).write_bytes(b"12345")
    (tmp_path / "here.csv").symlink_to(f".git/annex/objects/ab/cd/{key}/{key}")
    (tmp_path / "gone.csv").symlink_to(f".git/annex/objects/ef/gh/{key}x/{key}x")
    facts = gather(tmp_path)
    assert {path: (link.key, link.is_here) for path, link in facts.annexed.items()} == {
        "here.csv": (key, True),
        "gone.csv": (key + "x", False),
    }
    assert facts.pins("gone.csv", GitState(tracked=frozenset({"gone.csv"})))[0].kind is PinKind.GIT_ANNEX


def test_lakefs_is_recognised_and_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/.lakefs_ref.yaml").write_text("src: lakefs://repo/main/\nat_head: abc\n")
    assert [(item.name, item.location.path) for item in gather(tmp_path).unread] == [
        ("lakeFS", "data/.lakefs_ref.yaml")
    ]


def test_facts_after_a_change_are_those_of_a_new_look(project: Path) -> None:
    facts = gather(project)
    new = TEXT.replace(b"1,2", b"1,4")
    changes: dict[str, bytes | None] = {
        "data/table.csv": new,
        "data/images.dvc": None,
        "other.csv": b"x",
        "other.csv.dvc": b"outs:\n- md5: 9dd4e461268c8034f5c8564e155c67a6\n  hash: md5\n  path: other.csv\n",
        ".dvcignore": b"*.tmp\n*.log\n",
    }
    for path, content in changes.items():
        if content is None:
            (project / path).unlink()
        else:
            (project / path).write_bytes(content)
    seen, expected = gather(project), facts.after(changes)
    assert list(dvc_states(expected)) == list(dvc_states(seen))
    assert expected.metafiles == seen.metafiles
    assert expected.ignores == seen.ignores
