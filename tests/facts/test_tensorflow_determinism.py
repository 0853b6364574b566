"""What makes TensorFlow repeat its operations, and which programs are written for TensorFlow 1."""

from __future__ import annotations

import pytest

from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, random_use
from repro_gui.facts.tensorflow_determinism import OP_DETERMINISM, hides_gpus, is_for_version_1, is_on
from repro_gui.knowledge import load_knowledge
from tests.projects_in_memory import facts_of


def use_of(code: str) -> RandomUse:
    files = {"train.py": ("import os\nimport tensorflow as tf\n" + code + "\nmodel.fit(1)\n").encode()}
    program = facts_of(files, ["train.py"]).program
    assert isinstance(program, Program)
    return random_use(program, program.result_entry_points[0], load_knowledge())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("tf.config.experimental.enable_op_determinism()", True),
        ("if x:\n    tf.config.experimental.enable_op_determinism()", False),
        ("os.environ['TF_DETERMINISTIC_OPS'] = '1'", True),
        ("os.environ.setdefault('TF_DETERMINISTIC_OPS', 'true')", True),
        ("VALUE = '1'\nos.environ['TF_DETERMINISTIC_OPS'] = VALUE", True),
        ("os.environ['TF_DETERMINISTIC_OPS'] = '1'\nos.environ['TF_DETERMINISTIC_OPS'] = '0'", False),
        ("os.environ['TF_DETERMINISTIC_OPS'] = str(x)", False),
        ("if x:\n    os.environ['TF_DETERMINISTIC_OPS'] = '1'", False),
        ("settings['TF_DETERMINISTIC_OPS'] = '1'", False),
        ("os.environ['TF_CUDNN_DETERMINISTIC'] = '1'", False),
        ("from tfdeterminism import patch\npatch()", True),
        ("", False),
    ],
)
def test_operations_repeat(code: str, expected: bool) -> None:
    assert is_on(use_of(code), OP_DETERMINISM) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("os.environ['CUDA_VISIBLE_DEVICES'] = ''", True),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '-1'", True),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '0'", False),
        ("if x:\n    os.environ['CUDA_VISIBLE_DEVICES'] = ''", False),
        ("tf.config.set_visible_devices([], 'GPU')", True),
        ("tf.config.set_visible_devices(devices=[], device_type='GPU')", True),
        ("tf.config.set_visible_devices(gpus[:1], 'GPU')", False),
        ("tf.config.set_visible_devices([], 'TPU')", False),
    ],
)
def test_gpus_are_hidden(code: str, expected: bool) -> None:
    assert (hides_gpus(use_of(code)) is not None) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("tf.Session()", True),
        ("tf.contrib.layers.conv2d(x, 3)", True),
        ("tf.app.flags.DEFINE_integer('a', 1, '')", True),
        ("tf.compat.v1.Session()", False),
        ("tf.compat.v1.logging.set_verbosity(1)", False),
        ("tf.random.normal([3])", False),
    ],
)
def test_programs_of_version_1(code: str, expected: bool) -> None:
    assert is_for_version_1(use_of(code), load_knowledge()) is expected
