"""What reaches a tracker, by default or not, over small programs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Check, Sketch
from repro_gui.checks.find_checks import find_check
from repro_gui.checks.tracking import no_tracker, parameters_not_logged, tracking_off_by_default
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.tracking import RunStore, StoreKind, Tracking
from repro_gui.knowledge import load_knowledge

CHECKS = (no_tracker.CHECK, parameters_not_logged.CHECK, tracking_off_by_default.CHECK)
HEAD = """import argparse
import os
from sklearn.linear_model import SGDClassifier
parser = argparse.ArgumentParser()
parser.add_argument("--track", action="store_true")
parser.add_argument("--no-track", action="store_true")
parser.add_argument("--tracker", default="none")
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
rank = int(os.environ.get("RANK", "0"))
"""
FIT = "\nSGDClassifier().fit([[0.0], [1.0]], [0, 1])\n"
YES, NO_PARAMETERS, OFF, NONE, UNKNOWN = "yes", "no parameters", "off", "none", "unknown"


def judge(check: Check, files: Mapping[str, str]) -> CheckResult:
    contents = {path: content.encode() for path, content in files.items()}
    return run_check(FactsFor(snapshot_of_files("p", contents), load_knowledge()), check)


def verdict(files: Mapping[str, str]) -> str:
    """The three checks together, as the answer puts them together."""
    tracker, parameters, default = (judge(check, files) for check in CHECKS)
    if tracker.outcome is Outcome.FAILED:
        assert parameters.outcome is default.outcome is Outcome.NOT_APPLICABLE
        return NONE
    if parameters.outcome is Outcome.FAILED:
        return NO_PARAMETERS
    if default.outcome is Outcome.FAILED:
        return OFF
    if Outcome.COULD_NOT_RUN in {tracker.outcome, parameters.outcome, default.outcome}:
        return UNKNOWN
    assert tracker.outcome is parameters.outcome is default.outcome is Outcome.PASSED
    return YES


PROGRAMS = {
    "nothing": ("", NONE),
    "in a string": ('x = "mlflow.log_params(args)"', NONE),
    "import only": ("import mlflow", UNKNOWN),
    "never called": ("import mlflow\ndef log():\n    mlflow.log_params({})", UNKNOWN),
    "mlflow": ("import mlflow\nmlflow.log_params(vars(args))", YES),
    "mlflow alias": ("from mlflow import log_param as lp\nlp('lr', 1)", YES),
    "mlflow client": ("import mlflow\nclient = mlflow.MlflowClient()\nclient.log_param('r', 'lr', 1)", YES),
    "mlflow metrics": ("import mlflow\nmlflow.log_metric('loss', 1)", NO_PARAMETERS),
    "mlflow autolog": ("import mlflow.sklearn\nmlflow.sklearn.autolog()", YES),
    "autolog disabled": ("import mlflow\nmlflow.autolog(disable=True)", OFF),
    "flag": ("import mlflow\nif args.track:\n    mlflow.log_params(vars(args))", OFF),
    "negative flag": ("import mlflow\nif not args.no_track:\n    mlflow.log_params(vars(args))", YES),
    "choice": ("import mlflow\nif args.tracker == 'mlflow':\n    mlflow.log_params(vars(args))", OFF),
    "main process": ("import mlflow\nif rank == 0:\n    mlflow.log_params(vars(args))", YES),
    "main process of a library": (
        "import accelerate, mlflow\nacc = accelerate.Accelerator()\nif acc.is_main_process:\n    mlflow.log_params({'a': 1})",
        YES,
    ),
    "cannot know": ("import mlflow, sys\nif len(sys.argv) > 3:\n    mlflow.log_params(vars(args))", UNKNOWN),
    "under a flag by a function": (
        "import mlflow\ndef log():\n    mlflow.log_params(vars(args))\nif args.track:\n    log()",
        OFF,
    ),
    "wandb": ("import wandb\nwandb.init(project='p', config=vars(args))", YES),
    "wandb without config": ("import wandb\nwandb.init(project='p')\nwandb.log({'a': 1})", NO_PARAMETERS),
    "wandb empty config": ("import wandb\nwandb.init(config={})", NO_PARAMETERS),
    "wandb update": ("import wandb\nwandb.init()\nwandb.config.update(args)", YES),
    "wandb run": ("import wandb\nrun = wandb.init()\nrun.config.update(args)", YES),
    "wandb attribute": ("import wandb\nwandb.init()\nwandb.config.lr = 1", YES),
    "wandb item": ("import wandb\nwandb.init()\nwandb.config['lr'] = 1", YES),
    "wandb disabled": ("import wandb\nwandb.init(mode='disabled', config=vars(args))", OFF),
    "wandb mode by flag": (
        "import wandb\nwandb.init(mode='online' if args.track else 'disabled', config=vars(args))",
        OFF,
    ),
    "tensorboard": ("from torch.utils.tensorboard import SummaryWriter\nw = SummaryWriter()", NO_PARAMETERS),
    "tensorboard hparams": (
        "from torch.utils.tensorboard import SummaryWriter\nw = SummaryWriter()\nw.add_hparams({'lr': 1}, {})",
        YES,
    ),
    "transformers default": (
        "from transformers import TrainingArguments\nTrainingArguments('out')",
        UNKNOWN,
    ),
    "transformers none": ("from transformers import TrainingArguments\nTrainingArguments('o', report_to='none')", OFF),
    "transformers list": (
        "from transformers import TrainingArguments\nTrainingArguments('o', report_to=['wandb'])",
        YES,
    ),
    "accelerate": (
        "from accelerate import Accelerator\na = Accelerator(log_with='wandb')\na.init_trackers('p', config={'lr': 1})",
        YES,
    ),
    "clearml": ("from clearml import Task\ntask = Task.init('p', 't')", YES),
    "comet": ("import comet_ml\ne = comet_ml.Experiment()\ne.log_parameters({'lr': 1})", YES),
    "dvclive": ("from dvclive import Live\nwith Live() as live:\n    live.log_param('lr', 1)", YES),
    "sacred": ("from sacred import Experiment\nex = Experiment('e')", YES),
    "trackio": ("import trackio\ntrackio.init(project='p', config={'lr': 1})", YES),
    "recognised only": ("import swanlab\nswanlab.init(project='p')", UNKNOWN),
    "neptune item": ("import neptune\nrun = neptune.init_run()\nrun['parameters'] = {'lr': 1}", YES),
    "neptune": ("import neptune\nrun = neptune.init_run()", UNKNOWN),
}


@pytest.mark.parametrize(("source", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_what_reaches_a_tracker(source: str, expected: str) -> None:
    assert verdict({"train.py": HEAD + source + FIT}) == expected


LIGHTNING = """
import lightning.pytorch as pl

