"""Trackers that no call names: classes given to a parser, texts that become imports, switches of Lightning."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.tracking.parameters_not_logged import CHECK
from repro_gui.facts.configs import Configs
from repro_gui.facts.tracker_use import tracking_state
from repro_gui.knowledge import load_knowledge
from tests.checks.tracking.test_tracking_checks import NO_PARAMETERS, NONE, OFF, UNKNOWN, YES, verdict
from tests.facts.test_program import trace
from tests.sketches import snapshot_of

PARSED = """
from transformers import HfArgumentParser, Trainer, TrainingArguments
{extra}
if __name__ == "__main__":
    (args,) = HfArgumentParser({classes}).parse_args_into_dataclasses()
    Trainer(args=args).train()
"""
OWN = "class Arguments(TrainingArguments):\n    pass\n"


@pytest.mark.parametrize(
    ("extra", "classes", "config", "expected"),
    [
        ("", "TrainingArguments", "", UNKNOWN),
        ("", "(TrainingArguments,)", "report_to: wandb\n", YES),
        ("", "[TrainingArguments]", "report_to:\n- tensorboard\n- wandb\n", YES),
        ("", "dataclass_types=TrainingArguments", "report_to: none\n", UNKNOWN),
        (OWN, "(Arguments,)", "report_to: wandb\n", YES),
        ("class Plain:\n    pass\n", "(Plain,)", "report_to: wandb\n", NONE),
        ("", "", "report_to: wandb\n", NONE),
    ],
)
def test_arguments_of_a_trainer_that_a_parser_makes(extra: str, classes: str, config: str, expected: str) -> None:
    files = {"train.py": PARSED.format(extra=extra, classes=classes), "recipes/one.yaml": config or "a: 1\n"}
    assert verdict(files) == expected


BY_NAME = """
import importlib
LOGGERS = {{"one": {{"target": "{name}", "params": {{}}}}}}
def make(config):
    module, name = config["target"].rsplit(".", 1)
    return getattr(importlib.import_module({module}), name)(**config["params"])
if __name__ == "__main__":
    make(LOGGERS["one"])
    make({{}}).fit(1)
"""


@pytest.mark.parametrize(
    ("name", "module", "expected"),
    [
        ("pytorch_lightning.loggers.WandbLogger", "module", NO_PARAMETERS),
        ("clearml.Task.init", "module", UNKNOWN),
        ("pytorch_lightning.loggers.WandbLogger", "'json'", NONE),
        ("some.other.Thing", "module", NONE),
    ],
)
def test_texts_that_name_a_tracker_where_modules_are_imported_by_name(name: str, module: str, expected: str) -> None:
    assert verdict({"train.py": BY_NAME.format(name=name, module=module)}) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"), [("", YES), ("logger=True", YES), ("logger=False", OFF), ("'a', logger=False", OFF)]
)
def test_what_lightning_saves_only_in_the_checkpoint_reaches_no_tracker(arguments: str, expected: str) -> None:
    source = f"""
import pytorch_lightning as pl
class Model(pl.LightningModule):
    def __init__(self, a):
        super().__init__()
        self.save_hyperparameters({arguments})
pl.Trainer().fit(Model(1))
"""
    assert verdict({"train.py": source}) == expected


STARTED = """
import importlib
def make(config):
    module, name = config["target"].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)(**config["params"])
if __name__ == "__main__":
    LOGGERS = {"one": {"target": "pytorch_lightning.loggers.WandbLogger", "params": {}}}
    make(LOGGERS["one"])
    model.fit(1)
"""


def test_a_text_under_the_main_guard_is_none_of_the_programs_that_import_the_module() -> None:
    sampling = "from train import make\nmake({'target': 'a.B', 'params': {}})\nmodel.fit(2)\n"
    program = trace({"train.py": STARTED, "sampling.py": sampling}, "train.py", "sampling.py")
    states = tracking_state(program, Configs(()), load_knowledge())
    assert {state.entry.path: [use.tracker for use in state.uses] for state in states} == {
        "train.py": ["wandb"],
        "sampling.py": [],
    }


def test_of_a_program_that_may_train_it_is_not_known_whether_it_needs_a_tracker() -> None:
    tracked = "import wandb\nwandb.init(config={'lr': 1})\nif unknown:\n    model.fit(1)\n"
    other = "if unknown:\n    model.fit(2)\nopen('out.csv', 'w').write('1')\n"
    snapshot = snapshot_of(Sketch({"train.py": tracked, "other.py": other}))
    result = run_check(FactsFor(snapshot, load_knowledge()), CHECK)
    assert not result.findings
    assert [note.path for note in result.undecided] == ["other.py"]
