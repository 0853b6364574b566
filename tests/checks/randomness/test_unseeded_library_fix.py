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


SCRIPT = """import numpy as np

model.fit(np.random.rand())
"""
SEEDS = "import numpy as np\n\n\ndef set_seed(seed=1):\n    np.random.seed(seed)\n"


def fixed(files: dict[str, str]) -> dict[str, str]:
    contents = {path: content.encode() for path, content in files.items()}
    planned = plan_fix(
        snapshot_of_files("p", contents),
        load_knowledge(),
        [(unseeded_library.CHECK, None)],
        lambda lookups: Answers({one: contents.get(one.path) for one in lookups if isinstance(one, FileContent)}),
    )
    return {change.path: (change.after or b"").decode() for change in planned.change_set.files}


def test_no_program_imports_another_program_for_its_seed() -> None:
    after = fixed({"scripts/one.py": SCRIPT, "scripts/two.py": SCRIPT, "pkg/__init__.py": ""})
    assert set(after) == {"scripts/one.py", "scripts/two.py"}
    for content in after.values():
        assert "import set_seed" not in content
        assert "def set_seed" in content


def test_a_neighbour_is_imported_by_its_plain_name() -> None:
    after = fixed({"scripts/one.py": SCRIPT, "scripts/seeds.py": SEEDS})
    assert "from seeds import set_seed\n" in after["scripts/one.py"]


def test_a_package_elsewhere_is_imported_only_where_it_is_known_to_be_found() -> None:
    package = {"pkg/__init__.py": "", "pkg/seeds.py": SEEDS, "pkg/other.py": "x = 1\n"}
    known = fixed({"scripts/one.py": f"from pkg import other\n{SCRIPT}", **package})
    assert "from pkg.seeds import set_seed\n" in known["scripts/one.py"]
    unknown = fixed({"scripts/one.py": SCRIPT, **package})
    assert "def set_seed" in unknown["scripts/one.py"]


def test_a_function_that_draws_itself_is_no_seed_function() -> None:
    shuffle = (
        "import numpy as np\ndef shuffle(seed, a):\n    np.random.seed(seed)\n    np.random.shuffle(a)\n    return a\n"
    )
    after = fixed({"train.py": f"import more\n{SCRIPT}", "more.py": shuffle})
    assert set(after) == {"train.py"}
    assert "def set_seed" in after["train.py"]
