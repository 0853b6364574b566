"""In a program of several processes the fix logs in one of them."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.tracking import no_tracker, parameters_not_logged, tracking_off_by_default
from repro_gui.errors import CannotPlan
from repro_gui.facts.process_ranks import is_first_process
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.source_edits import parse_source
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tracking import gather_tracking
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.checks.tracking.test_tracking_fixes import added, plan
from tests.foreign_environments import foreign_python

HEAD = """import argparse

import torch
import torch.distributed as dist
"""
OPTIONS = """

def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def train(args):
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    model(torch.ones(1)).sum().backward()
    optimizer.step()

"""
MAIN = """
def main():
    args = parse()
    dist.init_process_group("gloo")
    torch.manual_seed(args.seed)
    train(args)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
"""
PARAMETERS = 'mlflow.log_params({"lr": args.lr, "seed": args.seed})'


def test_only_the_process_of_rank_zero_logs() -> None:
    change_set, after = plan({"train.py": HEAD + OPTIONS + MAIN})
    assert added(change_set) == [
        "import os",
        "import mlflow",
        '    if os.environ.get("RANK", "0") == "0":',
        f"        {PARAMETERS}",
    ]
    for check in (no_tracker.CHECK, parameters_not_logged.CHECK, tracking_off_by_default.CHECK):
        assert run_check(FactsFor(after, load_knowledge()), check).outcome in {Outcome.PASSED, Outcome.NOT_APPLICABLE}


def test_the_variables_that_the_program_reads_decide() -> None:
    reads = (
        'def rank():\n    return int(os.environ["RANK"]) if "RANK" in os.environ else int(os.getenv("SLURM_PROCID"))\n'
    )
    main = MAIN.replace('init_process_group("gloo")', 'init_process_group("gloo", rank=rank())')
    change_set, _ = plan({"train.py": "import os\n" + HEAD + "\n\n" + reads + OPTIONS + main})
    assert added(change_set)[1:] == [
        '    if all(os.environ.get(variable, "0") == "0" for variable in ("RANK", "SLURM_PROCID")):',
        f"        {PARAMETERS}",
    ]


def test_the_rank_on_a_machine_is_not_the_rank() -> None:
    main = MAIN.replace('dist.init_process_group("gloo")', 'device = int(os.environ["LOCAL_RANK"])')
    change_set, _ = plan({"train.py": "import os\n" + HEAD + OPTIONS + main})
    assert '("RANK", "LOCAL_RANK")' in added(change_set)[1]


OWN = {
    "a name": ("is_main_process = dist.get_rank() == 0\n    ", "is_main_process"),
    "a comparison": ("", "dist.get_rank() == 0"),
    "a function": ("", "is_master()"),
    "not": ("rank = dist.get_rank()\n    ", "not rank"),
}


@pytest.mark.parametrize(("before", "test"), OWN.values(), ids=OWN)
def test_the_projects_own_branch_for_the_first_process_is_used(before: str, test: str) -> None:
    main = MAIN.replace("torch.manual_seed", f'{before}if {test}:\n        print("starts")\n    torch.manual_seed')
    main = "\ndef is_master():\n    return dist.get_rank() == 0\n\n" + main
    change_set, _ = plan({"train.py": HEAD + OPTIONS + main})
    assert added(change_set) == ["import mlflow", f"        {PARAMETERS}"]
    lines = (change_set.files[0].after or b"").decode().splitlines()
    assert lines.index(f"        {PARAMETERS}") == lines.index(f"    if {test}:") + 1


LATE = {
    "after training": '    train(args)\n    if dist.get_rank() == 0:\n        print("done")\n',
    "narrower": '    if dist.get_rank() == 0 and args.lr > 1:\n        print("odd")\n    train(args)\n',
    "each machine's first": '    if local_rank() == 0:\n        print("here")\n    train(args)\n',
    "the others": '    if dist.get_rank() != 0:\n        print("quiet")\n    train(args)\n',
    "in a loop": '    for _ in range(2):\n        if dist.get_rank() == 0:\n            print("x")\n    train(args)\n',
}


@pytest.mark.parametrize("body", LATE.values(), ids=LATE)
def test_a_branch_that_is_late_or_another_one_is_not(body: str) -> None:
    main = MAIN.replace("    train(args)\n", body)
    change_set, _ = plan({"train.py": HEAD + "\n\ndef local_rank():\n    return 0\n" + OPTIONS + main})
    assert '    if os.environ.get("RANK", "0") == "0":' in added(change_set)


def test_constants_of_a_flat_script_go_into_its_own_branch() -> None:
    source = (
        "import os\nimport torch\nfrom torch.distributed import init_process_group\nlearning_rate = 0.1\n"
        "ddp = int(os.environ.get('RANK', -1)) != -1\n"
        "if ddp:\n    init_process_group('nccl')\n    master_process = int(os.environ['RANK']) == 0\n"
        "else:\n    master_process = True\n"
        "if master_process:\n    os.makedirs('out', exist_ok=True)\n"
        "model = torch.nn.Linear(1, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)\n"
        "for _ in range(3):\n    model(torch.ones(1)).sum().backward()\n    optimizer.step()\n"
    )
    change_set, _ = plan({"train.py": source})
    assert added(change_set) == ["import mlflow", '    mlflow.log_params({"learning_rate": learning_rate})']
    lines = (change_set.files[0].after or b"").decode().splitlines()
    assert lines[lines.index("if master_process:") + 1] == '    mlflow.log_params({"learning_rate": learning_rate})'


def test_where_only_the_library_knows_the_person_is_told_the_call() -> None:
    source = "import jax\nfrom sklearn.svm import SVC\nC = 1.5\njax.distributed.initialize()\nSVC(C=C).fit([[0], [1]], [0, 1])\n"
    with pytest.raises(CannotPlan, match=r"jax\.distributed\.initialize"):
        plan({"train.py": source})


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("rank == 0", True),
        ("args.rank == 0", True),
        ("dist.get_rank() == 0", True),
        ("global_rank in (-1, 0)", True),
        ("accelerator.is_main_process", True),
        ("trainer.is_global_zero", True),
        ("not self.rank", True),
        ("rank == 1", False),
        ("rank != 0", False),
        ("rank", False),
        ("local_rank == 0", False),
        ("is_local_main_process", False),
        ("rank == 0 and debug", False),
        ("rank == False", False),
        ("get_rank(group) == 0", False),
        ("brank == 0", False),
    ],
)
def test_conditions_for_the_first_process(test: str, expected: bool) -> None:
    tree = parse_source(f"if {test}:\n    pass\n")
    assert tree is not None
    statement = tree.body[0]
    assert isinstance(statement, ast.If)
    assert is_first_process(statement.test) is expected


def test_a_program_under_torchrun_records_one_run(tmp_path: Path) -> None:
    """Three processes that torch's own launcher starts, and the store that MLflow writes."""
    change_set, _ = plan({"train.py": HEAD + OPTIONS + MAIN})
    (tmp_path / "train.py").write_bytes(change_set.files[0].after or b"")
    python = foreign_python("training")
    packages = next((foreign_python("mlflow").parent.parent / "lib").glob("python*/site-packages"))
    environment = {
        **os.environ,
        # torch's own packages first; those of MLflow behind them.
        "PYTHONPATH": os.pathsep.join(
            [str(next((python.parent.parent / "lib").glob("python*/site-packages"))), str(packages)]
        ),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "OMP_NUM_THREADS": "1",
    }
    # By number: a bare system may not know `localhost`.
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1"]
    launcher = ["-m", "torch.distributed.run", "--nnodes", "1", *meeting, "--nproc-per-node", "3"]
    done = subprocess.run(
        [python, *launcher, "train.py", "--lr", "0.5"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    with ProjectFiles(tmp_path) as opened, Cache(None, str(tmp_path)) as cache:
        tree = walk_tree(opened, Limits(), NoProgress())
        stores = gather_tracking(opened, tree, Settings(), NoProgress(), cache).stores
    assert [run.parameters for store in stores for run in store.runs] == [("lr", "seed")]
