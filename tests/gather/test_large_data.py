"""Fifty gigabytes of data under DVC: progress, the limit, a cancel; and remotes that nobody asks."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.data import changed_data, no_data_remote, unversioned_data
from repro_gui.errors import Cancelled
from repro_gui.facts.dvc_states import ByteState, dvc_states
from repro_gui.facts.settings import Limits, Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.data_files import gather_data_files
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from repro_gui.text import Text
from repro_gui.worker.messages import Audit, CancelledEnd, Step
from tests.git_repositories import make_repository
from tests.worker.reader_process import ReaderProcess

FILES, SIZE = 100, 512 * 1024**2
TRAIN = (
    "import numpy as np\nfrom sklearn.svm import SVC\nSVC().fit(np.load('data/part0.npy'), np.load('data/part1.npy'))\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a hundred files of half a gigabyte that are not on the disk, each with its record of DVC."""
    root = make_repository(tmp_path / "project", {"train.py": TRAIN, ".gitignore": "*.npy\n"})
    (root / "data").mkdir()
    for number in range(FILES):
        with (root / f"data/part{number}.npy").open("wb") as file:
            file.truncate(SIZE)
        record = f"outs:\n- md5: {'0' * 32}\n  size: {SIZE}\n  hash: md5\n  path: part{number}.npy\n"
        (root / f"data/part{number}.npy.dvc").write_text(record)
    return root


class Watching:
    """Remembers every step of the comparison and may stop at one of them."""

    def __init__(self, stop_at: int = 0) -> None:
        self.done: list[int] = []
        self.totals: set[int] = set()
        self.stop_at = stop_at

    def step(self, what: Text, done: int, total: int) -> None:
        if "DVC" in str(what):
            self.done.append(done)
            self.totals.add(total)
            if self.stop_at and done >= self.stop_at:
                raise Cancelled


def test_what_is_beyond_the_limit_is_cannot_tell(project: Path) -> None:
    settings = Settings(limits=Limits(hashed_bytes=SIZE // 4))
    snapshot = gather_snapshot(project, settings)
    facts = FactsFor(snapshot, load_knowledge())
    result = run_check(facts, changed_data.CHECK)
    assert (result.outcome, result.findings) == (Outcome.COULD_NOT_RUN, ())
    assert "at most" in str(result.why_not)
    assert len(result.undecided) == FILES
    # Pinned it is all the same: what is recorded needs no reading.
    assert run_check(facts, unversioned_data.CHECK).outcome is Outcome.PASSED


def test_progress_counts_bytes_and_a_cancel_is_heard_soon(project: Path) -> None:
    watching = Watching(stop_at=1)
    with ProjectFiles(project) as opened, Cache(None, str(project)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        with pytest.raises(Cancelled):
            gather_data_files(opened, tree, Settings(), watching, cache)
    assert watching.totals == {FILES * SIZE}
    steps = [later - earlier for earlier, later in zip(watching.done, watching.done[1:], strict=False)]
    # Between two looks at a cancel lies so little that one core of MD5 reads it in a fraction of a second.
    assert max(steps) <= 32 * 1024**2


def test_the_first_bytes_up_to_the_limit_are_compared(project: Path) -> None:
    settings = Settings(limits=Limits(hashed_bytes=SIZE))
    with ProjectFiles(project) as opened, Cache(None, str(project)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        facts = gather_data_files(opened, tree, settings, NoProgress(), cache)
    states = [state.state for state in dvc_states(facts)]
    assert (states.count(ByteState.DIFFERENT), states.count(ByteState.UNKNOWN)) == (1, FILES - 1)


def test_a_cancelled_audit_of_a_real_worker_ends(project: Path) -> None:
    with ReaderProcess(project.parent) as reader:
        number = reader.send(lambda number: Audit(number=number, root=str(project), settings=Settings()))
        while True:
            reply = reader.next()
            if isinstance(reply, Step) and "DVC" in str(reply.what):
                break
        reader.cancel(number)
        parts, end = reader.until_end(number)
    assert isinstance(end, CancelledEnd)
    assert {part.total for part in parts if isinstance(part, Step) and "DVC" in str(part.what)} <= {FILES * SIZE}


def test_a_remote_that_does_not_answer_is_not_asked(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/store"
        (project / ".dvc").mkdir()
        (project / ".dvc/config").write_text(f"[core]\n    remote = far\n['remote \"far\"']\n    url = {address}\n")
        snapshot = gather_snapshot(project, Settings(limits=Limits(hashed_bytes=0)))
        assert run_check(FactsFor(snapshot, load_knowledge()), no_data_remote.CHECK).outcome is Outcome.PASSED
        with pytest.raises(TimeoutError):
            listening.accept()
