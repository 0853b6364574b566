"""Generators that draw nothing, a shuffle that is none, a set of numbers, a listing that is counted."""

import json
import os
from collections.abc import Generator

Sample = tuple[int, int]


def random_split(rows: list[int], parts: int) -> list[list[int]]:
    """Cuts rows into parts; nothing random about it."""
    return [rows[start::parts] for start in range(parts)]


class Deck:
    def __init__(self, cards: list[int]) -> None:
        self.cards = cards

    def shuffle(self) -> None:
        self.cards.reverse()

    def sample(self) -> Generator[Sample, None, None]:
        yield from zip(self.cards, self.cards[1:])


def main(seed: int | None = None) -> None:
    # random.seed() and np.random.rand() stand only in this comment.
    deck = Deck(list(range(10)))
    deck.shuffle()
    parts = random_split([first * second for first, second in deck.sample()], 3)
    seen = {1, 2, 3}
    total = sum(number for number in seen) + len(os.listdir("."))
    known = "dog" in {"cat", "dog"}
    with open("metrics.json", "w") as file:
        json.dump({"parts": parts, "total": total, "known": known, "seed": seed}, file)
    print(parts, total, known)


if __name__ == "__main__":
    main()
