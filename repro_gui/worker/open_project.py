"""A project that is open: what was read of it last, and the verbs that start from there.

The windows (through the reader) and the command line are two equal users of this.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from repro_gui.apply.history import read_history, recover
from repro_gui.audit.answers import answer_questions
from repro_gui.audit.answers_so_far import SoFar, answers_so_far
from repro_gui.audit.audit import audit
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import PlannedFix, plan_fix, safe_checks
from repro_gui.audit.report import AppliedNote, AuditReport
from repro_gui.audit.run import run_checks
from repro_gui.checks.check import Check
from repro_gui.checks.commit_fix import COMMITTING
from repro_gui.checks.find_checks import all_checks, find_check
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Answers, Consent
from repro_gui.facts.settings import Settings
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.cache import cache_for
from repro_gui.gather.excerpts import with_excerpts
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.gather.gather import gather_snapshot, look_over
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.knowledge import load_knowledge
from repro_gui.redact import redact_answers, redact_report
from repro_gui.text import escape_undecodable, text
from repro_gui.trust import identify, is_trusted
from repro_gui.worker.judge_checklist import with_checklist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from repro_gui.audit.report import AnsweredQuestion, CheckResult
    from repro_gui.changes.change_set import ChangeSet
    from repro_gui.facts.lookup import Lookup
    from repro_gui.facts.snapshot import ProjectSnapshot
    from repro_gui.progress import Progress

_SHOWN_BYTES = 16 * 1024 * 1024


class OpenProject:
    """One project's folder with its cache and its last snapshot; not for several threads."""

    def __init__(self, root: str | Path) -> None:
        with ProjectFiles(root) as opened:
            self.root = Path(opened.root)
        self._identity = identify(self.root)
        self._cache = cache_for(str(self.root))
        self.snapshot: ProjectSnapshot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def is_same(self) -> bool:
        """False once another folder stands in this one's place; raises `ProjectUnreadable` when there is none."""
        return identify(self.root) == self._identity

    def close(self) -> None:
        """Write the cache and let go of it."""
        self._cache.close()

    def look_over(self, settings: Settings, progress: Progress) -> ProjectSnapshot:
        """The last snapshot; without one, enough to say what the folder is, and no more."""
        return self.snapshot or look_over(self.root, settings, progress, self._cache)

    def audit(
        self,
        settings: Settings,
        progress: Progress,
        on_result: Callable[[CheckResult], None] = lambda _: None,
        on_answers: Callable[[SoFar], None] | None = None,
    ) -> AuditReport:
        """Gather what changed since the last time and audit, after an apply that was cut off is taken back.

        The report is redacted and may leave the machine. Where reading takes long, `on_answers` gets the answers so far,
        redacted too.
        """
        recover(self.root)

        def answer(first: ProjectSnapshot) -> None:
            so_far = answers_so_far(first, load_knowledge(), progress)
            if on_answers is not None:
                on_answers(msgspec.structs.replace(so_far, answers=redact_answers(so_far.answers)))

        on_first = None if on_answers is None else answer
        self.snapshot = snapshot = gather_snapshot(self.root, settings, progress, self._cache, on_first)
        report = audit(snapshot, load_knowledge(), dt.datetime.now(dt.UTC), progress, on_result)
        report = msgspec.structs.replace(with_checklist(report, settings), history=self._history())
        with ProjectFiles(self.root) as opened:
            report = with_excerpts(report, functools.partial(_read_text, opened))
        # After the answers: writing what was made of a large project takes a moment.
        self._cache.flush()
        return redact_report(report)

    def plan(
        self, wanted: Sequence[tuple[Check, frozenset[str] | None]], allowed: frozenset[Consent], progress: Progress
    ) -> PlannedFix:
        """Plan fixes on the last snapshot, commits after all others; raises `CannotPlan`."""
        if self.snapshot is None:
            raise CannotPlan(text("This project was not audited yet."), text("Audit it first."))
        planned = itertools.count(1)
        with ProjectFiles(self.root) as opened:

            def answer(lookups: Iterable[Lookup]) -> Answers:
                # Asked once for each finding: so a plan of hundreds tells where it is, and can be stopped.
                progress.step(text("Planning"), next(planned), 0)
                return answer_lookups(opened, lookups, allowed, progress)

            ordered = sorted(wanted, key=lambda one: one[0].id in COMMITTING)
            return plan_fix(self.snapshot, load_knowledge(), ordered, answer)

    def answers_after(self, changes: ChangeSet, progress: Progress) -> tuple[AnsweredQuestion, ...]:
        """The five answers as they would be with the files of a change set written."""
        assert self.snapshot is not None
        facts = FactsFor(self.snapshot.after(changes), load_knowledge())
        return answer_questions(facts, list(run_checks(facts, all_checks(), progress)))

    def consents(self, *, network: bool) -> frozenset[Consent]:
        """What look-ups may do here."""
        allowed = {Consent.READS}
        if network:
            allowed.add(Consent.NETWORK)
        if is_trusted(self.root):
            allowed.add(Consent.RUNS_PROJECT_CODE)
        return frozenset(allowed)

    def read_text(self, path: str, cell: int = -1) -> str | Unavailable:
        """The text of a file or cell of the last snapshot; `path` as reports and messages write it."""
        with ProjectFiles(self.root) as opened:
            return _read_text(opened, self._real_path(path), cell)

    def _real_path(self, path: str) -> str:
        r"""Undecodable names travel as `\xNN`; here they become what the file system calls them."""
        if self.snapshot is None or isinstance(self.snapshot.tree, Unavailable) or path in self.snapshot.tree:
            return path
        return next(
            (entry.path for entry in self.snapshot.tree.entries if escape_undecodable(entry.path) == path), path
        )

    def _history(self) -> tuple[AppliedNote, ...]:
        return tuple(
            AppliedNote(entry.title, entry.when, entry.files, entry.commands, undone=entry.undone)
            for entry in read_history(self.root, look=False)
        )


def checks_to_fix(names: Sequence[str]) -> list[tuple[Check, frozenset[str] | None]]:
    """The checks of these ids with all their findings; every safe one when there are none. Raises `CannotPlan`."""
    if not names:
        return [(check, None) for check in safe_checks(all_checks())]
    wanted: list[tuple[Check, frozenset[str] | None]] = []
    for name in names:
        check = find_check(name)
        if check is None:
            raise CannotPlan(
                text("There is no check {name}.", name=name), text("`repro-gui list` shows the ids of all checks.")
            )
        if check.fix is None or check.fix.plan is None:
            raise CannotPlan(
                text("{name} has no fix that can be applied.", name=name),
                text("`repro-gui explain {name}` shows what to do.", name=name),
            )
        wanted.append((check, None))
    return wanted


def _read_text(opened: ProjectFiles, path: str, cell: int) -> str | Unavailable:
    content = opened.read(path, _SHOWN_BYTES)
    if isinstance(content, NotRead):
        return content
    try:
        return SourceText(content, path, cell).text
    except CannotPlan as error:
        return Unavailable(error.what, error.mend)
