"""How answers, outcomes, pillars and weights are said and coloured; one place for all screens."""

from __future__ import annotations

import html
import re

from repro_gui.audit.report import Answer, CheckResult, Effort, Note, Outcome, Pillar, Question, Safety, Weight
from repro_gui.ui.translate import _, shown

ANSWER_ICONS = {Answer.YES: "yes", Answer.PARTLY: "partly", Answer.NO: "no", Answer.CANNOT_TELL: "unknown"}
ANSWER_ROLES = ANSWER_ICONS
OUTCOME_ICONS = {
    Outcome.PASSED: ("yes", "yes"),
    Outcome.FAILED: ("no", "no"),
    Outcome.COULD_NOT_RUN: ("unknown", "unknown"),
    Outcome.BY_HAND: ("by-hand", "accent"),
    Outcome.WAIVED: ("waived", "unknown"),
    Outcome.NOT_APPLICABLE: ("not-applicable", "muted"),
}
OUTCOME_ANSWERS = {
    Outcome.PASSED: Answer.YES,
    Outcome.FAILED: Answer.NO,
    Outcome.COULD_NOT_RUN: Answer.CANNOT_TELL,
    Outcome.BY_HAND: Answer.CANNOT_TELL,
    Outcome.WAIVED: Answer.CANNOT_TELL,
    Outcome.NOT_APPLICABLE: Answer.CANNOT_TELL,
}
PILLAR_ICONS = {pillar: pillar.value for pillar in Pillar}
PILLAR_ORDER = tuple(Pillar)


def answer_word(answer: Answer) -> str:
    """Yes, partly, no, cannot tell."""
    return {
        Answer.YES: _("Yes"),
        Answer.PARTLY: _("Partly"),
        Answer.NO: _("No"),
        Answer.CANNOT_TELL: _("Cannot tell"),
    }[answer]


def answer_so_far(answer: Answer, *, is_so_far: bool) -> str:
    """The word of an answer, marked while more of the project is being read."""
    word = answer_word(answer)
    return _("{answer}, so far").format(answer=word) if is_so_far else word


def outcome_word(outcome: Outcome) -> str:
    """The state of a check."""
    return {
        Outcome.PASSED: _("Passed"),
        Outcome.FAILED: _("Failed"),
        Outcome.COULD_NOT_RUN: _("Cannot tell"),
        Outcome.NOT_APPLICABLE: _("Not applicable"),
        Outcome.BY_HAND: _("By hand"),
        Outcome.WAIVED: _("Waived"),
    }[outcome]


def outcome_look(result: CheckResult) -> tuple[str, str]:
    """Icon and colour role of a check; a failed one that is not a must warns."""
    if result.outcome is Outcome.FAILED and result.weight is not Weight.MUST:
        return "partly", "partly"
    return OUTCOME_ICONS[result.outcome]


def pillar_word(pillar: Pillar) -> str:
    """The name of a pillar."""
    return {
        Pillar.CODE: _("Code"),
        Pillar.DATA: _("Data"),
        Pillar.ENVIRONMENT: _("Environment"),
        Pillar.RANDOMNESS: _("Randomness"),
        Pillar.TRACKING: _("Tracking"),
        Pillar.PROOF: _("Proof"),
    }[pillar]


def question_word(question: Question) -> str:
    """The question as people read it."""
    return {
        Question.CODE: _("Is the code committed to Git?"),
        Question.DATA: _("Is the data versioned?"),
        Question.SEEDS: _("Are all random seeds explicitly set?"),
        Question.ENVIRONMENT: _("Is the environment frozen?"),
        Question.TRACKING: _("Are the hyperparameters logged?"),
    }[question]


def weight_word(weight: Weight) -> str:
    """How much a fault matters."""
    return {Weight.MUST: _("Must"), Weight.SHOULD: _("Should"), Weight.ADVICE: _("Advice")}[weight]


def safety_words(safety: Safety) -> str:
    """What a fix does to results."""
    return {
        Safety.SAFE: _("does not change results"),
        Safety.CHANGES_RESULTS: _("numbers change once, then stay"),
        Safety.SHOW_ONLY: _("steps to do by hand"),
    }[safety]


def effort_words(effort: Effort) -> str:
    """How long a person needs."""
    return {
        Effort.SECONDS: _("takes seconds"),
        Effort.MINUTES: _("takes minutes"),
        Effort.HOURS: _("takes hours"),
    }[effort]


def check_title(result: CheckResult) -> str:
    """The title that fits the outcome, in the person's language."""
    return _(result.failure_title if result.outcome in {Outcome.FAILED, Outcome.WAIVED} else result.title)


def note_text(note: Note) -> str:
    """A note's message in the person's language."""
    return shown(note.template) if note.template.template else note.message


def place_text(note: Note) -> str:
    """`path [cell n]:line`; empty where the note is about the whole project."""
    return str(note.location) if note.location is not None else ""


def rich(plain: str) -> str:
    """Plain text as rich text: everything escaped, `code` between backticks in the fixed typeface."""
    parts = re.split(r"`([^`\n]+)`", plain)
    return "".join(
        f"<code>{html.escape(part)}</code>" if index % 2 else html.escape(part) for index, part in enumerate(parts)
    )


def without_backticks(plain: str) -> str:
    """For places that show one typeface only."""
    return re.sub(r"`([^`\n]+)`", r"\1", plain)
