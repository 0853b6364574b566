"""Builds a small project with nothing to complain about: real Git, DVC, uv, MLflow, and servers of this machine for what a fix asks.

Every program in it is meant to be read by the audit only: nothing trains here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.dvc_repositories import run_dvc
from tests.foreign_environments import foreign_python
from tests.git_repositories import add_remote, commit_all, make_repository, run_git, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTHON = "3.11.9"
IMAGE, TAG = "team/python", f"{PYTHON}-slim-bookworm"
DIGEST = "sha256:" + "ab" * 32
# The variable with the address of a Git server of this machine.
GIT_SERVER = "CLEAN_PROJECT_GIT_SERVER"
# What the project uses; some of it only by the faults that are planted.
PACKAGES = {
    "gymnasium": "1.2.1",
    "mlflow": "3.4.0",
    "numpy": "2.3.4",
    "pandas": "2.3.3",
    "requests": "2.32.5",
    "scikit-learn": "1.7.2",
    "torch": "2.8.0",
    "transformers": "4.57.1",
}

# Here and on the index, and in no list.
OTHER_PACKAGES = {"rich": "14.1.0"}

README = """# Wheat from weed

Tells wheat from weed by a small network.

## Data

`data/raw.csv` is table 3 of <https://doi.org/10.5281/zenodo.1234567>, licence CC BY 4.0; `dvc pull` brings it.

## Reproduce

```sh
python -m venv .venv
.venv/bin/pip install --require-hashes -r requirements.txt
dvc pull
dvc repro
python train.py
```
"""

TRAIN = '''"""Trains the network."""

import argparse
import os
import random

import mlflow
import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

from network import make_network


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def get_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=3)
    return parser.parse_args()


def main():
    options = get_options()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.set_num_threads(2)
    set_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    frame = pd.read_csv("data/train.csv")
    train, test = train_test_split(frame, test_size=0.2, random_state=options.seed)
    rows = TensorDataset(torch.tensor(train[["length"]].values).float(), torch.tensor(train["kind"].values))
    loader = DataLoader(rows, batch_size=2, shuffle=True, generator=torch.Generator().manual_seed(options.seed))
    network = make_network().to(device)
    optimizer = torch.optim.SGD(network.parameters(), lr=options.lr)
    with mlflow.start_run():
        mlflow.log_params(vars(options))
        for _ in range(options.epochs):
            for values, kinds in loader:
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(network(values.to(device)), kinds.to(device))
                loss.backward()
                optimizer.step()
        mlflow.log_metric("loss", loss.item())
    torch.save(network.state_dict(), "network.pt")


if __name__ == "__main__":
    main()
'''

NETWORK = '''"""The network."""

import torch


def make_network():
    return torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
'''

PREPARE = '''"""Makes the training data from the raw table."""

import csv

with open("data/raw.csv", newline="") as source, open("data/train.csv", "w", newline="") as target:
    rows = list(csv.DictReader(source))
    writer = csv.DictWriter(target, ["length", "kind"])
    writer.writeheader()
    writer.writerows({"length": row["length"], "kind": int(row["kind"] == "weed")} for row in rows)
'''

RAW = "length,kind\n1.0,wheat\n2.5,weed\n1.2,wheat\n2.2,weed\n0.9,wheat\n2.8,weed\n1.1,wheat\n2.4,weed\n"

# Runs in MLflow's own environment: a run as `train.py` would record it, at the commit that is checked out.
RECORD = """
import subprocess, sys, mlflow
commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
mlflow.set_tracking_uri(sys.argv[1])
with mlflow.start_run(run_name="first", tags={"mlflow.source.git.commit": commit}):
    mlflow.log_params({"seed": 42, "lr": 0.1, "epochs": 3, "data_sha256": sys.argv[2]})
    mlflow.log_metric("loss", 0.25)
    mlflow.log_artifact("requirements.txt")
"""


def notebook(counts: tuple[int, int]) -> str:
    """A notebook with two cells that were run, with these numbers."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": count,
            "id": f"cell{number}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["8\n"]}],
            "source": [source],
        }
        for number, (count, source) in enumerate(zip(counts, ("rows = 8", "print(rows)"), strict=True))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1) + "\n"


