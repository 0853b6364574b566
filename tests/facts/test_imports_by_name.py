"""What a program reaches by names: modules imported by a call, members of packages, registries of classes."""

from __future__ import annotations

import pytest

from repro_gui.facts.random_use import random_uses
from repro_gui.facts.ways import Happens
from repro_gui.knowledge import load_knowledge
from tests.facts.test_program import trace

NET = """
import numpy as np
class Net:
    def __init__(self):
        self.weight = np.random.rand(3)
"""
REGISTRY = """
TABLE = {}
def register(name):
    def wrap(cls):
        TABLE[name] = cls
        return cls
    return wrap
def build(name):
    return TABLE[name]()
"""
REGISTERED = "from registry import register\n" + NET.replace("class", '@register("net")\nclass')


def draws(**files: str) -> list[tuple[str, Happens]]:
    program = trace(
        {f"{name.replace('__', '/').replace('nets/init', 'nets/__init__')}.py": one for name, one in files.items()},
        "train.py",
    )
    (use,) = random_uses(program, load_knowledge())
    return [(draw.site.module.path, draw.happens) for draw in use.draws]


@pytest.mark.parametrize(
    "makes",
    [
        'import importlib\nmodel = importlib.import_module("nets.net").Net()\n',
        'from importlib import import_module\nnet = import_module(name="nets.net")\nmodel = net.Net()\n',
        "import nets.net\nmodel = nets.net.Net()\n",
    ],
)
def test_a_module_imported_by_a_call_is_followed(makes: str) -> None:
    assert draws(train=f"{makes}model.fit(1)\n", nets__net=NET) == [("nets/net.py", Happens.YES)]


def test_what_a_module_does_when_it_is_imported_by_a_call_happens() -> None:
    source = 'import importlib\nimportlib.import_module("helper")\nmodel.fit(1)\n'
    assert draws(train=source, helper="import random\nrandom.random()\n") == [("helper.py", Happens.YES)]


def test_a_module_beside_is_imported_by_a_relative_name() -> None:
    source = 'import importlib\nimportlib.import_module(".net", package=__package__).Net().fit(1)\n'
    files = {"pkg/__init__.py": "", "pkg/__main__.py": source, "pkg/net.py": NET}
    (use,) = random_uses(trace(files, "pkg/__main__.py"), load_knowledge())
    assert [draw.site.module.path for draw in use.draws] == ["pkg/net.py"]


@pytest.mark.parametrize(
    "name", ['f"nets.{args.net}"', '"nets." + args.net', '"nets.%s" % args.net', '"nets.{}".format(x)']
)
def test_any_module_of_a_package_may_be_imported_by_half_a_name(name: str) -> None:
    source = f"import importlib\nmodule = importlib.import_module({name})\nmodule.Net().fit(1)\n"
    found = draws(train=source, nets__init="", nets__net=NET, other__net=NET)
    assert found == [("nets/net.py", Happens.UNKNOWN)]


def test_a_module_is_loaded_by_its_file() -> None:
    source = """
import importlib.util
spec = importlib.util.spec_from_file_location("net", "nets/net.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.Net().fit(1)
"""
    assert draws(train=source, nets__net=NET) == [("nets/net.py", Happens.UNKNOWN)]


@pytest.mark.parametrize("package", ["from .net import Net\n", "from . import net\n", "from .net import *\n"])
def test_members_that_a_package_has_from_its_modules_are_reached_by_computed_names(package: str) -> None:
    source = "import nets\nmodel = getattr(nets, args.net)()\nmodel.fit(1)\n"
    found = draws(train=source, nets__init=package, nets__net=NET)
    assert [path for path, _ in found] == ["nets/net.py"]


def test_a_class_handed_to_a_registry_is_reached() -> None:
    source = 'import net\nfrom registry import build\nmodel = build("net")\nmodel.fit(1)\n'
    assert draws(train=source, net=REGISTERED, registry=REGISTRY) == [("net.py", Happens.YES)]


def test_a_class_that_is_only_wrapped_is_not_reached() -> None:
    source = f"import dataclasses\n{NET.replace('class', '@dataclasses.dataclass' + chr(10) + 'class')}\nmodel.fit(1)\n"
    assert draws(train=source) == []
