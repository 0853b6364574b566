"""Commits and digests from servers on this machine: real Git over HTTP, the protocol of registries."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro_gui.errors import Cancelled
from repro_gui.facts.lookup import Consent, ImageDigest, RemoteCommit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.gather.lookups.image_digest import ask_for_digest
from repro_gui.gather.lookups.remote_commit import ask_for_commit
from repro_gui.progress import NoProgress, Progress
from repro_gui.text import Text
from tests.package_index import folder_over_http, image_registry

DIGEST = "sha256:" + "ab" * 32


def git(*arguments: str, folder: Path) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A repository with a branch, a plain and an annotated tag; its address and its commits by name."""
    work = tmp_path / "work"
    work.mkdir()
    git("init", "-q", folder=work)
    commits = {}
    for name in ("first", "second"):
        git("commit", "-q", "--allow-empty", "-m", name, folder=work)
        commits[name] = git("rev-parse", "HEAD", folder=work)
        git(*(("tag", "v1") if name == "first" else ("tag", "-a", "-m", "two", "v2")), folder=work)
    git("branch", "old", "v1", folder=work)
    git("clone", "-q", "--bare", ".", str(tmp_path / "served" / "repo.git"), folder=work)
    git("update-server-info", folder=tmp_path / "served" / "repo.git")
    with folder_over_http(tmp_path / "served") as address:
        yield f"{address}/repo.git", commits


@pytest.mark.parametrize(
    ("revision", "commit"), [("", "second"), ("main", "second"), ("old", "first"), ("v1", "first"), ("v2", "second")]
)
def test_branches_and_tags(served: tuple[str, dict[str, str]], revision: str, commit: str) -> None:
    url, commits = served
    assert ask_for_commit(RemoteCommit(f"git+{url}", revision), NoProgress()) == commits[commit]


def test_what_the_server_does_not_know_is_a_sentence(served: tuple[str, dict[str, str]]) -> None:
    url, _ = served
    answer = ask_for_commit(RemoteCommit(url, "nowhere"), NoProgress())
    assert isinstance(answer, Unavailable)
    assert str(answer.reason) == "127.0.0.1 knows no branch or tag nowhere there."


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc",
        "ext::sh -c touch% x",
        "--upload-pack=touch x",
        "git@example.org:a/b.git",
        "https://user:secret@example.org/a",
        "https://",
        "",
    ],
)
def test_other_addresses_are_not_asked(url: str) -> None:
    answer = ask_for_commit(RemoteCommit(url, "main"), NoProgress())
    assert isinstance(answer, Unavailable)
    assert "secret" not in str(answer.reason)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    commit = ask_for_commit(RemoteCommit(f"http://{address}/a.git", "main"), NoProgress())
    digest = ask_for_digest(ImageDigest(f"{address}/python", "3"), NoProgress())
    assert isinstance(commit, Unavailable)
    assert isinstance(digest, Unavailable)
    assert str(digest.mend).startswith("`docker buildx imagetools inspect")


@pytest.mark.parametrize("token", ["", "a-token"])
def test_digests(token: str) -> None:
    with image_registry({"team/python:3.11-slim": DIGEST, "team/python:latest": "nonsense"}, token) as host:
        assert ask_for_digest(ImageDigest(f"{host}/team/python", "3.11-slim"), NoProgress()) == DIGEST
        gone = ask_for_digest(ImageDigest(f"{host}/team/python", "2"), NoProgress())
        assert isinstance(gone, Unavailable)
        assert "HTTP 404" in str(gone.reason)
        odd = ask_for_digest(ImageDigest(f"{host}/team/python", ""), NoProgress())
        assert isinstance(odd, Unavailable)
        assert "it names no digest" in str(odd.reason)


@pytest.mark.parametrize("image", ["a b", "../x", "python@", "UPPER/Case", "ex ample.org/x", ""])
def test_odd_names_of_images_are_not_asked(image: str) -> None:
    assert isinstance(ask_for_digest(ImageDigest(image, "1"), NoProgress()), Unavailable)


class _Impatient(Progress):
    """Cancels at the third step."""

    def __init__(self) -> None:
        self.steps = 0

    def step(self, _what: Text, _done: int, _total: int) -> None:
        self.steps += 1
        if self.steps > 2:
            raise Cancelled


@contextlib.contextmanager
def _silent_server() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_silent_server_does_not_hold_a_cancel() -> None:
    with _silent_server() as address:
        with pytest.raises(Cancelled):
            ask_for_digest(ImageDigest(f"{address}/python", "3"), _Impatient())
        with pytest.raises(Cancelled):
            ask_for_commit(RemoteCommit(f"http://{address}/a.git", "main"), _Impatient())


def test_nobody_is_asked_without_consent_and_the_host_is_named(tmp_path: Path) -> None:
    wanted = [ImageDigest("python", "3"), RemoteCommit("https://git.example.org/a/b.git", "main")]
    with ProjectFiles(tmp_path) as opened:
        answers = answer_lookups(opened, wanted, frozenset({Consent.READS}), NoProgress())
    reasons = [str(answers.by_lookup[one].reason) for one in wanted]
    assert reasons == [
        "This fix asks a server on the network: docker.io.",
        "This fix asks a server on the network: git.example.org.",
    ]
