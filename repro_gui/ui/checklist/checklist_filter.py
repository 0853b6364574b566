"""What of the checklist is shown, and in which order."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from repro_gui.audit.report import CheckResult, Effort, Outcome, Weight
from repro_gui.ui.checklist.checklist_model import ChecklistRole
from repro_gui.ui.words import note_text, pillar_word

_Index = QModelIndex | QPersistentModelIndex
_OUTCOME_RANK = {
    Outcome.FAILED: 0,
    Outcome.COULD_NOT_RUN: 1,
    Outcome.BY_HAND: 2,
    Outcome.WAIVED: 3,
    Outcome.PASSED: 4,
    Outcome.NOT_APPLICABLE: 5,
}
_WEIGHT_RANK = {Weight.MUST: 0, Weight.SHOULD: 1, Weight.ADVICE: 2}
_EFFORT_RANK = {Effort.SECONDS: 0, Effort.MINUTES: 1, Effort.HOURS: 2}
# Beyond so many findings a search looks at their paths no more; the check's own words always count.
_MOST_SEARCHED = 2_000


class ChecklistOrder(StrEnum):
    """How the checks of a pillar are sorted."""

    IMPORTANCE = "importance"
    EFFORT = "effort"
    NAME = "name"


class ChecklistFilterModel(QSortFilterProxyModel):
    """Keeps rows that fit the search, the weights and *only what is open*."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._only_open = False
        self._weights = frozenset(Weight)
        self._order = ChecklistOrder.IMPORTANCE
        self._haystacks: dict[str, tuple[CheckResult, str]] = {}
        self.setRecursiveFilteringEnabled(True)
        self.setDynamicSortFilter(True)
        self.sort(0)

    @property
    def only_open(self) -> bool:
        """True when only failed and undecided checks are shown."""
        return self._only_open

    def search(self, words: str) -> None:
        """Keep checks in whose words, findings or paths all these words stand."""
        self.beginFilterChange()
        self._words = tuple(words.casefold().split())
        self.endFilterChange()

    def keep_only_open(self, only_open: bool) -> None:
        """Keep failed and undecided checks, or all."""
        self.beginFilterChange()
        self._only_open = only_open
        self.endFilterChange()

    def keep_weights(self, weights: frozenset[Weight]) -> None:
        """Keep checks of these weights."""
        self.beginFilterChange()
        self._weights = weights
        self.endFilterChange()

    def sort_by(self, order: ChecklistOrder) -> None:
        """Sort the checks of each pillar."""
        self._order = order
        self.invalidate()

    def shown_checks(self) -> list[str]:
        """The ids of the checks that are shown, from top to bottom."""
        found = []
        for pillar_row in range(self.rowCount()):
            pillar = self.index(pillar_row, 0)
            for row in range(self.rowCount(pillar)):
                result = self.index(row, 0, pillar).data(ChecklistRole.RESULT)
                found.append(result.check_id)
        return found

    def filterAcceptsRow(self, source_row: int, source_parent: _Index) -> bool:
        if not source_parent.isValid():
            # A pillar is shown for the checks below it only: recursive filtering sees to that.
            return False
        result = self.sourceModel().index(source_row, 0, source_parent).data(ChecklistRole.RESULT)
        if self._only_open and not result.is_open:
            return False
        if result.weight not in self._weights:
            return False
        return not self._words or all(word in self._haystack(result) for word in self._words)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        first, second = left.data(ChecklistRole.RESULT), right.data(ChecklistRole.RESULT)
        if first is None or second is None:
            return left.row() < right.row()
        return self._rank(first) < self._rank(second)

    def _rank(self, result: CheckResult) -> tuple[int, int, int, str]:
        outcome, weight = _OUTCOME_RANK[result.outcome], _WEIGHT_RANK[result.weight]
        effort = 3 if result.fix is None or not result.fix.can_plan else _EFFORT_RANK[result.fix.effort]
        if self._order is ChecklistOrder.NAME:
            return 0, 0, 0, result.title
        if self._order is ChecklistOrder.EFFORT:
            return outcome, effort, weight, result.check_id
        return outcome, weight, effort, result.check_id

    def _haystack(self, result: CheckResult) -> str:
        known = self._haystacks.get(result.check_id)
        if known is not None and known[0] is result:
            return known[1]
        notes = result.findings[:_MOST_SEARCHED]
        parts = [result.check_id, result.title, result.failure_title, pillar_word(result.pillar)]
        parts += [f"{note_text(note)} {note.path}" for note in notes]
        made = "\n".join(parts).casefold()
        self._haystacks[result.check_id] = (result, made)
        return made
