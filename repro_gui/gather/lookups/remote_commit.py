"""Asks the server of a Git repository which commit a branch or tag has: `git ls-remote`, nothing is fetched or written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.errors import ProgramFailed
from repro_gui.facts.addresses import has_credentials, host_of, is_full_commit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.processes import ProgramLimits, run_program
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import RemoteCommit
    from repro_gui.progress import Progress

_LIMITS = ProgramLimits(seconds=30, output_bytes=8 * 1024 * 1024)
_SCHEMES = ("https://", "http://", "ssh://")


def ask_for_commit(lookup: RemoteCommit, progress: Progress) -> str | Unavailable:
    """The full commit; `Unavailable` when the server does not answer or knows no such branch or tag.

    No helper for passwords is asked, and no other protocol than HTTP and SSH is spoken.
    """
    url = lookup.url.removeprefix("git+")
    host = host_of(url)
    if not url.startswith(_SCHEMES) or not host or has_credentials(url):
        return Unavailable(
            text("The address of the repository is none that can be asked here."), text("Write the commit by hand.")
        )
    revision = lookup.revision
    wanted = [f"refs/heads/{revision}", f"refs/tags/{revision}^{{}}", f"refs/tags/{revision}"] if revision else ["HEAD"]
    argv = ["git", "-c", "credential.helper=", "-c", "protocol.allow=never"]
    for protocol in ("https", "http", "ssh"):
        argv += ["-c", f"protocol.{protocol}.allow=always"]
    argv += ["ls-remote", "--", url, *wanted]
    with tempfile.TemporaryDirectory(prefix="repro-gui-remote-") as folder:
        try:
            finished = run_program(
                argv,
                folder=Path(folder),
                environment={"GIT_CEILING_DIRECTORIES": folder},
                limits=_LIMITS,
                progress=progress,
                what=text("Asking {host}", host=host),
            )
        except ProgramFailed as error:
            return Unavailable(error.what, error.mend)
    if finished.code:
        return Unavailable(
            text("{host} did not say which commit it has.", host=host),
            text("Check that the repository can be reached from here, or write the commit by hand."),
        )
    commits = {}
    for line in finished.output_text.splitlines():
        commit, tab, name = line.partition("\t")
        if tab and is_full_commit(commit):
            commits[name] = commit
    found = next((commits[name] for name in wanted if name in commits), "")
    if not found:
        return Unavailable(
            text("{host} knows no branch or tag {revision} there.", host=host, revision=revision or "HEAD"),
            text("Write the full commit by hand."),
        )
    return found