class Model(pl.LightningModule):
    def __init__(self, lr):
        super().__init__()
        {save}

def main():
    trainer = pl.Trainer({logger})
    trainer.fit(Model(0.1))

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    ("save", "logger", "expected"),
    [
        ("self.save_hyperparameters()", "", YES),
        ("pass", "", NO_PARAMETERS),
        ("self.save_hyperparameters()", "logger=False", OFF),
        ("self.save_hyperparameters()", "logger=pl.loggers.WandbLogger()", YES),
        ("self.lr = lr", "logger=pl.loggers.WandbLogger(config={'lr': 1})", YES),
    ],
)
def test_lightning(save: str, logger: str, expected: str) -> None:
    assert verdict({"train.py": LIGHTNING.format(save=save, logger=logger)}) == expected


@pytest.mark.parametrize(("chosen", "expected"), [("wandb", NO_PARAMETERS), ("null", NO_PARAMETERS)])
def test_tracker_that_only_a_configuration_names(chosen: str, expected: str) -> None:
    files = {
        "train.py": (
            "import hydra\n@hydra.main(config_path='configs', config_name='train')\ndef main(cfg):\n"
            "    logger = hydra.utils.instantiate(cfg.logger)\n    trainer = hydra.utils.instantiate(cfg.trainer)\n"
            "    trainer.fit(1)\n\nif __name__ == '__main__':\n    main()\n"
        ),
        "configs/train.yaml": f"defaults:\n  - _self_\n  - logger: {chosen}\n",
        "configs/logger/wandb.yaml": "wandb:\n  _target_: lightning.pytorch.loggers.wandb.WandbLogger\n  project: p\n",
    }
    assert verdict(files) == expected
    evidence = judge(no_tracker.CHECK, files).evidence
    assert [(note.path, note.line, note.values["by_default"]) for note in evidence] == [
        ("configs/logger/wandb.yaml", 2, chosen == "wandb")
    ]


