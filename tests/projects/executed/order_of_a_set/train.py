"""The vocabulary is numbered in the order of a set."""
import json

TEXT = "the quick brown fox jumps over the lazy dog and runs away from the slow red cat"


def vocabulary(text):
    words = set(text.split())
    return {word: number for number, word in enumerate(words)}


def main():
    numbers = vocabulary(TEXT)
    tags = {"noun", "verb", "adjective", "adverb", "article"}
    encoded = [numbers[word] for word in TEXT.split()]
    for tag in tags:
        encoded.append(len(tag))
    with open("metrics.json", "w") as file:
        json.dump({"encoded": encoded, "tags": list(tags)}, file)
    print(encoded)


if __name__ == "__main__":
    main()
