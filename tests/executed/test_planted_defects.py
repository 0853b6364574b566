"""One defect is planted in a clean program: the audit finds that kind of defect at that place, and nothing else.

The clean twins are `tests/projects/steady`, of which `test_fixed_runs.py` shows that two runs agree.
"""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.run import run_check
from repro_gui.checks.find_checks import find_check
from tests.executed_projects import FIXES, STEADY, read_project
from tests.projects_in_memory import facts_of

KINDS = (*FIXES, "unordered-results", "nondeterministic-algorithms", "autotuned-kernels")
CLEAN = sorted(path.name for path in STEADY.iterdir() if path.is_dir())


class Defect(msgspec.Struct, frozen=True):
    """Edits of one file of a clean program; the finding is in the file `found_in`, in the line that holds `at`.

    By default that is the last line of the last edit. `beside` are findings of other kinds that the same defect is the cause of:
    kind, path, text in the line.
    """

    kind: str
    project: str
    path: str
    edits: tuple[tuple[str, str], ...]
    at: str = ""
    found_in: str = ""
    beside: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        old, new = self.edits[-1]
        return f"{self.kind}-{self.project}-{' '.join(new.split()) or f'without {old.strip()}'}"

    def plant(self) -> tuple[dict[str, bytes], set[tuple[str, str, int, int]]]:
        """The files with the defect, and what is to be found: kind, path, cell (-1 in a script) and line."""
        files = read_project(self.project, STEADY)
        content = files[self.path].decode()
        for old, new in self.edits:
            assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {self.path}"
            content = content.replace(old, new)
        files[self.path] = content.encode()
        at = self.at or self.edits[-1][1].strip().rpartition("\n")[2]
        places = ((self.kind, self.found_in or self.path, at), *self.beside)
        return files, {(kind, path, *_place(path, files[path], at)) for kind, path, at in places}


def _place(path: str, content: bytes, at: str) -> tuple[int, int]:
    """Cell (-1 in a script) and line of the only line that holds a text, or starts with it where it begins with `^`."""
    if path.endswith(".ipynb"):
        cells = {number: cell["source"] for number, cell in enumerate(msgspec.json.decode(content)["cells"])}
    else:
        cells = {-1: content.decode().splitlines()}
    places = [
        (number, line)
        for number, lines in cells.items()
        for line, text in enumerate(lines, 1)
        if (text.startswith(at[1:]) if at.startswith("^") else at in text)
    ]
    assert len(places) == 1, f"{at!r} stands {len(places)} times"
    return places[0]


_CLOCK = ("import json\n", "import json\nimport time\n")
_OPTION = """\
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int{default})
    parser.add_argument("--steady", action="store_true")
    args = parser.parse_args()
    if {condition}:
        seed_all(args.seed)
"""
_SETTINGS = """\
def settings():
    chosen = SimpleNamespace()
    chosen.seed = None
    return chosen


def main():
    chosen = settings()
    if chosen.seed is not None:
        seed_all(chosen.seed)
"""
_ARGPARSE = ("import json\n", "import argparse\nimport json\n")
_TABLE = "    table = np.random.uniform(0, 0.01, (env.observation_space.n, env.action_space.n))\n"
_UNSEEDED_AGENT = (
    ("unseeded-library", "train.py", "random.random() < epsilon"),
    ("unseeded-library", "train.py", "np.random.uniform"),
)

