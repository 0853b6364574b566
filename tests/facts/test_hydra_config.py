"""What Hydra puts together: classes that only a configuration names, and values that only it gives."""

from __future__ import annotations

import pytest

from repro_gui.facts.ways import Happens, way_of
from tests.facts.test_program import named, trace

TRAIN = """
import hydra
import torch

def run(cfg):
    if cfg.get("seed"):
        torch.manual_seed(cfg.seed)
    net = hydra.utils.instantiate(cfg.net)
    net.fit(1)

@hydra.main(config_path="../conf", config_name="train")
def main(cfg):
    run(cfg)

if __name__ == "__main__":
    main()
"""
NET = """
import torch
from src import parts
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
    def forward(self, x):
        return parts.noise(x)
class Other(torch.nn.Module):
    def __init__(self):
        self.layer = torch.nn.Conv2d(1, 1, 1)
"""
PARTS = "import torch\ndef noise(x): return torch.randn_like(x)\n"
PRIMARY = "defaults:\n  - _self_\n  - net: small\nseed: {seed}\n"


def files(seed: str = "null") -> dict[str, str]:
    return {
        "src/train.py": TRAIN,
        "src/net.py": NET,
        "src/parts.py": PARTS,
        "src/__init__.py": "",
        "conf/train.yaml": PRIMARY.format(seed=seed),
        "conf/net/small.yaml": "_target_: src.net.Net\nwidth: 3\n",
        "conf/net/large.yaml": "_target_: src.net.Other\n",
    }


def test_classes_that_a_configuration_names_by_default_are_reached() -> None:
    program = trace(files(), "src/train.py")
    calls = named(program)
    assert {"torch.nn.Linear", "torch.randn_like"} <= set(calls)
    assert "torch.nn.Conv2d" not in calls
    # What is imported only through it runs too, each module after those it imports.
    assert program.order.index("src/parts.py") < program.order.index("src/net.py")


def test_nothing_is_made_where_nothing_asks_hydra() -> None:
    changed = files() | {"src/train.py": TRAIN.replace("hydra.utils.instantiate(cfg.net)", "cfg.net")}
    assert "torch.nn.Linear" not in named(trace(changed, "src/train.py"))


@pytest.mark.parametrize(
    "broken", ["_target_: nowhere.Net\n", "_target_: src.net\n", "_target_: src.net.Gone\n", "_target_: ''\n"]
)
def test_names_that_lead_nowhere_are_left_out(broken: str) -> None:
    program = trace(files() | {"conf/net/small.yaml": broken}, "src/train.py")
    assert "torch.nn.Linear" not in named(program)


@pytest.mark.parametrize(
    ("seed", "condition", "expected"),
    [
        ("null", 'cfg.get("seed")', Happens.NO),
        ("42", 'cfg.get("seed")', Happens.YES),
        ("42", "cfg.seed is not None", Happens.YES),
        ("null", "cfg.seed is not None", Happens.NO),
        ("${oc.env:SEED}", 'cfg.get("seed")', Happens.UNKNOWN),
        ("null", "cfg.net.width > 2", Happens.YES),
        ("null", "cfg.net.depth", Happens.UNKNOWN),
        ("null", 'cfg.get("gone")', Happens.UNKNOWN),
        ("null", 'cfg["gone"]', Happens.UNKNOWN),
    ],
)
def test_values_of_the_configuration_decide_what_happens(seed: str, condition: str, expected: Happens) -> None:
    changed = files(seed) | {"src/train.py": TRAIN.replace('cfg.get("seed")', condition)}
    program = trace(changed, "src/train.py")
    way = way_of(program, program.result_entry_points[0])
    (site,) = (site for site in way.calls if site.name == "torch.manual_seed")
    assert way.happens(site) is expected


def test_a_configuration_that_is_not_there() -> None:
    without = {path: content for path, content in files("1").items() if path != "conf/train.yaml"}
    program = trace(without, "src/train.py")
    way = way_of(program, program.result_entry_points[0])
    (site,) = (site for site in way.calls if site.name == "torch.manual_seed")
    assert way.happens(site) is Happens.UNKNOWN


BY_NAME = """
import importlib, sys, yaml
def make(config):
    module, name = config["target"].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)()
if __name__ == "__main__":
    make(yaml.safe_load(open(sys.argv[1]))).fit(1)
"""


def test_classes_made_by_the_names_in_any_configuration_are_reached() -> None:
    changed = files() | {
        "src/train.py": BY_NAME,
        "conf/train.yaml": "model:\n  target: src.net.Net\n  params: {note: not.a.class}\n",
    }
    calls = named(trace(changed, "src/train.py"))
    assert {"torch.nn.Linear", "torch.randn_like"} <= set(calls)
    fixed = BY_NAME.replace("importlib.import_module(module)", "importlib.import_module('src.parts')")
    assert "torch.nn.Linear" not in named(trace(changed | {"src/train.py": fixed}, "src/train.py"))
