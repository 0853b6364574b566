"""Settings that a program reads from its configuration, and edits of one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import read_config
from repro_gui.facts.default_values import Known, Settled
from repro_gui.facts.program import Program
from repro_gui.facts.setting_edits import set_setting
from repro_gui.facts.ways import Way
from tests.projects_in_memory import facts_of

YAML = b"seed: 3\ntrain:\n  seed: null\n  lr: 0.1\nsame: ${seed}\ndeep: ${same}\nother: ${oc.env:X}\nround: ${round}\n"
OPEN = "import yaml\nwith open('conf/run.yaml') as f:\n    cfg = yaml.safe_load(f)\n"
LOAD = "from omegaconf import OmegaConf\ncfg = OmegaConf.load('conf/run.yaml')\n"
HYDRA = "import hydra\n@hydra.main(config_path='conf', config_name='run')\ndef main(cfg):\n    {}\nmain()"


def value_in(code: str) -> Settled:
    """The value of the argument of the only call of `look`."""
    files = {"train.py": (code + "\nmodel.fit(1)\n").encode(), "conf/run.yaml": YAML, "params.yaml": b"seed: 9\n"}
    program = facts_of(files, ["train.py"]).program
    assert isinstance(program, Program)
    way = Way(program, program.result_entry_points[0])
    [site] = [site for site in way.calls if site.call.written == "look"]
    return way.values.value(way.values.scope(site), site.call.positional[0])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (OPEN + "look(cfg['seed'])", 3),
        (OPEN + "look(cfg['train']['seed'])", None),
        (OPEN + "look(cfg['train'].get('lr'))", 0.1),
        (OPEN + "look(cfg.get('seed'))", 3),
        (OPEN + "train = cfg['train']\nlook(train['lr'])", 0.1),
        (OPEN + "def g(c):\n    look(c['seed'])\ng(cfg)", 3),
        (
            OPEN
            + "class T:\n    def __init__(self, c):\n        self.c = c\n    def go(self):\n        look(self.c['seed'])\nT(cfg).go()",
            3,
        ),
        ("import yaml\ncfg = yaml.safe_load(open('conf/run.yaml'))\nlook(cfg['seed'])", 3),
        ("import yaml\nPATH = 'conf/run.yaml'\ncfg = yaml.safe_load(open(PATH))\nlook(cfg['seed'])", 3),
        (LOAD + "look(cfg.seed)", 3),
        (LOAD + "look(cfg.train.lr)", 0.1),
        ("import dvc.api\np = dvc.api.params_show()\nlook(p['seed'])", 9),
        (HYDRA.format("look(cfg.seed)"), 3),
        (HYDRA.format("look(cfg.same)"), 3),
        (HYDRA.format("look(cfg.deep)"), 3),
        (HYDRA.format("look(cfg['train']['lr'])"), 0.1),
        (HYDRA.format("look(cfg.train.get('lr', 5))"), 0.1),
    ],
)
def test_a_setting_is_a_default(code: str, expected: object) -> None:
    assert value_in(code) == Known(expected, is_default=True)


@pytest.mark.parametrize(
    "code",
    [
        OPEN + "look(cfg['nothing'])",
        OPEN + "look(cfg[name])",
        OPEN + "look(cfg['train'])",
        "import yaml\ncfg = yaml.safe_load(open(name))\nlook(cfg['seed'])",
        "import yaml\ncfg = yaml.safe_load(open('gone.yaml'))\nlook(cfg['seed'])",
        HYDRA.format("look(cfg.other)"),
        HYDRA.format("look(cfg.round)"),
        "cfg = cfg['a']\nlook(cfg['seed'])",
    ],
)
def test_what_is_not_seen_is_not_known(code: str) -> None:
    assert not isinstance(value_in(code), Known)


@pytest.mark.parametrize(
    ("path", "content", "key", "expected"),
    [
        ("a.yaml", "seed: null", "seed", "seed: 42"),
        ("a.yaml", "# top\r\nseed:  ~  # none\r\n", "seed", "# top\r\nseed:  42  # none\r\n"),
        ("a.yaml", "seed:\nlr: 1\n", "seed", "seed: 42\nlr: 1\n"),
        ("a.yaml", "train: {seed: null, lr: 1}\n", "train.seed", "train: {seed: 42, lr: 1}\n"),
        ("a.yaml", "runs:\n- seed: null\n- seed: 1\n", "runs.0.seed", "runs:\n- seed: 42\n- seed: 1\n"),
        ("a.yaml", "é: 'ü'\nseed: null\n", "seed", "é: 'ü'\nseed: 42\n"),
        ("a.json", '{\n\t"seed": null, "b": [1]\n}', "seed", '{\n\t"seed": 42, "b": [1]\n}'),
    ],
)
def test_only_the_setting_changes(path: str, content: str, key: str, expected: str) -> None:
    assert set_setting(content.encode(), path, key, "42") == expected.encode()


@pytest.mark.parametrize(
    ("path", "content", "key"),
    [
        ("a.yaml", "seed: 1\n", "other"),
        ("a.yaml", "a: &a {seed: null}\nb:\n  <<: *a\n", "b.seed"),
        ("a.yaml", "a: &s null\nseed: *s\n", "seed"),
        ("a.yaml", "a: &a {seed: null}\nb:\n  <<: *a\n", "a.seed"),
        ("a.toml", "seed = 1\n", "seed"),
        ("a.yaml", "seed: [\n", "seed"),
    ],
)
def test_what_cannot_be_changed_alone_is_left(path: str, content: str, key: str) -> None:
    with pytest.raises(CannotPlan):
        set_setting(content.encode(), path, key, "42")


_NAMES = st.sampled_from(["seed", "lr", "a b", "x.y", "ünï"])
_VALUES = st.sampled_from(
    ["null", "", "~", "1", "'quoted # text'", "[1, 2]", "{k: null}", "|\n    text", "&n null", "# only a note"]
)


@given(
    st.lists(st.tuples(_NAMES, _VALUES), min_size=1, max_size=5, unique_by=lambda one: one[0]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_setting_of_any_file(pairs: list[tuple[str, str]], newline: str) -> None:
    content = "".join(f"{name}: {value}{newline}" for name, value in pairs).encode()
    before = read_config("a.yaml", content)
    for setting in before.settings:
        try:
            after = set_setting(content, "a.yaml", setting.key, "42")
        except CannotPlan:
            continue
        now = read_config("a.yaml", after)
        assert now.get(setting.key).value == 42  # type: ignore[union-attr]
        assert [one for one in now.settings if one.key != setting.key] == [
            one for one in before.settings if one.key != setting.key
        ]
