"""An audit from beginning to end: checks, answers, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui import __version__
from repro_gui.audit.answers import answer_questions, what_was_not_verified
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.probe_note import note_of_probe
from repro_gui.audit.report import SCHEMA, AuditReport, CheckResult, EntryPointNote, LeftOutNote, WaiverNote
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.collecting import no_collecting
from repro_gui.facts.git import GitState
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import escape_undecodable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.snapshot import ProjectSnapshot
    from repro_gui.progress import Progress


@no_collecting()
def audit(
    snapshot: ProjectSnapshot,
    knowledge: Knowledge,
    when: dt.datetime,
    progress: Progress,
    on_result: Callable[[CheckResult], None] = lambda _: None,
) -> AuditReport:
    """Run every check over the snapshot and answer the five questions.

    `when` is the (aware) time that the report bears; `on_result` hears each result as it comes.
    """
    facts = FactsFor(snapshot, knowledge)
    by_id: dict[str, CheckResult] = {}
    for result in run_checks(facts, all_checks(), progress):
        by_id[result.check_id] = result
        on_result(result)
    results = [by_id[check.id] for check in all_checks()]
    tree = snapshot.tree
    machine = snapshot.machine
    program = facts.program
    return AuditReport(
        schema=SCHEMA,
        tool="repro-gui",
        tool_version=__version__,
        knowledge_hash=knowledge.hash,
        project=escape_undecodable(snapshot.name),
        commit=snapshot.git.head if isinstance(snapshot.git, GitState) else "",
        when=when.isoformat(timespec="seconds"),
        answers=answer_questions(facts, results),
        results=tuple(results),
        entry_points=(
            ()
            if isinstance(program, Unavailable)
            else tuple(
                EntryPointNote(
                    escape_undecodable(point.path),
                    point.how,
                    point.makes_results,
                    "person" if point.is_chosen else "found",
                    point.symbol,
                )
                for point in program.entry_points
            )
        ),
        device={} if isinstance(machine, Unavailable) else machine.as_values(),
        not_verified=what_was_not_verified(facts, results),
        left_out=(
            ()
            if isinstance(tree, Unavailable)
            else tuple(LeftOutNote(escape_undecodable(item.path), item.reason) for item in tree.left_out)
        ),
        waivers=tuple(
            WaiverNote(waiver.finding_key, waiver.reason, waiver.name, waiver.until)
            for waiver in snapshot.settings.waivers
        ),
        file_count=0 if isinstance(tree, Unavailable) else len(tree.entries),
        probe=note_of_probe(snapshot.determinism, results),
    )
