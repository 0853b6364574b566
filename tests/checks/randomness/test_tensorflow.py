"""What the fixes for TensorFlow refuse, and why; what they write is in the corpus."""

from __future__ import annotations

import pytest

from repro_gui.errors import CannotPlan
from tests.projects_in_memory import fixed, result_of

SEED = "import tensorflow as tf\n\ntf.random.set_seed(1)\n"
TRAIN = "weight = tf.Variable(tf.random.normal([3]))\nwith tf.GradientTape() as tape:\n    loss = tf.reduce_mean(weight)\nprint(loss)\n"


def refused(check: str, code: str, **files: str) -> str:
    project = {"train.py": code.encode()} | {
        name.replace("_txt", ".txt"): text.encode() for name, text in files.items()
    }
    with pytest.raises(CannotPlan) as refusal:
        fixed([check], project)
    return str(refusal.value)


def test_without_a_seed_random_operations_would_raise() -> None:
    assert "is not seeded" in refused("nondeterministic-algorithms", "import tensorflow as tf\n" + TRAIN)


def test_an_old_version_has_no_such_call() -> None:
    reason = refused("nondeterministic-algorithms", SEED + TRAIN, requirements_txt="tensorflow==2.4.1\n")
    assert "TensorFlow 2.4.1 has no enable_op_determinism" in reason
    assert "TF_DETERMINISTIC_OPS=1" in reason


def test_a_session_is_never_fully_deterministic() -> None:
    assert "session of TensorFlow 1" in refused(
        "nondeterministic-algorithms", SEED + TRAIN + "tf.compat.v1.Session()\n"
    )


def test_an_operation_without_a_seed_of_its_own_would_raise() -> None:
    code = SEED + TRAIN + "tf.image.sample_distorted_bounding_box([8, 8, 3], boxes)\n"
    assert "has no seed, and would raise" in refused("nondeterministic-algorithms", code)


def test_a_seed_above_graph_mode_would_be_forgotten() -> None:
    code = "import tensorflow.compat.v1 as tf\n\n\ndef main():\n    x = tf.get_variable('x', [3])\n"
    code += "    tf.train.AdamOptimizer().minimize(x)\n\n\nif __name__ == '__main__':\n    tf.disable_v2_behavior()\n    main()\n"
    assert "forgets a seed from before" in refused("unseeded-library", code)


def test_a_generator_imported_by_itself_is_not_exchanged() -> None:
    code = "from random import SystemRandom\n\nrng = SystemRandom()\nmodel.fit(rng.random())\n"
    assert "takes no seed" in refused("unseeded-generator", code)


def test_a_notebook_of_version_1_is_seeded_as_such() -> None:
    cells = [["import tensorflow as tf\n"], ["tf.train.AdamOptimizer().minimize(tf.get_variable('x', [3]))\n"]]
    written = ", ".join(
        f'{{"cell_type": "code", "execution_count": null, "metadata": {{}}, "outputs": [], "source": ["{cell[0][:-1]}\\n"]}}'
        for cell in cells
    )
    content = f'{{"cells": [{written}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'.encode()
    after = fixed(["unseeded-library"], {"train.ipynb": content})["train.ipynb"]
    assert b"tf.set_random_seed(42)" in after


def test_one_setting_in_code_that_may_not_run_is_no_finding_for_the_cpu() -> None:
    hidden = "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '-1'\n"
    result = result_of("nondeterministic-algorithms", {"train.py": (hidden + SEED + TRAIN).encode()})
    assert not result.findings


def test_keras_is_seeded_under_the_name_that_the_program_has_for_tensorflow() -> None:
    code = "import tensorflow.compat.v2 as tf\n\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(rows)\n"
    after = fixed(["unseeded-library"], {"train.py": code.encode()})["train.py"]
    assert b"    tf.keras.utils.set_random_seed(seed)\n" in after
    assert b"import keras" not in after