def test_only_what_the_training_reaches_counts() -> None:
    files = {
        "train.py": HEAD + FIT,
        "other.py": "import mlflow\nmlflow.log_params({'a': 1})\n",
        "tests/test_it.py": "import mlflow\nmlflow.log_params({'a': 1})\n",
    }
    assert verdict(files) == NONE


def test_tracker_in_another_module() -> None:
    files = {
        "train.py": HEAD + "from tracking import start\nstart(args)" + FIT,
        "tracking.py": "import wandb\n\ndef start(args):\n    wandb.init(config=vars(args))\n",
    }
    assert verdict(files) == YES
    (evidence,) = judge(parameters_not_logged.CHECK, files).evidence
    assert (evidence.path, evidence.line) == ("tracking.py", 4)


def test_one_of_two_trainings_has_no_tracker() -> None:
    files = {
        "train_a.py": "import mlflow\nfrom sklearn.svm import SVC\nmlflow.log_params({'a': 1})\nSVC().fit([[0]], [0])\n",
        "train_b.py": "from sklearn.svm import SVC\nSVC().fit([[0]], [0])\n",
        "evaluate.py": "import joblib\njoblib.load('m').predict([[0]])\n",
    }
    assert judge(no_tracker.CHECK, files).outcome is Outcome.PASSED
    result = judge(parameters_not_logged.CHECK, files)
    assert [note.message for note in result.findings] == ["train_b.py trains, and nothing of it reaches a tracker."]


def test_what_only_prepares_or_measures_is_no_training_beside_one() -> None:
    files = {
        "train.py": HEAD + "import mlflow\nmlflow.log_params(vars(args))" + FIT,
        "bench.py": HEAD + FIT,
        "featurization.py": "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit([[0.0]])\n",
    }
    assert verdict(files) == YES
    assert verdict({"bench.py": HEAD + FIT}) == NONE


def test_training_loop_written_by_hand() -> None:
    assert verdict({"train.py": "import numpy as np\nnp.save('weights.npy', np.zeros(3))\n"}) == NONE


def test_many_trainings_without_a_tracker_are_one_cause() -> None:
    result = judge(no_tracker.CHECK, {f"{name}.py": HEAD + FIT for name in ("a", "train_b", "c")})
    (finding,) = result.findings
    assert finding.message == "3 programs train, and no experiment tracker records them."
    assert (finding.path, [place.path for place in finding.places]) == ("train_b.py", ["a.py", "c.py", "train_b.py"])


def test_a_program_that_may_train_counts_where_it_gives_a_tracker_something() -> None:
    job = (
        "import mlflow\nimport numpy as np\nfrom framework import Job, start\nfrom sklearn.svm import SVC\n\n\n"
        "class Training(Job):\n    def run(self):\n        mlflow.log_params({'C': 1})\n        SVC().fit([[0], [1]], [0, 1])\n\n\n"
        "if __name__ == '__main__':\n    start(Training())\n    np.save('scores.npy', np.zeros(1))\n"
    )
    files = {"prototype.py": HEAD + FIT, "job.py": job}
    # The project has a tracker; that the other program does not reach it is told by the other check.
    assert judge(no_tracker.CHECK, files).outcome is not Outcome.FAILED
    assert judge(parameters_not_logged.CHECK, files).outcome is Outcome.FAILED


def test_nothing_that_makes_results_cannot_be_told() -> None:
    for check in CHECKS:
        assert judge(check, {"notes.py": "x = 1\n"}).outcome is Outcome.COULD_NOT_RUN


def test_recorded_runs_are_evidence() -> None:
    import msgspec

    stores = (RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 3), RunStore(".aim", StoreKind.OTHER, "Aim"))
    snapshot = snapshot_of_files("p", {"train.py": (HEAD + FIT).encode()})
    snapshot = msgspec.structs.replace(snapshot, tracking=Tracking(stores))
    result = run_check(FactsFor(snapshot, load_knowledge()), no_tracker.CHECK)
    assert [note.message for note in result.evidence] == ["mlruns: 3 runs recorded by MLflow.", ".aim: a store of Aim."]
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_bad_examples_fail_and_good_ones_pass(check: Check) -> None:
    assert find_check(check.id) is check
    for example in check.examples:
        for side, outcome in ((example.bad, Outcome.FAILED), (example.good, Outcome.PASSED)):
            files = side.files if isinstance(side, Sketch) else {"train.py": side}
            assert judge(check, files).outcome is outcome
