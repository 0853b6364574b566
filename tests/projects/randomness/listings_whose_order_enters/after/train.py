import glob
import json
import os
from pathlib import Path


def longest(folder):
    # Files with names of one length are equal here: the first wins.
    return max(sorted(os.listdir(folder)), key=len)


def mean(folder):
    paths = sorted(glob.glob(f"{folder}/*.txt"))
    print(len(paths))
    total = sum(float(Path(path).read_text()) for path in paths)
    return total / len(paths)


def some(folder):
    found = sorted(os.listdir(folder))
    return found[:3] if found else []


def first(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            break
    return name


def last(folder):
    for name in sorted(os.listdir(folder)):
        kept = name
    return kept


def numbers(folder):
    return {name: number for number, name in enumerate(sorted(os.listdir(folder)))}


class Rows:
    def __init__(self, folder):
        self.names = sorted(os.listdir(folder))
        if len(self.names) == 0:
            raise ValueError(folder)


def handed_on(folder):
    files = sorted(os.listdir(folder))
    rows = read(files)
    return len(rows), rows


def ranked(folder, names):
    found = sorted(os.listdir(folder))
    return sorted(names, key=lambda name: found.index(name))[: len(found)]


result = [ranked("a", ["x"]), longest("a"), mean("a"), some("a"), first("a"), last("a"), numbers("a"), Rows("a").names, handed_on("a")]
model.fit(result)
json.dump(result, open("metrics.json", "w"))
