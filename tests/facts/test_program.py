"""The program model: entry points, reach, names; on small projects that exist only as values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import msgspec
import pytest

from repro_gui.facts.events import Constant
from repro_gui.facts.program import EntryPoint, Program, trace_program
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.steps import CallSite
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge


def trace(files: Mapping[str, str | bytes], *chosen: str) -> Program:
    content = {
        path: text if isinstance(text, bytes) else textwrap.dedent(text).encode() for path, text in files.items()
    }
    snapshot = msgspec.structs.replace(snapshot_of_files("p", content), settings=Settings(entry_points=chosen))
    program = trace_program(snapshot, load_knowledge())
    assert isinstance(program, Program)
    return program


def named(program: Program, *, everything: bool = False) -> list[str]:
    sites = (one for one in program.all_steps() if isinstance(one, CallSite)) if everything else program.calls()
    return [site.name or f"?.{site.target.method}" for site in sites]


TRAIN = "model.fit(X)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nrnd = np.random\nrnd.seed(0)\n", "numpy.random.seed"),
        ("from numpy import random as r\nr.seed(0)\n", "numpy.random.seed"),
        ("import numpy.random\nnumpy.random.seed(0)\n", "numpy.random.seed"),
        ("import numpy.random as nr\nseed = nr.seed\nseed(0)\n", "numpy.random.seed"),
        ("from numpy.random import *\nseed(0)\n", "numpy.random.seed"),
        ("import torch\ntorch.backends.cudnn.flags()\n", "torch.backends.cudnn.flags"),
        ("import random\nr = random.Random()\nr.shuffle(x)\n", "random.Random().shuffle"),
        ("try:\n    import jax\nexcept ImportError:\n    jax = None\njax.grad(f)\n", "jax.grad"),
        ("import numpy as np\nrng = None\nrng = rng or np.random.default_rng()\n", "numpy.random.default_rng"),
        ("import mlflow\nwith mlflow.start_run() as run:\n    run.log(1)\n", "mlflow.start_run().log"),
        ("from sklearn.svm import SVC as S\nS().fit(1)\n", "sklearn.svm.SVC().fit"),
        ("(lambda: print(1))()\n", "builtins.print"),
        ("import numpy as np\nx = [np.random.rand() for np in y]\n", "?.rand"),
        ("import torch.nn as nn\nclass N(nn.Module):\n    def f(self): return super().forward(1)\nN()\n", "torch.nn.Module().forward"),
        ("def f(print): print(1)\nf(2)\n", "?."),
        ("import numpy as np\ndef f():\n    np = 3\n    np.random.seed(0)\nf()\n", "?.seed"),
        ("import numpy as np\ndef f():\n    np.random.seed(0)\nclass A:\n    np = 3\n    f()\n", "numpy.random.seed"),
        ("def f():\n    global np\n    import numpy as np\ndef g(): np.random.seed(0)\nf(); g()\n", "numpy.random.seed"),
        ("import numpy as np\ndef f(rng: np.random.Generator): rng.shuffle(x)\nf(1)\n", "numpy.random.Generator().shuffle"),
        ("import numpy as np\ndef f(rng: 'np.random.Generator | None' = None): rng.shuffle(x)\nf(1)\n", "numpy.random.Generator().shuffle"),
        ("from typing import Optional as O\nimport gym\ndef f(e: O[gym.Env]): e.reset()\nf(1)\n", "?.reset"),
        ("from typing import Optional\nimport gym\ndef f(e: Optional[gym.Env]): e.reset()\nf(1)\n", "gym.Env().reset"),
        ("import gymnasium as gym\ndef make(): return gym.make('x')\nenv = make()\nenv.reset()\n", "gymnasium.make().reset"),
    ],
)  # fmt: skip
def test_names_mean_what_python_means(source: str, expected: str) -> None:
    assert expected in named(trace({"train.py": source + TRAIN}, "train.py"))


def test_attributes_of_self_and_partials_are_followed() -> None:
    program = trace(
        {
            "train.py": """
            from functools import partial
            import numpy as np
            from sklearn.ensemble import RandomForestClassifier
            class Base:
                def __init__(self): self.rng = np.random.default_rng()
            class Trainer(Base):
                def __init__(self, model):
                    super().__init__()
                    self.model = RandomForestClassifier()
                def run(self):
                    self.rng.shuffle([1])
                    self.model.fit(1)
                    self.step()
                def step(self): return self.make()(1)
                make = partial(np.random.rand, 3)
            Trainer(None).run()
            make = partial(RandomForestClassifier, random_state=0)
            make()
            """
        }
    )
    names = named(program)
    assert "numpy.random.default_rng().shuffle" in names
    assert "sklearn.ensemble.RandomForestClassifier().fit" in names
    assert "train.Trainer.step" in names
    made = next(site for site in program.calls() if site.target.partial is not None)
    assert made.name in {"sklearn.ensemble.RandomForestClassifier", "numpy.random.rand"}


def test_seed_wrappers_re_exports_and_star_imports_lead_to_the_function() -> None:
    program = trace(
        {
            "train.py": "from pkg import set_seed, seed_all\nfrom pkg.tools import *\nset_seed(1)\nseed_all(2)\nhelp_me()\n"
            + TRAIN,
            "pkg/__init__.py": "from .seeding import set_seed\nfrom .seeding import set_seed as seed_all\n",
            "pkg/seeding.py": "import random\ndef set_seed(s): random.seed(s)\n",
            "pkg/tools.py": "from .deep import *\n",
            "pkg/deep.py": "def help_me(): pass\n",
        }
    )
    names = named(program)
    assert names.count("pkg.seeding.set_seed") == 2
    assert "pkg.deep.help_me" in names
    assert "random.seed" in names
    assert program.order == ("pkg/seeding.py", "pkg/__init__.py", "pkg/deep.py", "pkg/tools.py", "train.py")
    (caller, _) = program.callers_of("pkg/seeding.py", "set_seed")
    assert str(caller.location) == "train.py:3"


def test_functions_that_nobody_names_are_not_reached() -> None:
    program = trace(
        {
            "train.py": """
            import random
            from lightning import LightningModule
            def set_seed(): random.seed(0)
            def main(): model.fit(1)
            class Net(LightningModule):
                def training_step(self, batch): random.random()
            class Plain:
                def used(self): random.choice(1)
                def unused(self): random.shuffle(1)
            @app.command()
            def command(): random.gauss()
            @staticmethod
            def static(): random.uniform()
            if __name__ == "__main__":
                main(); Net(); things[0].used(); Plain
            """
        }
    )
    names = named(program)
    assert "random.seed" not in names
    assert "random.random" in names
    assert "random.choice" in names
    assert "random.shuffle" not in names
    assert "random.gauss" in names
    assert "random.uniform" not in names
    assert "random.seed" in named(program, everything=True)
    assert "set_seed" not in program.reached_functions("train.py")


def test_computed_names_reach_everything_they_may_mean() -> None:
    program = trace(
        {
            "train.py": "import models\nmodel = getattr(models, name)()\nmodel.fit(1)\n",
            "models.py": "import random\ndef small(): random.random()\nclass Big:\n    def fit(self, x): random.gauss()\n",
        }
    )
    assert {"random.random", "random.gauss"} <= set(named(program))


def test_circular_imports_end() -> None:
    program = trace({"a.py": "import b\n" + TRAIN, "b.py": "import a\nfrom a import x\nfrom b import x\nx = x\nx()\n"})
    assert set(program.order) <= {"a.py", "b.py"}
    list(program.all_steps())


CALLERS_OF_URLRETRIEVE = [
    "from urllib.request import urlretrieve\nurlretrieve(u)\n",
    "import urllib.request as r\ndef get():\n    r.urlretrieve(u)\n",
    "from urllib.request import urlretrieve as fetch\nclass A:\n    def get(self):\n        fetch(u)\n",
    "import urllib.request\nfetch = load = urllib.request.urlretrieve\nload(u)\n",
    "import urllib.request\nfetch: object = urllib.request.urlretrieve\nfetch(u)\n",
    "from functools import partial\nfrom urllib.request import urlretrieve\nfetch = partial(urlretrieve, u)\nfetch()\n",
    "import urllib.request\nclass A:\n    def __init__(s):\n        s.f = urllib.request.urlretrieve\n    def get(s):\n        s.f(u)\n",
    "import urllib.request\ndef getter():\n    return urllib.request.urlretrieve\ngetter()(u)\n",
    "from net import load\nload(u)\n",
    "import net\nnet.load(u)\n",
    "from net import *\nload(u)\n",
    "from net import load as bring\nbring(u)\n",
]


@pytest.mark.parametrize("caller", CALLERS_OF_URLRETRIEVE)
def test_calls_are_found_by_their_last_name_under_whatever_name_they_stand(caller: str) -> None:
    files = {
        "caller.py": caller,
        "net.py": "from urllib.request import urlretrieve as fetch\nload = fetch\n",
        "other.py": "import json\nreader = json.loads\nprint(reader('1'))\n",
    }
    program = trace(files)
    found = [site for site in program.all_calls({"urlretrieve"}) if site.name == "urllib.request.urlretrieve"]
    assert [site.module.path for site in found] == ["caller.py"]
    assert not [site for site in program.all_calls({"urlretrieve"}) if site.module.path == "other.py"]
    assert not list(program.all_calls({"urlretrieve"}, within=["other.py"]))


LAYOUTS: list[tuple[dict[str, str], str]] = [
    ({"train.py": "import utils.seed", "utils/seed.py": "", "utils/__init__.py": ""}, "utils/seed.py"),
    ({"train.py": "import utils.seed", "utils/seed.py": ""}, "utils/seed.py"),
    ({"train.py": "from utils import seed", "utils/seed.py": ""}, "utils/seed.py"),
    ({"train.py": "import pkg.seed", "src/pkg/__init__.py": "", "src/pkg/seed.py": ""}, "src/pkg/seed.py"),
    ({"scripts/train.py": "import seed", "scripts/seed.py": ""}, "scripts/seed.py"),
    ({"scripts/train.py": "from lib.seed import x", "lib/seed.py": ""}, "lib/seed.py"),
    (
        {"scripts/train.py": "import sys\nsys.path.append('../tools')\nimport seed", "tools/seed.py": ""},
        "tools/seed.py",
    ),
    ({"pkg/__init__.py": "", "pkg/train.py": "from .seed import x", "pkg/seed.py": ""}, "pkg/seed.py"),
    ({"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/train.py": "from ..seed import x", "pkg/seed.py": ""}, "pkg/seed.py"),
    ({"pkg/__init__.py": "", "pkg/train.py": "import seed", "pkg/seed.py": ""}, "pkg/seed.py"),
    ({"packages/one/src/deep/__init__.py": "", "packages/one/src/deep/seed.py": "", "run/train.py": "import deep.seed"}, "packages/one/src/deep/seed.py"),
    ({"train.ipynb": '{"cells": [{"cell_type": "code", "source": "%run seed.py"}]}', "seed.py": ""}, "seed.py"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), LAYOUTS)
def test_layouts_of_projects(files: dict[str, str], expected: str) -> None:
    program = trace(files)
    start = next(path for path in files if "train" in path)
    assert expected in program.reached_from(start)
    assert program.missing_imports == ()


def test_outside_names_win_over_folders_without_modules() -> None:
    program = trace(
        {"train.py": "from datasets import load_dataset\nimport wandb\n", "datasets/raw/x.csv": "", "logs/wandb.py": ""}
    )
    assert set(program.third_party_imports) == {"datasets", "wandb"}


def test_third_party_and_missing_imports() -> None:
    program = trace(
        {
            "train.py": """
            import os, numpy as np, torch.nn
            from __future__ import annotations
            from pkg.gone import x
            from pkg import made, also_made, gone_too
            from .nowhere import y
            try:
                import tqdm
            except ImportError:
                tqdm = None
            import pkg.lazy
            model.fit(1)
            """,
            "pkg/__init__.py": "made = 1\nfrom .sub import also_made\n",
            "pkg/sub.py": "also_made = 1\n",
            "lazy/__init__.py": "def __getattr__(name): pass\n",
            "other.py": "import lazy.anything\n",
        }
    )
    assert set(program.third_party_imports) == {"numpy", "torch", "tqdm"}
    assert [place.is_optional for place in program.third_party_imports["tqdm"]] == [True]
    assert [place.is_reached for place in program.third_party_imports["numpy"]] == [True]
    assert [place.module for place in program.missing_imports] == ["pkg.gone", ".nowhere", "pkg.lazy"]


def entry(program: Program, path: str) -> EntryPoint:
    return next(one for one in program.entry_points if one.path == path)


def test_entry_points_of_every_origin() -> None:
    notebook = '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "clf.fit(X)"}]}'
    program = trace(
        {
            "guarded.py": 'def main(): trainer.fit(1)\nif __name__ == "__main__": main()\n',
            "flat.py": "from sklearn.model_selection import train_test_split\ntrain_test_split(X)\n",
            "notebooks/explore.ipynb": notebook,
            "pkg/__init__.py": "",
            "pkg/cli.py": "def main(): loss.backward()\n",
            "tools/evaluate.py": "from sklearn.metrics import f1_score\ndef run(): f1_score(a, b)\nrun()\n",
            "imported.py": "register(1)\n",
            "uses.py": "import imported\n",
            "tests/test_it.py": "import guarded\nguarded.main()\nmodel.fit(1)\n",
            "setup.py": "from setuptools import setup\nsetup()\n",
            "plot_results.py": "df.to_csv('x')\nplt.show()\n",
            "hello.py": "print('hello')\n",
            "pyproject.toml": '[project.scripts]\ntrain = "pkg.cli:main"\n',
            "README.md": "Run `python guarded.py --seed 3` and\n```bash\ncd tools\npython evaluate.py\n```\n",
        }
    )
    results = {(one.path, one.symbol) for one in program.result_entry_points}
    assert results == {
        ("guarded.py", ""), ("flat.py", ""), ("notebooks/explore.ipynb", ""), ("pkg/cli.py", "main"), ("tools/evaluate.py", ""),
    }  # fmt: skip
    assert {one.path: one.role for one in program.entry_points if not one.makes_results} == {
        "tests/test_it.py": "tests", "setup.py": "setup", "plot_results.py": "plots", "hello.py": "no-effect",
    }  # fmt: skip
    guarded = entry(program, "guarded.py")
    assert guarded.arguments == ("--seed", "3")
    assert str(guarded.location) == "README.md:1"
    assert "README.md" in str(guarded.how)
    assert str(guarded.because) == "It trains: trainer.fit."
    assert str(guarded.because_location) == "guarded.py:1"
    assert str(entry(program, "pkg/cli.py").how) == "pyproject.toml installs it as the command train."


def test_a_module_that_tries_out_its_own_model_makes_no_results() -> None:
    program = trace(
        {
            "src/net.py": """
            from lightning import LightningModule
            from torchmetrics import MeanMetric
            class Net(LightningModule):
                def __init__(self): self.loss = MeanMetric()
                def training_step(self, batch): loss.backward()
            if __name__ == "__main__": Net()
            """,
            "src/train.py": "from src.net import Net\nfrom lightning import Trainer\ndef main(): Trainer().fit(Net())\n"
            'if __name__ == "__main__": main()\n',
            "setup.py": "setup(entry_points={'console_scripts': ['go = src.train:main']})\n",
        }
    )
    assert [(one.path, one.symbol) for one in program.result_entry_points] == [("src/train.py", "main")]
    assert entry(program, "src/net.py").role == "no-effect"
    assert "Net.training_step" in program.reached_functions("src/net.py")


def test_the_person_chooses() -> None:
    files: dict[str, str | bytes] = {
        "a.py": "model.fit(1)\n",
        "b.py": "def go(): print(1)\nprint(2)\n",
        "pyproject.toml": '[project.scripts]\ngo = "b:go"\n',
    }
    program = trace(files, "b.py::go")
    assert [(one.path, one.symbol, one.is_chosen) for one in program.result_entry_points] == [("b.py", "go", True)]
    assert entry(program, "a.py").role == "not-chosen"
    assert [(one.path, one.symbol) for one in trace(files, "go").result_entry_points] == [("b.py", "go")]
    assert [one.path for one in trace(files, "b.py").result_entry_points] == ["b.py"]
    gone = trace(files, "c.py")
    assert gone.result_entry_points == ()
    assert "c.py" in str(gone.why_none)
    assert trace(files, "b.py::nothing").why_none is not None
    partly = trace(files, "a.py", "c.py")
    assert partly.why_none is None
    assert "c.py" in str(partly.gaps[0])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no Python source"),
        ({"lib.py": "def f(): pass\n"}, "No script"),
        ({"a.py": "print(1)\n"}, "neither trains, evaluates nor writes results"),
    ],
)
def test_without_result_entry_points_the_reason_is_told(files: dict[str, str | bytes], reason: str) -> None:
    program = trace(files)
    assert program.result_entry_points == ()
    assert reason in str(program.why_none)


def test_missing_sources_are_the_reason_and_missing_notebooks_a_gap() -> None:
    snapshot = snapshot_of_files("p", {"a.py": b"model.fit(1)"})
    why = Unavailable(snapshot_of_files("p", {}).settings and trace({}).why_none)  # type: ignore[arg-type]
    assert trace_program(msgspec.structs.replace(snapshot, sources=why), load_knowledge()) is why
    program = trace_program(msgspec.structs.replace(snapshot, notebooks=why, launchers=why), load_knowledge())
    assert isinstance(program, Program)
    assert len(program.gaps) == 2


def test_ways_through_unread_modules_are_named() -> None:
    program = trace(
        {"train.py": "import old\nmodel.fit(1)\n", "old.py": "import numpy as np\nnp.random.seed(0)\nprint 'x'\n"}
    )
    assert [module.path for module in program.unread] == ["old.py"]
    assert "numpy.random.seed" in named(program)


def test_constants_are_followed_where_that_is_certain() -> None:
    program = trace(
        {
            "config.py": "SEED = 7\nclass CFG:\n    seed = 8\nTWICE = 1\nTWICE = 2\n",
            "train.py": """
            import config
            from config import SEED, CFG
            OWN = 5
            class T:
                def __init__(self, given): self.seed = SEED; self.given = given
                def run(self): use(OWN, SEED, config.SEED, CFG.seed, self.seed, self.given, config.TWICE, 9)
            T(1).run()
            model.fit(1)
            """,
        }
    )
    site = next(site for site in program.calls() if site.call.written == "use")
    values = [program.constant(site.module, site.symbol, value) for value in site.call.positional]
    known = [value.value if isinstance(value, Constant) else None for value in values]
    assert known == [5, 7, 7, 8, 7, None, None, 9]


def test_assignments_name_what_they_change() -> None:
    program = trace(
        {
            "train.py": """
            import torch
            from torch.backends import cudnn
            cudnn.benchmark = True
            if x: torch.backends.cudnn.deterministic = False
            torch.cuda.deterministic = True
            import os
            os.environ["PYTHONHASHSEED"] = "0"
            model.fit(1)
            """
        }
    )
    found = {site.name: site.is_conditional for site in program.assignments() if site.name}
    assert found == {
        "torch.backends.cudnn.benchmark": False,
        "torch.backends.cudnn.deterministic": True,
        "torch.cuda.deterministic": False,
    }


def test_conditions_and_loops_round_a_call_are_told() -> None:
    program = trace(
        {
            "train.py": "a.fit()\nif x: b()\nfor i in c(): d()\ny and e()\n[f() for i in g()]\ntry: h()\nexcept E: pass\nwith i(): j()\n"
        }
    )
    found = {site.call.written: (site.is_conditional, site.is_in_loop) for site in program.calls()}
    assert found == {
        "a.fit": (False, False), "b": (True, False), "c": (False, False), "d": (True, True), "e": (True, False), "f": (True, True),
        "g": (False, False), "h": (True, False), "i": (False, False), "j": (False, False),
    }  # fmt: skip


def test_notebook_cells_run_in_order_and_share_their_names() -> None:
    notebook = (
        '{"nbformat": 4, "metadata": {}, "cells": ['
        '{"cell_type": "code", "source": "import numpy as np\\n%matplotlib inline"},'
        '{"cell_type": "markdown", "source": "x"},'
        '{"cell_type": "code", "source": ["np.random.seed(0)\\n", "model.fit(1)"]}]}'
    )
    program = trace({"a.ipynb": notebook})
    sites = list(program.calls())
    assert [site.name or site.target.method for site in sites] == ["numpy.random.seed", "fit"]
    assert (sites[0].location.cell, sites[0].location.line) == (2, 1)


def test_a_generated_project_of_many_functions_is_bounded() -> None:
    source = "import random\n" + "".join(
        f"def f{i}(x=f{i - 1 if i else 0}): return f{(i * 7) % 2000}()\n" for i in range(2000)
    )
    program = trace({"train.py": source + "f0()\nmodel.fit(1)\n"})
    assert len(list(program.calls())) == 2002


def test_endless_aliases_end() -> None:
    program = trace(
        {
            "train.py": "a = b\nb = a\na.fit()\nclass A(B): pass\nclass B(A): pass\nA().fit()\nx = x.y\nx.fit()\ndef f(): return f()\nf().fit()\n"
        }
    )
    assert len(list(program.calls())) == 7


@pytest.mark.parametrize(
    ("paths", "how"),
    [
        (["pkg/train.py"], "README.md says how to run it."),
        (["pkg/train.py", "old/train.py"], 'It has an `if __name__ == "__main__"`.'),
        (["train.py", "old/train.py"], "README.md says how to run it."),
    ],
)
def test_a_readme_means_the_only_script_of_that_name(paths: list[str], how: str) -> None:
    source = 'if __name__ == "__main__":\n    model.fit(1)\n'
    program = trace({"README.md": "`python train.py --lr 1`\n", **dict.fromkeys(paths, source)})
    (entry,) = (entry for entry in program.entry_points if entry.path == paths[0])
    assert str(entry.how) == how


def test_a_program_beyond_the_limit_of_nodes_is_followed_so_far_and_no_further() -> None:
    files = {
        "train.py": b"import far\nimport near\nnear.f()\nfar.g()\n" + TRAIN.encode(),
        "near.py": b"import random\ndef f():\n    random.random()\n",
        "far.py": b"import numpy as np\ndef g():\n" + b"    np.random.rand(1 + 2 + 3)\n" * 500,
    }

    def followed(limit: int) -> tuple[set[str], list[str]]:
        settings = Settings(limits=Limits(program_nodes=limit))
        snapshot = msgspec.structs.replace(snapshot_of_files("p", files), settings=settings)
        program = trace_program(snapshot, load_knowledge())
        assert isinstance(program, Program)
        return set(named(program)), [module.path for module in program.unread]

    whole, unread = followed(100_000)
    assert {"random.random", "numpy.random.rand"} <= whole
    assert unread == []
    part, unread = followed(1_000)
    assert "random.random" in part
    assert "numpy.random.rand" not in part
    # What is left out is a doubt of every way through it.
    assert unread == ["far.py"]
    assert followed(1_000) == (part, unread)


@pytest.mark.parametrize(
    ("source", "role"),
    [
        # Programs that evaluate, or train a small model, are often named so.
        ("test_loader = load()\ntorch.save(evaluate(test_loader), 'x.pt')\n", "results"),
        ("def test_model(path):\n    torch.save(path, 'x.pt')\ntest_model('a')\n", "results"),
        ("def test():\n    torch.save(1, 'x.pt')\ntest()\n", "results"),
        ("from data import TestSet\ntorch.save(TestSet(), 'x.pt')\n", "results"),
        ("def test_model():\n    torch.save(1, 'x.pt')\n    assert x\n", "tests"),
        ("import pytest\ntorch.save(1, 'x.pt')\n", "tests"),
        ("from absl.testing import absltest\ntorch.save(1, 'x.pt')\n", "tests"),
        ("class TestModel:\n    def test_it(self):\n        torch.save(1, 'x.pt')\n", "tests"),
        ("class ModelTest(tf.test.TestCase):\n    def it(self):\n        torch.save(1, 'x.pt')\n", "tests"),
    ],
)
@pytest.mark.parametrize("name", ["test_net.py", "src/music_test.py"])
def test_a_name_alone_makes_no_test(name: str, source: str, role: str) -> None:
    main = "if __name__ == '__main__':\n    pass\n"
    program = trace({name: f"import torch\nimport tensorflow as tf\n{source}{main}"})
    assert [one.role for one in program.entry_points] == [role]
