"""What people can act on.

    ReproGuiError            something expected: said in one sentence, with one sentence on how to mend it; exit 2
    ├── ProjectUnreadable    no folder, no permission, a vanished drive
    ├── ReportUnreadable     a saved report that is not one
    ├── PolicyUnreadable     a checklist that nobody knows, or a policy file that is none
    ├── NeedsTrust           the folder may not run anything yet
    ├── CannotPlan           a fix that cannot be made here
    │   └── NeedsNetwork     one that has to ask an index first
    ├── StaleFile            a file changed between preview and apply
    ├── CannotApply          a change set that could not be written; nothing was changed
    ├── CannotUndo           an undo that would lose somebody's work
    ├── ProgramFailed        a program that we started ended badly
    └── WorkerLost           a worker process ended in the middle of a request
    Cancelled                the person stopped it; not an error

Everything else that is raised is a fault of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_gui.text import Text


class ReproGuiError(Exception):
    """Says what happened and how to mend it, one sentence each."""

    def __init__(self, what: Text, mend: Text) -> None:
        super().__init__(what, mend)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what} {self.mend}"


class ProjectUnreadable(ReproGuiError):
    """The project's folder cannot be read."""


class ReportUnreadable(ReproGuiError):
    """A file that should hold a saved report does not."""


class PolicyUnreadable(ReproGuiError):
    """A checklist is not known, or its file cannot be read."""


class NeedsTrust(ReproGuiError):
    """The person has not allowed this folder to run anything."""


class CannotPlan(ReproGuiError):
    """No change set can be made for this finding here; `also` says what stands in the way of the others."""

    def __init__(self, what: Text, mend: Text, also: tuple[Text, ...] = ()) -> None:
        super().__init__(what, mend)
        self.also = also


class NeedsNetwork(CannotPlan):
    """What the fix must know stands on a server, and nobody has allowed to ask it."""


class StaleFile(ReproGuiError):
    """A file is no longer what the preview showed."""


class CannotApply(ReproGuiError):
    """A change set could not be written; the project is as it was."""


class CannotUndo(ReproGuiError):
    """Going back would lose work that came later."""


class ProgramFailed(ReproGuiError):
    """A program that we started ended with an error."""


class WorkerLost(ReproGuiError):
    """A worker process ended before it answered."""


class Cancelled(Exception):
    """The person stopped the request."""