DEFECTS = (
    # A seed is taken away, or a draw comes from a library that nothing seeds.
    Defect(
        "unseeded-library", "vision", "seeding.py", (("    torch.manual_seed(seed)\n", ""),), "nn.Conv2d", "train.py"
    ),
    Defect("unseeded-library", "agent", "train.py", (("    random.seed(seed)\n", ""),), "random.random() < epsilon"),
    Defect("unseeded-library", "agent", "train.py", (("    np.random.seed(seed)\n", ""),), "np.random.uniform"),
    Defect("unseeded-library", "notebook", "study.ipynb", ((r'"random.seed(SEED)\n",', '"",'),), "random.random()"),
    Defect(
        "unseeded-library",
        "tabular",
        "experiment.py",
        (('    frame["city"] =', '    frame["a"] += np.random.normal(size=len(frame))\n    frame["city"] ='),),
        "np.random.normal",
    ),
    Defect(
        "unseeded-library",
        "boosted",
        "train.py",
        (
            ("import json\n", "import json\nimport numpy as np\n"),
            ("tree_parameters = {", "y += np.random.normal(size=len(y))\ntree_parameters = {"),
        ),
        "np.random.normal",
    ),
    # The function is there; its call is not, or nobody gets there.
    Defect(
        "uncalled-seed",
        "agent",
        "train.py",
        (("    seed_all(SEED)\n", ""),),
        "def seed_all",
        beside=_UNSEEDED_AGENT,
    ),
    Defect(
        "uncalled-seed",
        "agent",
        "train.py",
        (("    seed_all(SEED)\n", ""), ("def main():", "def prepare():\n    seed_all(SEED)\n\n\ndef main():")),
        "def seed_all",
        beside=_UNSEEDED_AGENT,
    ),
    # Seeded after the first draw, which is the place.
    Defect(
        "late-seed",
        "vision",
        "train.py",
        (
            ("    set_seed(args.seed)\n", ""),
            ("    model = Net().to(device)\n", "    model = Net().to(device)\n    set_seed(args.seed)\n"),
        ),
        "nn.Conv2d",
    ),
    Defect(
        "late-seed",
        "agent",
        "train.py",
        (("    seed_all(SEED)\n", ""), (_TABLE, f"{_TABLE}    seed_all(SEED)\n")),
        "np.random.uniform",
    ),
    Defect(
        "late-seed",
        "notebook",
        "study.ipynb",
        ((r'"random.seed(SEED)\n",', '"",'), ('"reduced = PCA(2)', r'"random.seed(SEED)\n", "reduced = PCA(2)')),
        "random.random()",
    ),
    Defect(
        "late-seed",
        "vision",
        "train.py",
        (
            ("    set_seed(args.seed)\n", ""),
            (
                "    model = Net().to(device)\n",
                '    model = globals()["Net"]()\n    model = model.to(device)\n    set_seed(args.seed)\n',
            ),
        ),
        "nn.Conv2d",
    ),
    # Seeded only when somebody asks for it.
    Defect(
        "optional-seed",
        "agent",
        "train.py",
        (_ARGPARSE, ("    seed_all(SEED)\n", _OPTION.format(default="", condition="args.seed is not None"))),
        '"--seed"',
    ),
    Defect(
        "optional-seed",
        "agent",
        "train.py",
        (_ARGPARSE, ("    seed_all(SEED)\n", _OPTION.format(default=", default=-1", condition="args.seed >= 0"))),
        '"--seed"',
    ),
    Defect(
        "optional-seed",
        "agent",
        "train.py",
        (_ARGPARSE, ("    seed_all(SEED)\n", _OPTION.format(default=", default=0", condition="args.steady"))),
        '"--steady"',
    ),
    Defect(
        "optional-seed",
        "agent",
        "train.py",
        (
            ("import json\n", "import json\nfrom types import SimpleNamespace\n"),
            (
                "def main():\n    seed_all(SEED)\n",
                _SETTINGS,
            ),
        ),
        "chosen.seed = None",
    ),
    # Another seed in each run.
    Defect(
        "moving-seed",
        "agent",
        "train.py",
        (_CLOCK, ("    seed_all(SEED)\n", "    seed_all(int(time.time()))\n")),
        # The first that gets the value; the others are places of the same finding.
        "    random.seed(seed)",
    ),
    Defect("moving-seed", "agent", "train.py", (("    np.random.seed(seed)\n", "    np.random.seed()\n"),)),
    Defect(
        "moving-seed", "agent", "train.py", (_CLOCK, ("env.reset(seed=SEED)", "env.reset(seed=time.time_ns() % 1000)"))
    ),
    Defect(
        "moving-seed",
        "notebook",
        "study.ipynb",
        (('"SEED = 3', "\"SEED = hash('study')"),),
        "^random.seed(SEED)",
    ),
    Defect(
        "moving-seed",
        "boosted",
        "train.py",
        (_CLOCK, ("max_iter=3, random_state=1", "max_iter=3, early_stopping=True, random_state=time.time_ns() % 100")),
    ),
    Defect(
        "moving-seed",
        "boosted",
        "train.py",
        (_CLOCK, ('"num_leaves": 5', '"seed": time.time_ns() % 100, "num_leaves": 5')),
        "lgb.train(",
    ),
    Defect(
        "moving-seed",
        "loader",
        "train.py",
        (("    loader = ", "    generator.seed()\n    loader = "),),
        "generator.seed()",
    ),
    Defect(
        "moving-seed",
        "loader",
        "train.py",
        (
            ("import random\n\nimport torch\n", "import random\nimport time\n\nimport torch\n"),
            ("torch.Generator().manual_seed(9)", "torch.Generator()\n    generator.manual_seed(time.time_ns())"),
        ),
    ),
    # Other rows in each part.
    Defect(
        "unpinned-split", "tabular", "experiment.py", (("test_size=0.2, random_state=config.seed", "test_size=0.2"),)
    ),
    Defect("unpinned-split", "tabular", "experiment.py", (("shuffle=True, random_state=config.seed", "shuffle=True"),)),
    Defect("unpinned-split", "boosted", "train.py", (("KFold(3)", "KFold(3, shuffle=True)"),)),
    # Objects with numbers of their own.
    Defect("unseeded-generator", "tabular", "experiment.py", (("default_rng(config.seed)", "default_rng()"),)),
    Defect("unseeded-generator", "tabular", "experiment.py", (("default_rng(config.seed)", "default_rng(None)"),)),
    Defect(
        "unseeded-generator",
        "tabular",
        "experiment.py",
        (("np.random.default_rng(config.seed)", "np.random.Generator(np.random.PCG64())"),),
    ),
    Defect(
        "unseeded-generator",
        "agent",
        "train.py",
        (("random.random() < epsilon", "random.Random().random() < epsilon"),),
    ),
    Defect(
        "unseeded-estimator",
        "tabular",
        "experiment.py",
        (("n_estimators=config.trees, random_state=config.seed", "n_estimators=config.trees"),),
    ),
    Defect(
        "unseeded-estimator",
        "tabular",
        "experiment.py",
        (("LogisticRegression()", 'LogisticRegression(solver="saga")'),),
    ),
    Defect(
        "unseeded-estimator",
        "boosted",
        "train.py",
        (("max_iter=3, random_state=1", "max_iter=3, early_stopping=True"),),
    ),
    Defect(
        "unseeded-loader",
        "loader",
        "train.py",
        (("num_workers=2, generator=generator", "num_workers=2"),),
        beside=(("unseeded-library", "train.py", "DataLoader(Rows"),),
    ),
    Defect(
        "unseeded-loader",
        "loader",
        "train.py",
        (("shuffle=True, num_workers=2, generator=generator", "num_workers=2"),),
    ),
    Defect("unseeded-environment", "agent", "train.py", (("    env.reset(seed=SEED)\n", ""),), "env.reset()"),
    Defect("unseeded-environment", "agent", "train.py", (("env.step(action)", "env.step(env.action_space.sample())"),)),
    Defect(
        "unseeded-generator",
        "agent",
        "train.py",
        (("random.randrange(len(values))", "int(np.random.RandomState().randint(len(values)))"),),
    ),
    # Orders.
    Defect(
        "unordered-set",
        "tabular",
        "experiment.py",
        (('sorted(set(frame["city"]))', 'list(set(frame["city"]))'),),
    ),
    Defect("unordered-set", "vision", "data.py", (("self.classes = sorted({", "self.classes = list({"),)),
    Defect("unordered-files", "vision", "data.py", (('sorted(folder.glob("*.txt"))', 'list(folder.glob("*.txt"))'),)),
    Defect(
        "unordered-files",
        "names_that_mislead",
        "train.py",
        (('len(os.listdir("."))', 'len(os.listdir(".")[0])'),),
    ),
    Defect(
        "unordered-results",
        "tabular",
        "experiment.py",
        (
            ("scores = {}", "scores = []"),
            ("scores[jobs[job]] = job.result()", "scores.append(job.result())"),
            ('{f"{name} {number}": scores[name, number] for name, number in sorted(scores)}', "scores"),
        ),
        "as_completed(jobs)",
    ),
    # Flags that count on a GPU.
    Defect(
        "nondeterministic-algorithms",
        "vision",
        "seeding.py",
        (("    torch.use_deterministic_algorithms(True)\n", ""),),
        "torch.device(",
        "train.py",
    ),
    Defect(
        "nondeterministic-algorithms",
        "vision",
        "seeding.py",
        (("use_deterministic_algorithms(True)", "use_deterministic_algorithms(True, warn_only=True)"),),
    ),
    Defect("autotuned-kernels", "vision", "seeding.py", (("benchmark = False", "benchmark = True"),)),
)


def observed(files: dict[str, bytes]) -> set[tuple[str, str, int, int]]:
    """Kind, path, cell and line of every finding."""
    facts = facts_of(files)
    found = set()
    for kind in KINDS:
        check = find_check(kind)
        assert check is not None
        result = run_check(facts, check)
        found |= {(kind, note.path, note.cell, note.line) for note in result.findings}
    return found


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_in_clean_programs(name: str) -> None:
    assert observed(read_project(name, STEADY)) == set()


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_the_planted_defect_is_found_where_it_is(defect: Defect) -> None:
    files, expected = defect.plant()
    assert observed(files) == expected


def test_every_kind_is_planted() -> None:
    assert {defect.kind for defect in DEFECTS} == set(KINDS)
