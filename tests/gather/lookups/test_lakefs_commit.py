"""Commits from a server that speaks lakeFS's API, asked by the real client with a person's configuration."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui.facts.lookup import Consent, LakefsCommit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.gather.lookups.lakefs_commit import ask_for_commit
from repro_gui.progress import NoProgress
from tests.lakefs_server import COMMIT, KEY, SECRET, client_packages, lakefs_server


@pytest.fixture
def server() -> Iterator[str]:
    with lakefs_server() as address:
        yield address


@contextlib.contextmanager
def silent_server() -> Iterator[str]:
    """One that takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


_ASK = """
import sys
sys.path.append(sys.argv[1])
from repro_gui.facts.lookup import LakefsCommit
from repro_gui.gather.lookups.lakefs_commit import ask_for_commit
from repro_gui.progress import NoProgress
answer = ask_for_commit(LakefsCommit(sys.argv[2], sys.argv[3]), NoProgress(), float(sys.argv[4]), float(sys.argv[4]))
print("commit", answer) if isinstance(answer, str) else print("none", answer.reason, answer.mend)
"""


def ask(home: Path, repository: str, ref: str, *, seconds: float = 10, **environment: str) -> str:
    """What the look-up says, in a process that has the real client and that home folder."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(client_packages()), repository, ref, str(seconds)],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done.stdout.strip()


def configured(home: Path, address: str, secret: str = SECRET) -> Path:
    (home / ".lakectl.yaml").write_text(
        f"credentials:\n  access_key_id: {KEY}\n  secret_access_key: {secret}\nserver:\n  endpoint_url: {address}\n"
    )
    return home


def test_the_commit_of_a_branch(server: str, tmp_path: Path) -> None:
    configured(tmp_path, server)
    assert ask(tmp_path, "prices", "main") == f"commit {COMMIT}"
    assert ask(tmp_path, "prices", "team/new") == f"commit {COMMIT[::-1]}"


def test_a_tag_and_what_is_not_there_are_sentences(server: str, tmp_path: Path) -> None:
    configured(tmp_path, server)
    assert ask(tmp_path, "prices", "v1.0").startswith("none v1.0 is a tag, which does not move.")
    assert ask(tmp_path, "prices", "nowhere").startswith("none The server knows no branch nowhere in prices.")


def test_the_variables_of_lakectl_count_too(server: str, tmp_path: Path) -> None:
    found = ask(
        tmp_path,
        "prices",
        "main",
        LAKECTL_SERVER_ENDPOINT_URL=server,
        LAKECTL_CREDENTIALS_ACCESS_KEY_ID=KEY,
        LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY=SECRET,
    )
    assert found == f"commit {COMMIT}"


def test_wrong_credentials_none_and_no_server(server: str, tmp_path: Path) -> None:
    assert "No lakeFS server is configured" in ask(tmp_path, "prices", "main")
    assert "status 401" in ask(configured(tmp_path, server, "wrong"), "prices", "main")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "could not be asked" in ask(configured(tmp_path, f"http://127.0.0.1:{port}"), "prices", "main")
    (tmp_path / ".lakectl.yaml").write_text("credentials: [\n")
    assert "could not be asked" in ask(tmp_path, "prices", "main")


def test_a_server_that_does_not_answer_is_left(tmp_path: Path) -> None:
    with silent_server() as address:
        started = time.monotonic()
        said = ask(configured(tmp_path, address), "prices", "main", seconds=1)
    assert "did not answer" in said or "could not be asked" in said
    # The process ends, too: nothing waits for the thread that asked. (The limit is subprocess's, far above.)
    assert time.monotonic() > started


def test_without_the_client_or_the_yes_nothing_is_asked(tmp_path: Path) -> None:
    # Our own environment has no such client: that is the other half of this test.
    answer = ask_for_commit(LakefsCommit("prices", "main"), NoProgress())
    assert isinstance(answer, Unavailable)
    assert "not installed" in str(answer.reason)
    with ProjectFiles(tmp_path) as opened:
        lookup = LakefsCommit("prices", "main")
        answers = answer_lookups(opened, [lookup], frozenset({Consent.READS}), NoProgress())
    refused = answers.by_lookup[lookup]
    assert isinstance(refused, Unavailable)
    assert "lakeFS server of your configuration" in str(refused.reason)
