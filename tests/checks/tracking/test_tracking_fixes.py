"""The fix logs exactly the hyperparameters, changes nothing else, and really records a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import Check
from repro_gui.checks.tracking import no_tracker, parameters_not_logged
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tracking import gather_tracking
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.foreign_environments import foreign_python

OPTIONS = '''"""Trains."""
from __future__ import annotations

import argparse

import numpy as np


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--api-key", default="hunter2")
    parser.add_argument("--hf_token")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = parse()
    np.random.seed(args.seed)
    train(args)


def train(args):
    np.save("weights.npy", np.random.rand(args.batch_size) * args.lr)


if __name__ == "__main__":
    main()
'''


def plan(files: Mapping[str, str | bytes], check: Check = no_tracker.CHECK) -> tuple[ChangeSet, ProjectSnapshot]:
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    snapshot = snapshot_of_files("p", contents)
    planned = plan_fix(
        snapshot,
        load_knowledge(),
        [(check, None)],
        lambda lookups: Answers({one: contents.get(one.path) for one in lookups if isinstance(one, FileContent)}),
    )
    after = snapshot.after(planned.change_set)
    assert run_check(FactsFor(after, load_knowledge()), check).outcome is Outcome.PASSED
    return planned.change_set, after


def added(change_set: ChangeSet) -> list[str]:
    """The lines that the fix adds; it must take none away."""
    lines = [
        line for line in change_set.diff().splitlines() if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}
    ]
    assert [line for line in lines if line.startswith("-")] == []
    return [line[1:] for line in lines]


def test_options_are_logged_where_they_are_parsed_and_secrets_are_not() -> None:
    change_set, _ = plan({"train.py": OPTIONS})
    assert added(change_set) == [
        "import mlflow",
        '    mlflow.log_params({"lr": args.lr, "batch_size": args.batch_size, "seed": args.seed})',
    ]
    after = (change_set.files[0].after or b"").decode().splitlines()
    assert after.index("    args = parse()") + 1 == after.index(added(change_set)[1])
    assert after.index("import numpy as np") + 1 == after.index("import mlflow")


TRAIN = "from sklearn.linear_model import SGDClassifier\n"
FIT = "SGDClassifier(alpha=ALPHA).fit([[0.0], [1.0]], [0, 1])\n"
CONSTANTS = {
    "capitals": ("ALPHA = 0.1\nSEED = 1\nPATH = 'data/x.csv'\nAPI_KEY = 'k'\n" + FIT, '{"ALPHA": ALPHA, "SEED": SEED}'),
    "known names": ("lr = 0.1\nALPHA = lr\nname = 'x'\n" + FIT, '{"lr": lr}'),
    "dictionary": (
        "config = {'lr': 0.1, 'token': 'x', 'sizes': [1, 2], 'f': print}\nALPHA = config['lr']\n" + FIT,
        '{"lr": config["lr"], "sizes": config["sizes"]}',
    ),
    "class": (
        "class CFG:\n    lr = 0.1\n    seed = 1\n    password = 'x'\nALPHA = CFG.lr\n" + FIT,
        '{"lr": CFG.lr, "seed": CFG.seed}',
    ),
    "negative": ("ALPHA = -1\n" + FIT, '{"ALPHA": ALPHA}'),
}


@pytest.mark.parametrize(("body", "logged"), CONSTANTS.values(), ids=CONSTANTS)
def test_constants_of_a_flat_script(body: str, logged: str) -> None:
    change_set, _ = plan({"train.py": TRAIN + body})
    lines = [line for line in added(change_set) if line]
    assert lines == ["import mlflow", f"mlflow.log_params({logged})"]


def test_long_lists_stand_one_below_the_other_in_the_files_own_style() -> None:
    options = "".join(f'        parser.add_argument("--long-option-{index}", default={index})\n' for index in range(9))
    source = (
        "import argparse\nfrom sklearn.svm import SVC\ndef main():\n\tparser = argparse.ArgumentParser()\n"
        + options.replace("        ", "\t")
        + "\targs = parser.parse_args()\n\tSVC().fit([[0]], [0])\nif __name__ == '__main__':\n\tmain()\n"
    )
    change_set, _ = plan({"train.py": source.replace("\n", "\r\n")})
    assert b"\r\n" in (change_set.files[0].after or b"")
    lines = [line.rstrip("\r") for line in added(change_set)]
    assert lines[1:4] == [
        "\tmlflow.log_params({",
        '\t\t"long_option_0": args.long_option_0,',
        '\t\t"long_option_1": args.long_option_1,',
    ]
    assert lines[-1] == "\t})"


def test_notebook() -> None:
    notebook = (
        '{"cells": [{"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": '
        '["from sklearn.svm import SVC\\n", "SEED = 3\\n", "C = 1.5"]}, {"cell_type": "code", "metadata": {}, '
        '"execution_count": 2, "outputs": [], "source": "SVC(C=C).fit([[0], [1]], [0, 1])"}], "metadata": {}, '
        '"nbformat": 4, "nbformat_minor": 5}'
    )
    change_set, _ = plan({"train.ipynb": notebook})
    assert b"import mlflow" in (change_set.files[0].after or b"")
    assert b'mlflow.log_params({\\"SEED\\": SEED, \\"C\\": C})' in (change_set.files[0].after or b"")


def test_a_run_that_is_started_gets_the_parameters_inside() -> None:
    source = OPTIONS.replace("import numpy as np", "import mlflow\nimport numpy as np").replace(
        "    train(args)\n\n",
        "    with mlflow.start_run():\n        train(args)\n        mlflow.log_metric('x', 1)\n\n",
        1,
    )
    change_set, _ = plan({"train.py": source}, parameters_not_logged.CHECK)
    assert added(change_set) == [
        '        mlflow.log_params({"lr": args.lr, "batch_size": args.batch_size, "seed": args.seed})'
    ]


def test_wandb_gets_a_config() -> None:
    source = OPTIONS.replace("import numpy as np", "import numpy as np\nimport wandb").replace(
        "    train(args)\n\n", "    wandb.init(project='p')\n    train(args)\n\n", 1
    )
    change_set, _ = plan({"train.py": source}, parameters_not_logged.CHECK)
    assert b"wandb.init(project='p', config={\"lr\": args.lr," in (change_set.files[0].after or b"")
    assert b'api_key":' not in (change_set.files[0].after or b"")


@pytest.mark.parametrize(
    "source",
    [
        TRAIN + "SGDClassifier(alpha=0.1).fit([[0.0], [1.0]], [0, 1])\n",
        OPTIONS.replace("    return parser", "    parser.add_subparsers()\n    return parser"),
        TRAIN + "TOKEN = 'x'\nSGDClassifier().fit([[0.0], [1.0]], [0, 1])\n",
    ],
)
def test_what_has_no_names_is_not_guessed(source: str) -> None:
    with pytest.raises(CannotPlan):
        plan({"train.py": source})


def test_the_changed_program_records_a_run(tmp_path: Path) -> None:
    change_set, _ = plan({"train.py": OPTIONS})
    (tmp_path / "train.py").write_bytes(change_set.files[0].after or b"")
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    python = foreign_python("mlflow")
    done = subprocess.run(
        [python, "train.py", "--lr", "0.5"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with ProjectFiles(tmp_path) as opened, Cache(None, str(tmp_path)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        stores = gather_tracking(opened, tree, Settings(), NoProgress(), cache).stores
    runs = [run for store in stores for run in store.runs]
    assert [run.parameters for run in runs] == [("batch_size", "lr", "seed")]
    assert not any(
        b"hunter2" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "train.py"
    )


@pytest.mark.parametrize("check", [no_tracker.CHECK, parameters_not_logged.CHECK], ids=lambda check: check.id)
def test_the_fix_turns_the_bad_example_into_the_good_one(check: Check) -> None:
    for example in check.examples:
        assert isinstance(example.bad, str)
        assert isinstance(example.good, str)
        change_set, _ = plan({"train.py": example.bad}, check)
        assert (change_set.files[0].after or b"").decode() == example.good


TWO_PROGRAMS = {
    "main.py": """import argparse