def files_of(registry: str, lock: str) -> dict[str, str | bytes]:
    """What stands in Git at first."""
    return {
        "README.md": README,
        "train.py": TRAIN,
        "network.py": NETWORK,
        "prepare.py": PREPARE,
        "look.ipynb": notebook((1, 2)),
        ".python-version": f"{PYTHON}\n",
        "requirements.in": "".join(f"{name}=={version}\n" for name, version in PACKAGES.items()),
        "requirements.txt": lock,
        "python_env.yaml": f'python: "{PYTHON}"\ndependencies:\n  - -r requirements.txt\n',
        "MLproject": (
            "name: wheat\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n"
            '      seed: {type: int, default: 42}\n    command: "python train.py --seed {seed}"\n'
        ),
        "Dockerfile": (
            f"FROM {registry}/{IMAGE}:{TAG}@{DIGEST}\nCOPY requirements.txt .\n"
            "RUN pip install --require-hashes -r requirements.txt\nCOPY . .\n"
        ),
        "gpu-stack.json": json.dumps(
            {
                "recorded": "2026-01-01T12:00:00Z",
                "gpus": ["NVIDIA A100"],
                "gpu_driver": "580.65.06",
                "cuda_driver": "13.0",
                "cuda": "12.8",
                "cudnn": 91002,
                "torch": PACKAGES["torch"],
            },
            indent=2,
        )
        + "\n",
        ".gitignore": ".venv/\nmlruns/\n__pycache__/\n/network.pt\n",
        ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    }


def build_clean_project(root: Path, wheels: Path, index: str, registry: str) -> Path:
    """Build it at `root`, with its remotes, and the store of its data, beside it.

    `wheels` is an empty folder, which `index` serves as an index of packages; `registry` knows `IMAGE` by `TAG`.
    """
    for name, version in (PACKAGES | OTHER_PACKAGES).items():
        make_wheel(wheels, name, version)
    root.mkdir(parents=True)
    (root / "requirements.in").write_text("".join(f"{name}=={version}\n" for name, version in PACKAGES.items()))
    write_files(root, files_of(registry, compile_lock(root, index)))
    install(root / ".venv", PACKAGES | OTHER_PACKAGES)
    run_git(root, "init", "--quiet", "--initial-branch=main")
    write_files(root, {"data/raw.csv": RAW, "data/labels.csv": "kind\nwheat\nweed\n"})
    store = root.parent / f"{root.name}-store"
    python = str(Path(sys.executable).with_name("python"))
    stage = ["stage", "add", "--quiet", "--name", "prepare", "--deps", "prepare.py", "--deps", "data/raw.csv"]
    run_dvc(
        root,
        ["init", "--quiet"],
        ["remote", "add", "--quiet", "--default", "store", str(store)],
        ["add", "--quiet", "data/raw.csv", "data/labels.csv"],
        [*stage, "--outs", "data/train.csv", "python prepare.py"],
    )
    # Not `dvc repro`: its shell would have to find a Python.
    subprocess.run([python, "prepare.py"], cwd=root, check=True)
    run_dvc(root, ["commit", "--quiet", "--force"], ["push", "--quiet"])
    commit_all(root, "Tell wheat from weed")
    add_remote(root)
    run_git(root, "branch", "--set-upstream-to=origin/main")
    record_run(root)
    return root


def make_git_server_folder(folder: Path) -> Path:
    """A folder with the repository `helper.git`, as it is served over HTTP."""
    work = folder / "helper"
    make_repository(work, {"pyproject.toml": '[project]\nname = "helper"\nversion = "1"\n'})
    bare = folder / "served" / "helper.git"
    run_git(folder, "clone", "--quiet", "--bare", str(work), str(bare))
    run_git(bare, "update-server-info")
    return bare.parent


def record_run(root: Path) -> None:
    """A run in `mlruns/`, by the real MLflow, at the commit of now."""
    digest = hashlib.sha256((root / "data/train.csv").read_bytes()).hexdigest()
    environment = {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }
    done = subprocess.run(
        [foreign_python("mlflow"), "-c", RECORD, (root / "mlruns").as_uri(), digest],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr


def compile_lock(root: Path, index: str) -> str:
    """`requirements.in` with everything that it needs and hashes, by the real uv."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", "requirements.in", "--quiet", "--no-header", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-annotate", "--python-version", PYTHON, "--default-index", index]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel that holds nothing."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    parts = {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }

    def digest(content: str) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()

    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in parts.items())
    parts[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, content in parts.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)


def install(venv: Path, packages: Mapping[str, str]) -> None:
    """What is read of an environment: its settings, and what each package says of itself."""
    site = venv / "lib" / "python3.11" / "site-packages"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("/usr/bin/python3.11")
    (venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {PYTHON}\n")
    modules = {"scikit-learn": "sklearn"}
    for name, version in packages.items():
        folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
        module = modules.get(name, name.replace("-", "_"))
        write_files(
            folder,
            {
                "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                "top_level.txt": f"{module}\n",
                "RECORD": f"{module}/__init__.py,,\n{folder.name}/METADATA,,\n",
                "INSTALLER": "pip\n",
            },
        )


def copy_project(clean: Path, target: Path) -> Path:
    """A copy of the project and its remotes; the store of its data, where nothing is written, is shared."""
    for beside in ("", "-origin.git"):
        source = clean.with_name(clean.name + beside)
        shutil.copytree(source, target.with_name(target.name + beside), symlinks=True)
    run_git(target, "remote", "set-url", "origin", str(target.with_name(f"{target.name}-origin.git")))
    return target
