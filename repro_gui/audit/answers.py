"""The five questions at the top of the checklist, answered from facts and from the results of the checks.

What yes, partly and no mean for each question is the table in the page "The checks". A doubt is never a yes and never a
no: with no fault beside it the answer is *cannot tell*, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from repro_gui.audit.environment_answer import answer_environment
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Answer, AnsweredQuestion, CheckResult, Note, Outcome, Question
from repro_gui.audit.run import note_of
from repro_gui.facts.data_files import PinKind
from repro_gui.facts.data_state import DataItem, data_answer_facts
from repro_gui.facts.git import GitState
from repro_gui.facts.gpu_stack import recorded_stack
from repro_gui.facts.rebuild import Rebuild
from repro_gui.facts.seeding import LibrarySeeding, SeedState, seed_lines, seeding_state
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

_MOST_NOTES = 20

# The checks behind each answer. Other checks of a pillar matter to people, not to its question.
_COMMITTED = ("uncommitted-change", "untracked-source", "ignored-import", "missing-submodule", "unpushed-commit")
_DATA = ("unversioned-data", "changed-data", "stale-pipeline", "missing-lfs-object", "unpinned-split")
_SEEDS = (
    "unseeded-library",
    "uncalled-seed",
    "late-seed",
    "moving-seed",
    "optional-seed",
    "unseeded-generator",
    "unseeded-estimator",
    "unseeded-loader",
    "nondeterministic-algorithms",
    "autotuned-kernels",
)
# Whose findings the answer's own evidence tells already, item by item.
_TOLD_BY_EVIDENCE = frozenset({"unversioned-data", "unseeded-library"})
_TRACKING = ("parameters-not-logged", "tracking-off-by-default")
# All of them, but for the environment's, whose question all checks of its pillar may decide.
CHECKS_BEHIND = frozenset({"no-repository", *_COMMITTED, *_DATA, *_SEEDS, "no-tracker", *_TRACKING})


def answer_questions(facts: FactsFor, results: Iterable[CheckResult]) -> tuple[AnsweredQuestion, ...]:
    """All five, in their order."""
    by_id = {result.check_id: result for result in results}
    answerers: dict[Question, Callable[[FactsFor, dict[str, CheckResult]], AnsweredQuestion]] = {
        Question.CODE: _code,
        Question.DATA: _data,
        Question.SEEDS: _seeds,
        Question.ENVIRONMENT: _environment,
        Question.TRACKING: _tracking,
    }
    return tuple(answerers[question](facts, by_id) for question in Question)


def what_was_not_verified(facts: FactsFor, results: Iterable[CheckResult]) -> tuple[Text, ...]:
    """What the report does not claim, in sentences."""
    snapshot = facts.snapshot
    found = []
    if isinstance(snapshot.proofs, Unavailable) or not snapshot.proofs.runs:
        found.append(text("Nothing was run: that two runs agree is not shown."))
    if isinstance(snapshot.determinism, Unavailable) or not snapshot.determinism.cases:
        found.append(text("The operations of this machine were not probed for determinism."))
    if isinstance(snapshot.rebuild, Unavailable) or not snapshot.rebuild.is_current:
        found.append(text("The environment was not made anew: that it can be had elsewhere is not shown."))
    if isinstance(snapshot.git, GitState) and snapshot.git.remotes:
        found.append(text("Remote branches are as the last fetch left them; no server was asked."))
    open_questions = sum(result.outcome is Outcome.COULD_NOT_RUN for result in results)
    if open_questions:
        found.append(text("Checks that could not decide: {count}; each says why.", count=open_questions))
    if not isinstance(snapshot.tree, Unavailable) and snapshot.tree.left_out:
        found.append(text("{count} paths were not read; they are listed.", count=len(snapshot.tree.left_out)))
    return tuple(found)


# ---- one answer each ----


def _code(facts: FactsFor, by_id: dict[str, CheckResult]) -> AnsweredQuestion:
    repository = by_id.get("no-repository")
    if repository is not None and repository.outcome is Outcome.FAILED:
        return _answered(Question.CODE, Answer.NO, _reason(repository), [repository])
    git = facts.snapshot.git
    if isinstance(git, Unavailable):
        return _answered(Question.CODE, Answer.CANNOT_TELL, git.reason, [])
    if isinstance(git, GitState) and not git.head:
        return _answered(Question.CODE, Answer.NO, text("There is a repository, but no commit yet."), [])
    behind = _present(by_id, "no-repository", *_COMMITTED)
    yes = text("Everything the project uses is committed, the tree is clean, and HEAD is on a remote.")
    return _from_checks(Question.CODE, behind, yes)


def _data(facts: FactsFor, by_id: dict[str, CheckResult]) -> AnsweredQuestion:
    snapshot = facts.snapshot
    behind = _present(by_id, *_DATA)
    for field in (snapshot.tree, snapshot.data_files):
        if isinstance(field, Unavailable):
            return _answered(Question.DATA, Answer.CANNOT_TELL, field.reason, behind)
    assert not isinstance(snapshot.tree, Unavailable)
    assert not isinstance(snapshot.data_files, Unavailable)
    data = data_answer_facts(
        snapshot.tree, snapshot.data_files, snapshot.git, facts.program, snapshot.launchers, facts.knowledge
    )
    answer, why = Answer(data.state), data.why
    faults = [result for result in behind if result.has_fault]
    if answer is Answer.YES:
        if faults:
            answer, why = Answer.PARTLY, _joined(faults)
        elif doubts := [result for result in behind if result.outcome is Outcome.COULD_NOT_RUN]:
            answer, why = Answer.CANNOT_TELL, _reason(doubts[0])
    items = (*data.unpinned, *data.unknown, *data.checked, *data.pinned)
    return _answered(Question.DATA, answer, why, behind, [_data_note(item) for item in items])


_KIND_NAMES = {
    PinKind.GIT: "Git",
    PinKind.DVC: "DVC",
    PinKind.GIT_LFS: "Git LFS",
    PinKind.GIT_ANNEX: "git-annex",
}


def _data_note(item: DataItem) -> Note:
    if item.pins:
        kinds = ", ".join(dict.fromkeys(_KIND_NAMES[pin.kind] for pin in item.pins))
        return note_of(text("{path}: held by {kinds}", path=item.path, kinds=kinds), item.location)
    if item.reason is not None:
        return note_of(item.reason, item.location)
    template = "{path}: compared with a checksum" if item.state == "checked" else "{path}: nothing pins it"
    return note_of(text(template, path=item.path or item.reads[0].call), item.location)


def _seeds(facts: FactsFor, by_id: dict[str, CheckResult]) -> AnsweredQuestion:
    behind = _present(by_id, *_SEEDS)
    program = facts.program
    if isinstance(program, Unavailable):
        return _answered(Question.SEEDS, Answer.CANNOT_TELL, program.reason, behind)
    if not program.result_entry_points:
        why = program.why_none or text("No entry point that makes results was found; name one to get an answer.")
        return _answered(Question.SEEDS, Answer.CANNOT_TELL, why, behind)
    libraries = seeding_state(program, facts.knowledge)
    answer, why = _seeded(libraries, behind)
    details = [
        note_of(text("{line}: {why}", line=line.line, why=str(line.why)), line.location)
        for line in seed_lines(program, facts.knowledge)
    ]
    return _answered(Question.SEEDS, answer, why, behind, [_seed_note(library) for library in libraries], details)


def _seeded(libraries: Sequence[LibrarySeeding], behind: Sequence[CheckResult]) -> tuple[Answer, Text]:
    faults = [result for result in behind if result.has_fault]
    states = {library.state for library in libraries}
    lacking = sorted({library.generator.title for library in libraries if library.state in _LACKING})
    if states & _LACKING or faults:
        some = states & {SeedState.SEEDED, SeedState.OFF_BY_DEFAULT, SeedState.UNKNOWN}
        if lacking and not some:
            return Answer.NO, text("Nothing seeds {libraries}.", libraries=", ".join(lacking))
        if lacking:
            return Answer.PARTLY, text("Not seeded by default: {libraries}.", libraries=", ".join(lacking))
        return Answer.PARTLY, _joined(faults)
    if unknown := [library for library in libraries if library.state is SeedState.UNKNOWN]:
        return Answer.CANNOT_TELL, unknown[0].reason or text("Whether the seeding runs is not known.")
    if doubts := [result for result in behind if result.outcome is Outcome.COULD_NOT_RUN]:
        return Answer.CANNOT_TELL, _reason(doubts[0])
    if not libraries:
        return Answer.YES, text("The entry points draw from no generator that needs a seed.")
    titles = ", ".join(dict.fromkeys(library.generator.title for library in libraries))
    return Answer.YES, text("Seeded by default on the way from every entry point: {libraries}.", libraries=titles)


_LACKING = frozenset({SeedState.UNSEEDED, SeedState.MOVING, SeedState.OFF_BY_DEFAULT})

_SEED_WORDS = {
    SeedState.SEEDED: "{library} is seeded on the way from {entry}",
    SeedState.OFF_BY_DEFAULT: "{library} is seeded only when asked, on the way from {entry}",
    SeedState.MOVING: "{library} gets another seed in each run of {entry}",
    SeedState.UNSEEDED: "{library} is drawn from and never seeded on the way from {entry}",
    SeedState.UNKNOWN: "{library}: whether it is seeded on the way from {entry} is not known",
}


def _seed_note(library: LibrarySeeding) -> Note:
    places = library.seedings or library.draws
    words = _SEED_WORDS[library.state]
    return note_of(
        text(words, library=library.generator.title, entry=library.entry.path),
        places[0].site.location if places else None,
    )


def _environment(facts: FactsFor, by_id: dict[str, CheckResult]) -> AnsweredQuestion:
    stack = recorded_stack(facts.snapshot.configs, facts.snapshot.determinism)
    names = facts.knowledge.import_names
    kept = facts.snapshot.rebuild
    rebuild = Rebuild() if isinstance(kept, Unavailable) else kept
    return answer_environment(facts.snapshot.environment, tuple(by_id.values()), stack, names, rebuild)


def _tracking(_: FactsFor, by_id: dict[str, CheckResult]) -> AnsweredQuestion:
    tracker = by_id.get("no-tracker")
    if tracker is not None and tracker.outcome is Outcome.FAILED:
        return _answered(Question.TRACKING, Answer.NO, _reason(tracker), [tracker])
    behind = _present(by_id, "no-tracker", *_TRACKING)
    return _from_checks(Question.TRACKING, behind, text("Hyperparameters go to an experiment tracker by default."))


# ---- from results to an answer ----


def _from_checks(question: Question, behind: Sequence[CheckResult], yes: Text) -> AnsweredQuestion:
    """Yes when all passed, partly when one failed, cannot tell when one could not decide (or none was there)."""
    if faults := [result for result in behind if result.has_fault]:
        return _answered(question, Answer.PARTLY, _joined(faults), behind)
    doubts = [result for result in behind if result.outcome is Outcome.COULD_NOT_RUN]
    if doubts or not behind:
        why = _reason(doubts[0]) if doubts else text("No check for this was run.")
        return _answered(question, Answer.CANNOT_TELL, why, behind)
    return _answered(question, Answer.YES, yes, behind)


def _present(by_id: dict[str, CheckResult], *check_ids: str) -> list[CheckResult]:
    return [by_id[check_id] for check_id in check_ids if check_id in by_id]


def _reason(result: CheckResult) -> Text:
    if result.outcome is Outcome.FAILED and result.findings:
        return result.findings[0].template
    return result.why_not or text(result.failure_title)


def _joined(faults: Sequence[CheckResult]) -> Text:
    return text("{faults}.", faults=". ".join(fault.failure_title for fault in faults))


def _answered(
    question: Question,
    answer: Answer,
    why: Text,
    behind: Sequence[CheckResult],
    evidence: Sequence[Note] = (),
    details: Sequence[Note] = (),
) -> AnsweredQuestion:
    shown = list(evidence)
    for result in behind:
        if result.check_id not in _TOLD_BY_EVIDENCE:
            shown += result.findings if result.outcome is Outcome.FAILED else result.evidence
    return AnsweredQuestion(
        question=question,
        wording=question.wording,
        answer=answer,
        why=why,
        evidence=tuple({(note.message, note.path, note.line): note for note in shown}.values())[:_MOST_NOTES],
        details=tuple(details),
        checks=tuple(result.check_id for result in behind),
    )
