import json

with open("text.txt") as file:
    vocabulary = set()
    for line in file:
        for word in line.split():
            vocabulary.add(word)
chars = sorted(list(set(open("text.txt").read())))
letters = {c for c in open("text.txt").read()}
words = {w for line in open("text.txt") for w in line.split()}
ids = set()
for i in range(10):
    ids.add(i)
total = 0
total += 3
empty = set()
json.dump([list(vocabulary), list(letters), list(words), list(ids), list(empty), chars, total], open("m.json", "w"))


def index(names: set[str], numbers: set[int], things: set):
    return [list(names), list(numbers), list(things)]


class Vocabulary:
    def __init__(self, names: frozenset[str]):
        self.names = names

    def build(self):
        return {name: number for number, name in enumerate(self.names)}


json.dump([index(words, ids, empty), Vocabulary(frozenset(letters)).build()], open("n.json", "w"))
