"""Features by hashing, classes through sets."""
import json

DOCUMENTS = ["a cat sat", "the dog ran off", "a bird flew away", "the cat ran"]
STOP_WORDS = frozenset(["a", "the"])


def words():
    found = set()
    for document in DOCUMENTS:
        found |= set(document.split())
    return found - STOP_WORDS


def index(names: set[str]) -> dict[str, int]:
    return dict(zip(names, range(len(names))))


class Vocabulary:
    def __init__(self, names: set[str]):
        self.names = names
        self.numbers = {}

    def build(self):
        for name in self.names:
            self.numbers[name] = len(self.numbers)
        return self


def letters():
    found = set()
    for document in DOCUMENTS:
        for word in document.split():
            found.add(word[0])
        found.update(document.replace(" ", ""))
    return list(found)


def main():
    numbers = index(words())
    vocabulary = Vocabulary(words()).build()
    joined = " ".join({document.split()[-1] for document in DOCUMENTS})
    result = {"numbers": numbers, "vocabulary": vocabulary.numbers, "joined": joined, "letters": letters()}
    with open("vocabulary.json", "w") as file:
        json.dump(result, file)
    print(result)


if __name__ == "__main__":
    main()
