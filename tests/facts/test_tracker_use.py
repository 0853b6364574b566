"""Trackers that no call names: classes given to a parser, texts that become imports, switches of Lightning."""

from __future__ import annotations

import pytest

from tests.checks.tracking.test_tracking_checks import NO_PARAMETERS, NONE, OFF, UNKNOWN, YES, verdict

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
