"""Whether the seed is among what a tracker gets, however it is put together."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.tracking.seed_not_logged import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

HEAD = """import argparse
import mlflow
import numpy as np
import wandb
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
OPTION
args = parser.parse_args()
SEED = 1
np.random.seed(SEED)
"""
TAIL = "\nnp.savetxt('w.txt', np.random.rand(3))\n"
OPTION = 'parser.add_argument("--seed", type=int, default=1)'
NO_DEFAULT = 'parser.add_argument("--seed", type=int)'
YES, NO, UNKNOWN, NONE = Outcome.PASSED, Outcome.FAILED, Outcome.COULD_NOT_RUN, Outcome.NOT_APPLICABLE


def program(logged: str, option: str = "") -> str:
    return HEAD.replace("OPTION", option) + logged + TAIL


@pytest.mark.parametrize(
    ("logged", "option", "outcome"),
    [
        ("mlflow.log_params({'lr': 1})", "", NO),
        ("mlflow.log_params({'lr': 1, 'seed': SEED})", "", YES),
        ("mlflow.log_params({'lr': 1, 'train.random_seed': SEED})", "", YES),
        ("mlflow.log_params({'lr': 1})\nmlflow.log_param('seed', SEED)", "", YES),
        ("mlflow.log_param('lr', 1)", "", NO),
        ("mlflow.log_params({'lr': 1, 'seedling': 2})", "", NO),
        ("mlflow.log_params(vars(args))", "", NO),
        ("mlflow.log_params(vars(args))", OPTION, YES),
        # Options that a function gives back are those of its parser.
        (
            "def options():\n    return parser.parse_args()\ngiven = options()\nmlflow.log_params(vars(given))",
            OPTION,
            YES,
        ),
        ("def options():\n    return parser.parse_args()\nmlflow.log_params(vars(options()))", "", NO),
        ("CONFIG = {'lr': 1, 'seed': SEED}\nwandb.init(config=CONFIG)", "", YES),
        ("CONFIG = {'lr': 1}\nwandb.init(config=CONFIG)", "", NO),
        ("wandb.init(config={'model': {'seed': SEED}})", "", YES),
        # A None says nothing, unless the program puts a number in its place.
        ("mlflow.log_param('seed', None)", "", NO),
        ("mlflow.log_param('seed', args.seed)", NO_DEFAULT, NO),
        ("mlflow.log_params({'lr': 1, 'seed': None})", "", NO),
        ("CONFIG = {'lr': 1, 'seed': None}\nCONFIG['seed'] = SEED\nwandb.init(config=CONFIG)", "", UNKNOWN),
        ("wandb.init(config=dict(lr=1, seed=None))", "", NO),
        ("wandb.init(config=args)", NO_DEFAULT, NO),
        ("if args.seed is None:\n    args.seed = 1\nwandb.init(config=args)", NO_DEFAULT, YES),
        ("wandb.init(config=args)", NO_DEFAULT.replace("int", "int, required=True"), YES),
        ("wandb.init(config=dict(lr=1))", "", NO),
        ("wandb.init(config=dict(lr=1, seed=SEED))", "", YES),
        ("wandb.init(config={'lr': 1, **vars(args)})", OPTION, YES),
        ("wandb.init(config=args)", OPTION, YES),
        ("wandb.init()\nwandb.config.seed = SEED", "", YES),
        ("wandb.init()\nwandb.config.lr = 1", "", NO),
        ("import other\nwandb.init(config=other.settings())", "", UNKNOWN),
        ("import mlflow.sklearn\nmlflow.sklearn.autolog()", "", UNKNOWN),
        ("wandb.init()", "", NONE),
        ("", "", NONE),
    ],
)
def test_what_reaches_the_tracker(logged: str, option: str, outcome: Outcome) -> None:
    result = run_check(FactsFor(snapshot_of(program(logged, option)), load_knowledge()), CHECK)
    assert result.outcome is outcome, (result.why_not, [note.message for note in result.findings])


def test_without_a_seed_there_is_none_to_log() -> None:
    bare = program("mlflow.log_params({'lr': 1})").replace("np.random.seed(SEED)", "")
    assert run_check(FactsFor(snapshot_of(bare), load_knowledge()), CHECK).outcome is NONE


@pytest.mark.parametrize(
    "logged",
    ["mlflow.log_params(vars(args))", "CONFIG = {'lr': 1}\nmlflow.log_params(CONFIG)", "mlflow.log_param('lr', 1)"],
)
def test_what_is_put_together_elsewhere_is_not_edited(logged: str) -> None:
    side = Sketch({"train.py": program(logged)})
    with pytest.raises(CannotPlan):
        plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))


def test_the_seed_among_options_that_a_function_gives_back_has_a_name() -> None:
    code = """import argparse
import mlflow
import numpy as np


def get_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = get_options()
    np.random.seed(options.seed)
    mlflow.log_params({"lr": 0.1})
    np.savetxt("w.txt", np.random.rand(3))


main()
"""
    side = Sketch({"train.py": code})
    planned = plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))
    (change,) = planned.change_set.files
    assert change.after is not None
    assert '    mlflow.log_params({"lr": 0.1, "seed": options.seed})\n' in change.after.decode()


def test_a_dictionary_over_several_lines_keeps_its_form() -> None:
    side = Sketch({"train.py": program("mlflow.log_params({\n    'lr': 1,  # rate\n})")})
    planned = plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))
    (change,) = planned.change_set.files
    assert change.after is not None
    assert "    'lr': 1, \"seed\": SEED,  # rate\n" in change.after.decode()


def test_a_none_that_is_logged_gives_way_to_the_seed() -> None:
    side = Sketch({"train.py": program("mlflow.log_params({'seed': None, 'lr': 1})")})
    planned = plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))
    (change,) = planned.change_set.files
    assert change.after is not None
    assert "mlflow.log_params({'seed': SEED, 'lr': 1})\n" in change.after.decode()
