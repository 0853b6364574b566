"""The five answers while a large project is still being read: marked, and never more certain than what is known.

Only the way from the entry points has been read then. What more reading can take away is no answer yet: a yes (the
rest may hold a fault), and a no that rests on something not seen so far. A fault that stands whatever else is found is
told at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.answers import CHECKS_BEHIND, answer_questions
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Answer, AnsweredQuestion, Question
from repro_gui.audit.run import run_checks
from repro_gui.checks.check import Pillar
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.collecting import no_collecting
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.snapshot import ProjectSnapshot
    from repro_gui.progress import Progress

# Faults that what is not read yet may explain away: a source that makes the data, calls the seed function, logs to a tracker.
_MAY_VANISH = frozenset({"unversioned-data", "uncalled-seed", "no-tracker"})
# Faults of one place, or of what Git and DVC say, which stand however the way to them goes on.
_OF_ONE_PLACE = frozenset({"unpinned-split", "changed-data", "stale-pipeline", "missing-lfs-object"})


class SoFar(msgspec.Struct, frozen=True):
    """Five answers, and how many of the Python sources they rest on."""

    answers: tuple[AnsweredQuestion, ...]
    read: int
    count: int


@no_collecting()
def answers_so_far(snapshot: ProjectSnapshot, knowledge: Knowledge, progress: Progress) -> SoFar:
    """Answer the five questions from a snapshot in which some sources are not read yet."""
    facts = FactsFor(snapshot, knowledge)
    facts.program = _of_whole_ways(facts.program)
    checks = [one for one in all_checks() if one.id in CHECKS_BEHIND or one.pillar is Pillar.ENVIRONMENT]
    results = {result.check_id: result for result in run_checks(facts, checks, progress)}
    answers = answer_questions(facts, results.values())
    modules = () if isinstance(snapshot.sources, Unavailable) else snapshot.sources.modules
    read = sum(module.is_read for module in modules)
    if read < len(modules):
        failed = {one.check_id for one in results.values() if one.has_fault}
        is_whole = _is_way_whole(facts.program)
        standing = failed - _MAY_VANISH if is_whole else failed & _OF_ONE_PLACE
        answers = tuple(_so_far(one, standing, read, len(modules), is_whole=is_whole) for one in answers)
    return SoFar(answers, read, len(modules))


def _of_whole_ways(program: Program | Unavailable) -> Program | Unavailable:
    """The program by those entry points alone whose ways are read to the end; as it is where there is none yet."""
    if isinstance(program, Unavailable):
        return program
    whole = [
        entry
        for entry in program.result_entry_points
        if all(program.modules[path].is_read for path in program.reached_from(entry.path))
    ]
    if not whole:
        return program
    others = [entry for entry in program.entry_points if not entry.makes_results]
    return msgspec.structs.replace(program, entry_points=(*whole, *others))


def _is_way_whole(program: Program | Unavailable) -> bool:
    """Whether a program that makes results is known, and everything that those known reach has been read."""
    if isinstance(program, Unavailable) or not program.result_entry_points:
        return False
    return all(program.modules[path].is_read for path in program.order)


def _so_far(
    answered: AnsweredQuestion, standing: set[str], read: int, count: int, *, is_whole: bool
) -> AnsweredQuestion:
    # Git and the environment's files were read whole, and what they say is no matter of a way.
    is_of_files = answered.question in {Question.CODE, Question.ENVIRONMENT}
    if answered.answer is Answer.YES:
        template = "{read} of {count} sources are read; so far nothing speaks against it."
    elif answered.answer is Answer.CANNOT_TELL:
        if is_of_files or is_whole:
            return answered
        template = "{read} of {count} sources are read, which is not the whole way of a program."
    elif is_of_files or standing & set(answered.checks):
        return answered
    else:
        template = "{read} of {count} sources are read; what is seen so far may have its explanation in the others."
    # What the answer rested on goes with it: it may not be a fault.
    return msgspec.structs.replace(
        answered, answer=Answer.CANNOT_TELL, why=text(template, read=read, count=count), evidence=(), details=()
    )
