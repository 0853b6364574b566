"""Answers the fourth question: whether the environment is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.audit.report import Answer, AnsweredQuestion, Note, Outcome, Question
from repro_gui.checks.check import Pillar, Weight
from repro_gui.facts.dependencies import FileFormat
from repro_gui.facts.environment import Environment
from repro_gui.facts.environment_depth import DepthStep, Level, environment_depth, needed_statuses
from repro_gui.facts.gpu_stack import GpuStack
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.pin_status import disagreements
from repro_gui.facts.rebuild import Rebuild, RebuildState, tell_rebuild
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from repro_gui.audit.report import CheckResult

_MOST_NOTES = 200
_NO_NAMES = ImportNames()
_NO_REBUILD = Rebuild()


def answer_environment(
    environment: Environment | Unavailable,
    results: Sequence[CheckResult],
    stack: GpuStack | None = None,
    names: ImportNames = _NO_NAMES,
    rebuild: Rebuild = _NO_REBUILD,
) -> AnsweredQuestion:
    """Yes: a lock that agrees with its list, every entry pinned, an exact conda file, or an image by digest and its installs pinned.

    Partly: some of it, a stale lock, or versions that nobody has run with. No: nothing. `results` tell of imports that
    no list names, `stack` is the record of driver and CUDA, `names` tell what conda packages hold, `rebuild` is the last
    rebuild of the environment.
    """
    if isinstance(environment, Unavailable):
        return _answered(Answer.CANNOT_TELL, environment.reason, (), (), results)
    steps = environment_depth(environment, stack, names)
    answer, why = _decide(environment, steps, results, names, rebuild)
    return _answered(
        answer, why, (*_rebuilt(rebuild), *_evidence(environment, names)), tuple(map(_detail, steps)), results
    )


def _decide(
    environment: Environment,
    steps: tuple[DepthStep, ...],
    results: Sequence[CheckResult],
    names: ImportNames,
    rebuild: Rebuild,
) -> tuple[Answer, Text]:
    by_level = {step.level: step for step in steps}
    unread = [unread for file in (*environment.lists, *environment.locks) for unread in file.unread]
    if not by_level[Level.LISTED].is_reached:
        if environment.unread:
            return Answer.CANNOT_TELL, environment.unread[0].reason
        if environment.containers:
            return Answer.PARTLY, text("An image is described, but not which packages it gets.")
        return Answer.NO, text("No file lists the packages that the project needs.")
    statuses = needed_statuses(environment, names)
    open_ones = [status for status in statuses if not status.is_fixed]
    stale = disagreements(environment)
    if stale:
        return Answer.PARTLY, stale[0].reason
    if open_ones:
        counts = {"open": len(open_ones), "count": len(statuses)}
        return Answer.PARTLY, text(
            "{open} of {count} {count:entry|entries} {open:admits|admit} more than one version.", **counts
        )
    if rebuild.is_current and rebuild.state is not RebuildState.PASSED:
        return Answer.PARTLY, tell_rebuild(rebuild)
    guessed = next((file for file in environment.files if file.resolved_as_of), None)
    if guessed is not None and not _is_rebuilt(guessed.path, rebuild):
        values = {"path": guessed.path, "date": guessed.resolved_as_of}
        return Answer.PARTLY, text("The versions in {path} are resolved as of {date}, not observed.", **values)
    if unread:
        answer = Answer.PARTLY if any(item.is_fault for item in unread) and statuses else Answer.CANNOT_TELL
        return answer, unread[0].reason
    undeclared = _undeclared(results)
    if undeclared is not None:
        return Answer.PARTLY, undeclared
    if not environment.lists and not environment.locks and not by_level[Level.CONTAINER].is_reached:
        return Answer.PARTLY, text("What the image installs is pinned; the image itself is not named by digest.")
    return Answer.YES, _why_yes(environment, by_level)


def _why_yes(environment: Environment, by_level: dict[Level, DepthStep]) -> Text:
    locks = [lock for lock in environment.locks if lock.locked]
    if locks:
        values: dict[str, str | int] = {"path": locks[0].path, "count": len(locks[0].locked)}
        return text("{path} fixes {count} {count:package|packages} and agrees with the list.", **values)
    if not needed_statuses(environment):
        return text("The lists are empty, and the project imports nothing beyond Python's own library.")
    conda = [file for file in environment.lists if file.format is FileFormat.CONDA]
    if conda:
        return text("{path} names every package exactly.", path=conda[0].path)
    return by_level[Level.PINNED].why


def _is_rebuilt(path: str, rebuild: Rebuild) -> bool:
    """True when a rebuild from that file, as it is now, passed."""
    is_source = any(source.path == path for source in rebuild.sources)
    return is_source and rebuild.is_current and rebuild.state is RebuildState.PASSED


def _rebuilt(rebuild: Rebuild) -> Iterable[Note]:
    if rebuild.state is not RebuildState.NONE:
        yield _note(tell_rebuild(rebuild), Location(rebuild.sources[0].path) if rebuild.sources else None)


def _undeclared(results: Iterable[CheckResult]) -> Text | None:
    """Imports that must be declared and are not: the list is not the whole environment."""
    for result in results:
        if result.check_id == "undeclared-import" and result.outcome is Outcome.FAILED:
            serious = [
                note for note in result.findings if note.weight is Weight.MUST and note.key not in result.waivers
            ]
            if serious:
                return text("The list is not whole: {finding}", finding=serious[0].message)
    return None


def _evidence(environment: Environment, names: ImportNames) -> Iterable[Note]:
    files = (*environment.locks, *environment.lists, *environment.containers)
    for file in {file.path: file for file in files}.values():
        wording = text("{path} ({kind})", path=file.path, kind=file.format.value)
        yield _note(wording, Location(file.path))
    for status in needed_statuses(environment, names)[:_MOST_NOTES]:
        entry = status.requirement
        values: dict[str, str | int | float | bool | None] = {
            "name": entry.name,
            "pinned": status.is_fixed,
            "by": status.by,
        }
        yield _note(text("{entry}", entry=entry.written), entry.location, values)


def _detail(step: DepthStep) -> Note:
    return _note(step.why, step.location, {"level": step.level.value, "reached": step.is_reached})


def _note(
    wording: Text, location: Location | None, values: dict[str, str | int | float | bool | None] | None = None
) -> Note:
    return Note(
        message=str(wording),
        template=wording,
        path=location.path if location else "",
        line=location.line if location else 0,
        column=location.column if location else 0,
        values=values or {},
    )


def _answered(
    answer: Answer,
    why: Text,
    evidence: tuple[Note, ...],
    details: tuple[Note, ...],
    results: Sequence[CheckResult],
) -> AnsweredQuestion:
    checks = tuple(result.check_id for result in results if result.pillar is Pillar.ENVIRONMENT)
    question = Question.ENVIRONMENT
    return AnsweredQuestion(question, question.wording, answer, why, evidence, details, checks)
