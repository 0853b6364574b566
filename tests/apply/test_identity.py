"""For any project and any change of it: apply and undo is the identity, apply and redo are the same, also after a restart."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repro_gui.apply.history import apply_change_set, read_history, redo, undo
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.errors import CannotApply
from repro_gui.text import text
from tests.apply.trees import tree_of

names = st.sampled_from(["a", "b", "ä.py", "c d", "-x", ".hidden", "Ünï\u0301", os.fsdecode(b"\xff\xfe")])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
contents = st.binary(max_size=50)
modes = st.sampled_from([0o600, 0o644, 0o755, 0o660, 0o4755])
trees = st.dictionaries(paths, st.tuples(contents, modes), max_size=6)
links = st.dictionaries(paths, paths, max_size=2)


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


def build(root: Path, tree: dict[str, tuple[bytes, int]], linked: dict[str, str]) -> None:
    root.mkdir()
    for path, (content, mode) in tree.items():
        target = root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(mode)
        except OSError:  # a file is where a folder would have to be
            continue
    for path, goal in linked.items():
        target = root / path
        if not os.path.lexists(target) and target.parent.is_dir():
            target.symlink_to(goal)


@given(trees, links, st.dictionaries(paths, st.none() | contents, min_size=1, max_size=5), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_fix_and_undo_is_the_identity(
    memory: Path,
    monkeypatch: pytest.MonkeyPatch,
    tree: dict[str, tuple[bytes, int]],
    linked: dict[str, str],
    wanted: dict[str, bytes | None],
    executable: bool,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(memory / "data"))
    root = memory / "project"
    for old in (root, memory / "data"):
        shutil.rmtree(old, ignore_errors=True)
    build(root, tree, linked)
    changes = tuple(
        FileChange(path, (root / path).read_bytes() if (root / path).is_file() else None, content, executable)
        for path, content in wanted.items()
    )
    before = tree_of(root)
    try:
        apply_change_set(root, ChangeSet(text("x"), "y", changes))
    except CannotApply:
        # Through a link, below a file, over a folder.
        assert tree_of(root) == before
        return
    after = tree_of(root)
    for change in changes:
        if change.before != change.after:
            assert after.get(change.path, (None,))[-1] == change.after
    untouched = set(before) - set(wanted)
    assert {path: after.get(path) for path in untouched} == {path: before[path] for path in untouched}
    undo(root)
    assert tree_of(root) == before
    redo(root)
    assert tree_of(root) == after
    undo(root)
    assert tree_of(root) == before
    assert [entry.undone for entry in read_history(root)] == [True]
