"""The pages of the open-project wizard, its answers and its order, as plain data; no Qt.

Every page can be skipped; what was found beforehand is the answer then. The audit runs behind all of them.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from repro_gui.facts.settings import Settings


class Page(StrEnum):
    """The pages in their order."""

    FOLDER = "folder"
    TRUST = "trust"
    INTERPRETER = "interpreter"
    HOW_IT_RUNS = "how-it-runs"
    CHECKLIST = "checklist"


PAGES = tuple(Page)


class Answers(msgspec.Struct, frozen=True):
    """What the person said; None on trust: not asked yet. The rest starts as the project's settings."""

    root: str = ""
    trusted: bool | None = None
    interpreter: str = ""
    entry_points: tuple[str, ...] = ()
    data_folders: tuple[str, ...] = ()
    checklist: str = "pillars"

    def settings(self, earlier: Settings) -> Settings:
        """The project's settings with these answers in them."""
        return msgspec.structs.replace(
            earlier,
            interpreter=self.interpreter,
            entry_points=self.entry_points,
            data_folders=self.data_folders,
            checklist=self.checklist,
        )


class Flow(msgspec.Struct, frozen=True):
    """Where the person is, and what was answered; each step gives a new value."""

    page: Page = Page.FOLDER
    answers: Answers = Answers()
    is_finished: bool = False

    @property
    def can_go_back(self) -> bool:
        """False on the first page."""
        return self.page is not PAGES[0]

    @property
    def is_last(self) -> bool:
        """True on the page whose *next* finishes."""
        return self.page is PAGES[-1]

    @property
    def can_go_on(self) -> bool:
        """The folder is the only thing that must be known."""
        return bool(self.answers.root)

    def answer(self, **answers: object) -> Flow:
        """Remember answers."""
        return msgspec.structs.replace(self, answers=msgspec.structs.replace(self.answers, **answers))

    def next(self) -> Flow:
        """One page on; after the last it is finished."""
        if not self.can_go_on:
            return self
        if self.is_last:
            return self.finish()
        return msgspec.structs.replace(self, page=PAGES[PAGES.index(self.page) + 1])

    def back(self) -> Flow:
        """One page back."""
        return msgspec.structs.replace(self, page=PAGES[max(PAGES.index(self.page) - 1, 0)])

    def go_to(self, page: Page) -> Flow:
        """To any page, once the folder is known."""
        return msgspec.structs.replace(self, page=page) if self.can_go_on or page is Page.FOLDER else self

    def finish(self) -> Flow:
        """Keep what was answered, skip the rest."""
        return msgspec.structs.replace(self, is_finished=True)


def start(root: str, earlier: Settings, *, trusted: bool) -> Flow:
    """The flow for a folder whose earlier choices are known."""
    return Flow(
        answers=Answers(
            root=root,
            trusted=True if trusted else None,
            interpreter=earlier.interpreter,
            entry_points=earlier.entry_points,
            data_folders=earlier.data_folders,
            checklist=earlier.checklist,
        )
    )
