"""Where the seed of one more library goes, in programs that seed others already."""

from __future__ import annotations

from repro_gui.audit.plan_fix import plan_fix
from repro_gui.checks.randomness import unseeded_library
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge

TRAIN = """import argparse
import random

import torch

import nets

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()


def main(args):
    seed = args.seed + 1
    torch.manual_seed(seed)
    random.shuffle([1, 2])
    nets.make("Net").fit(1)


if __name__ == "__main__":
    main(args)
"""
# How a registry makes the network is not seen: no way leads to what it draws.
NETS = """import torch
def register(cls): return cls
@register
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
def make(name): return globals()[name]()
"""


def test_another_library_is_seeded_beside_the_seed_that_is_there() -> None:
    contents = {"train.py": TRAIN.encode(), "nets.py": NETS.encode()}
    planned = plan_fix(
        snapshot_of_files("p", contents),
        load_knowledge(),
        [(unseeded_library.CHECK, None)],
        lambda lookups: Answers({one: contents.get(one.path) for one in lookups if isinstance(one, FileContent)}),
    )
    (change,) = planned.change_set.files
    assert change.path == "train.py"
    assert (change.after or b"").decode() == TRAIN.replace(
        "    torch.manual_seed(seed)\n", "    torch.manual_seed(seed)\n    random.seed(seed)\n"
    )
