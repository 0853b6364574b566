"""Which framework does the work, where a program imports several."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from repro_gui.checks.randomness import autotuned_kernels, nondeterministic_algorithms
from tests.checks.tracking.test_tracking_checks import judge

GPU = 'model.cuda()\nmodel.fit(torch.zeros(1, device="cuda"))\n'
TORCH = "import torch\nmodel = torch.nn.Linear(1, 1)\n" + GPU
JAX = (
    "import jax\nimport torch\nfrom torch.utils.tensorboard import SummaryWriter\nSummaryWriter()\nmodel = jax.jit(f)\n"
    + GPU
)
BOTH = "import jax\n" + TORCH
SUMMARIES = "import tensorflow as tf\ntf.summary.create_file_writer('x')\n" + TORCH
EVENTS = "from tensorflow.core.util import event_pb2\nevent_pb2.Event()\n" + TORCH
TRL = "import torch\nfrom trl import DPOTrainer\nDPOTrainer(model, args=load()).train()\n"
CHOSEN = "import torch\nif load():\n    model = torch.nn.Linear(1, 1).to('cuda')\nmodel.fit(1)\n"
ACCELERATOR = "import torch\ndevice = torch.accelerator.current_accelerator()\nmodel = torch.nn.Linear(1, 1).to(device)\nmodel.fit(1)\n"
KERAS = "import tensorflow as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(1)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [(TORCH, Outcome.FAILED), (JAX, Outcome.NOT_APPLICABLE), (BOTH, Outcome.FAILED), (SUMMARIES, Outcome.FAILED)],
)
def test_cudnn_matters_where_torch_computes(source: str, expected: Outcome) -> None:
    assert judge(autotuned_kernels.CHECK, {"train.py": source}).outcome is expected


def test_networks_that_only_another_program_makes_do_not_count() -> None:
    others = "import torch\ndef make():\n    return torch.nn.Linear(1, 1)\nMAKERS = {'linear': make}\n"
    files = {"train.py": f"import others\n{JAX.replace('import torch', '', 1)}", "others.py": others}
    assert judge(autotuned_kernels.CHECK, files).outcome is Outcome.NOT_APPLICABLE
    files["train.py"] += "others.make()\n"
    assert judge(autotuned_kernels.CHECK, files).outcome is Outcome.FAILED


def test_a_framework_that_the_package_offers_beside_another_does_not_count() -> None:
    """As in spinningup: `import pkg` brings algorithms in both frameworks, and the program calls one of them."""
    files = {
        "pkg/__init__.py": "from pkg.in_torch import run as torch_run\nfrom pkg.in_tf import run as tf_run\n",
        "pkg/in_torch.py": "import torch\nfrom pkg import log\ndef run():\n    model = torch.nn.Linear(1, 1)\n    model.cuda()\n    model.fit(1)\n",
        "pkg/in_tf.py": "import tensorflow as tf\nfrom pkg import log\ndef run():\n    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n    model.fit(1)\n",
        "pkg/log.py": "import tensorflow as tf\ndef save(model):\n    tf.keras.models.save_model(model, 'x')\n",
        "torch_main.py": "from pkg import torch_run\nif __name__ == '__main__':\n    torch_run()\n",
        "tf_main.py": "from pkg import tf_run\nif __name__ == '__main__':\n    tf_run()\n",
    }
    result = judge(nondeterministic_algorithms.CHECK, files)
    assert {(note.values["entry"], note.values["library"]) for note in result.findings} == {
        ("torch_main.py", "PyTorch"),
        ("tf_main.py", "TensorFlow"),
    }


@pytest.mark.parametrize(
    ("source", "flags"),
    [
        (TORCH, ["torch.use_deterministic_algorithms"]),
        (TRL, ["torch.use_deterministic_algorithms"]),
        (CHOSEN, ["torch.use_deterministic_algorithms"]),
        (ACCELERATOR, ["torch.use_deterministic_algorithms"]),
        (SUMMARIES, ["torch.use_deterministic_algorithms"]),
        (EVENTS, ["torch.use_deterministic_algorithms"]),
        (KERAS, ["tensorflow.config.experimental.enable_op_determinism"]),
    ],
)
def test_only_the_framework_that_computes_is_asked(source: str, flags: list[str]) -> None:
    result = judge(nondeterministic_algorithms.CHECK, {"train.py": source})
    assert [flag for flag in flags for note in result.findings if flag in note.message] == flags
    assert len(result.findings) == len(flags)


LOADER = 'import torch\ndef prefetch(batch, device=torch.device("cuda")):\n    return batch.to(device)\n'
AVERAGE = "import torch\nimport loader\nstate = torch.load('a.pth')\ntorch.save({name: one / 2 for name, one in state.items()}, 'mean.pth')\n"
CONFIG = 'import torch\nDEVICE = torch.device("cuda")\n'
TRAIN = "import torch\nimport config\nmodel = torch.nn.Linear(1, 1).to(config.DEVICE)\nloss = model(torch.zeros(1)).sum()\nloss.backward()\n"


def test_a_device_that_an_imported_module_only_names_moves_no_checkpoint() -> None:
    """As in timm: `avg_checkpoints.py` imports the package, whose loader has a GPU as a default."""
    result = judge(nondeterministic_algorithms.CHECK, {"average.py": AVERAGE, "loader.py": LOADER})
    assert result.outcome is Outcome.NOT_APPLICABLE


def test_a_device_of_the_configuration_counts_where_the_program_trains() -> None:
    result = judge(nondeterministic_algorithms.CHECK, {"train.py": TRAIN, "config.py": CONFIG})
    assert [note.path for note in result.findings] == ["train.py"]
    assert [step.path for note in result.findings for step in note.places] == ["config.py"]
