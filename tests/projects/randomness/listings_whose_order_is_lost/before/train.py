import glob
import json
import os
from pathlib import Path

ROWS = Path("rows")


def classes(directory):
    paths = glob.glob(f"{directory}/*/*.jpg")
    names = sorted(set(map(lambda path: path.split("/")[-2], paths)))
    return len(paths), names


def clean(folder):
    try:
        os.makedirs(folder)
    except OSError:
        files = glob.glob(os.path.join(folder, "*.monitor.csv"))
        for file in files:
            os.remove(file)


def newest(folder):
    found = os.listdir(folder)
    if not found:
        raise FileNotFoundError(f"nothing in {folder}: {found}")
    return max(found, key=lambda name: int(name.split("-")[1]))


def last_step(folder):
    last = 0
    for name in os.listdir(folder):
        step = int(name.split("-")[1])
        last = max(last, step)
    return last


def kinds(folder):
    seen = set()
    count = 0
    for path in Path(folder).iterdir():
        if path.name.startswith("."):
            continue
        seen.add(path.suffix)
        count += 1
    return sorted(seen), count


def mask_of(name):
    masks = list(ROWS.glob(name + ".*"))
    assert len(masks) == 1, f"none or several: {masks}"
    return masks[0].read_text()


def one_of(name):
    found = list(ROWS.glob(name))
    if len(found) != 1:
        raise ValueError(name)
    return found[0]


size = sum(os.path.getsize(path) for path in glob.glob("rows/*"))
texts = sum(path.endswith(".txt") for path in os.listdir("rows"))
is_there = bool(glob.glob("best.*")) and any(name == "best" for name in os.listdir("rows"))
result = [classes("images"), newest("saved"), last_step("saved"), kinds("rows"), mask_of("a"), one_of("b").name]
clean("logs")
model.fit(result, size, texts, is_there)
json.dump([result[0], size], open("metrics.json", "w"))