import numpy as np
from more import add_more


def get_parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--output_dir", default="out")
    parser.add_argument("--job_dir", default="")
    return parser


def main(args):
    np.save("weights.npy", np.random.rand(2) * args.lr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("main", parents=[get_parser()])
    add_more(parser)
    args = parser.parse_args()
    main(args)
""",
    "more.py": "def add_more(parser):\n    parser.add_argument('--seed', type=int, default=1)\n",
    "submit.py": """import argparse
import main as training


def parse():
    parser = argparse.ArgumentParser("submit", parents=[training.get_parser()])
    parser.add_argument("--memory", default=8)
    return parser.parse_args()


if __name__ == "__main__":
    training.main(parse())
""",
}


def test_only_options_of_the_programs_own_parser_are_logged() -> None:
    contents = {path: content.encode() for path, content in TWO_PROGRAMS.items()}
    planned = plan_fix(
        snapshot_of_files("p", contents),
        load_knowledge(),
        [(no_tracker.CHECK, None)],
        lambda lookups: Answers({one: contents.get(one.path) for one in lookups if isinstance(one, FileContent)}),
    )
    lines = {change.path: added_in(change) for change in planned.change_set.files}
    assert lines["main.py"] == ['    mlflow.log_params({"seed": args.seed, "lr": args.lr})', "import mlflow"]


def added_in(change: FileChange) -> list[str]:
    before, after = ((content or b"").decode().splitlines() for content in (change.before, change.after))
    return sorted(line for line in after if line not in before)
