"""A project of about 3,000 Python files, the same on every machine: layers, loops, data code, tests, a few odd files."""

from __future__ import annotations

import random
from pathlib import Path

PACKAGES = 60
MODULES = 50

_HEAD = '''\
"""Module {module} of package {package}."""

from __future__ import annotations

import argparse
import json
import logging
import random

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from torch import nn

from {before} import *
from {other} as other

logger = logging.getLogger(__name__)
'''

_FUNCTION = '''
def {name}(inputs, labels=None, *, rate: float = {rate}, steps: int = {steps}, seed: int | None = None, **options):
    """{title} for one batch, and the statistics of it.

    The inputs are scaled by the rate; nothing is kept between calls.
    """
    rng = np.random.default_rng(seed)
    if labels is None:
        labels = [0 for _ in range(len(inputs))]
    total, history = 0.0, []
    for step, (row, label) in enumerate(zip(inputs, labels)):
        if step >= steps or row is None:
            logger.info("stopped at %d of %d", step, steps)
            break
        noise = rng.normal(0.0, rate, size=row.shape) if options.get("noise", True) else 0.0
        value = {callee}(row + noise, label, rate=rate * 0.5) if step % {modulus} == 0 else float(row[0]) * rate
        total += value ** 2 - label * rate / (step + 1)
        history.append({{"step": step, "value": value, "label": label, "name": f"{name}-{{step:03d}}"}})
    with open(options.get("path", "{name}.json"), "w", encoding="utf-8") as file:
        json.dump({{"total": total, "history": history}}, file)
    return total / max(len(history), 1), history
'''

_CLASS = '''
class {name}(nn.Module):
    """{title} as a layer."""

    size: int = {steps}
    names = ("{name}", "hidden", "output")

    def __init__(self, width: int, depth: int = {modulus}, dropout: float = {rate}) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.activation = nn.GELU() if depth > 2 else nn.ReLU()
        nn.init.xavier_uniform_(self.layers[0].weight, gain=1.0)

    def forward(self, x, mask=None):
        for index, layer in enumerate(self.layers):
            residual = x
            x = self.activation(layer(self.norm(x)))
            if mask is not None and index not in {{0, 1}}:
                x = x.masked_fill(~mask[:, :, None], float("-inf"))
            x = residual + self.dropout(x) * {rate}
        return x[:, -1], {{"mean": x.mean().item(), "shape": tuple(x.shape)}}

    @property
    def parameters_in_total(self) -> int:
        return sum(p.numel() for p in self.parameters() if p.requires_grad)
'''

_MAIN = """
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rate", type=float, default={rate})
    arguments = parser.parse_args()
    if arguments.seed is not None:
        random.seed(arguments.seed)
        np.random.seed(arguments.seed)
        torch.manual_seed(arguments.seed)
    features = np.random.rand(100, {steps})
    train, test = train_test_split(features, test_size=0.2)
    model = RandomForestClassifier(n_estimators={modulus})
    model.fit(train[:, :-1], train[:, -1] > 0.5)
    print(model.score(test[:, :-1], test[:, -1] > 0.5), {callee}(train))


if __name__ == "__main__":
    main()
"""


def write_tree(root: Path, *, is_all_reached: bool = False) -> int:
    """Write the project; returns how many Python files it has.

    The programs of it reach a sixth of the modules, or nearly all.
    """
    rng = random.Random(20_250_101)
    count = 0
    for package in range(PACKAGES):
        folder = root / f"package_{package:02d}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(f'"""Package {package}."""\n\nfrom .module_00 import *\n')
        count += 1
        for module in range(MODULES):
            (folder / f"module_{module:02d}.py").write_text(
                _module(rng, package, module, is_all_reached=is_all_reached)
            )
            count += 1
    return count


def _module(rng: random.Random, package: int, module: int, *, is_all_reached: bool) -> str:
    before = f"package_{package:02d}.module_{max(module - 1, 0):02d}"
    # Packages come in pairs that know each other; some pairs have programs, so that these reach a part of the whole.
    known = rng.randrange(PACKAGES) if is_all_reached else package ^ rng.randrange(2)
    other = f"package_{known:02d} import module_{rng.randrange(MODULES):02d}"
    parts = [_HEAD.format(package=package, module=module, before=before, other=other)]
    names: list[str] = []
    for number in range(rng.randint(2, 6)):
        name = f"compute_{module:02d}_{number}"
        values = {"rate": round(rng.random(), 4), "steps": rng.randint(2, 500), "modulus": rng.randint(2, 9)}
        callee = names[-1] if names else f"other.compute_{module:02d}_0"
        parts.append(_FUNCTION.format(name=name, title=f"Computation {number}", callee=callee, **values))
        if rng.random() < 0.6:
            parts.append(_CLASS.format(name=f"Layer{module:02d}{number}", title=f"Computation {number}", **values))
        names.append(name)
    if package % 12 == 0 and module % 10 == 9:
        parts.append(_MAIN.format(rate=0.1, steps=10, modulus=50, callee=names[0]))
    return "\n".join(parts)
