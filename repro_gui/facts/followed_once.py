"""What is followed through names and classes, each once, whatever circles and however many ways lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_T = TypeVar("_T")


class FollowedOnce(Generic[_T]):
    """Answers by key, kept for good, or while one question is answered where the way to them was cut short."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _T] = {}
        self._tentative: dict[Hashable, _T] = {}
        self._open: set[Hashable] = set()
        # How often a way was cut short: by a circle, which the first question of it goes all round, or by a limit.
        self.cuts = 0
        self._limits = 0

    def find(self, key: Hashable, follow: Callable[..., _T], *given: object, in_circle: _T) -> _T:
        """What `follow(*given)` gives, asked once for a key; `in_circle` where that asks for the same key again."""
        for answers in (self._known, self._tentative):
            if key in answers:
                return answers[key]
        if key in self._open:
            self.cuts += 1
            return in_circle
        self._open.add(key)
        cuts, limits = self.cuts, self._limits
        try:
            found = follow(*given)
        finally:
            self._open.discard(key)
        if self.cuts == cuts or (not self._open and self._limits == limits):
            self._known[key] = found
        elif self._open:
            self._tentative[key] = found
        if not self._open:
            self._tentative.clear()
        return found

    def cut_short(self, answer: _T) -> _T:
        """The answer where a limit ends the way: whoever asks from nearer may get another one."""
        self.cuts += 1
        self._limits += 1
        return answer
