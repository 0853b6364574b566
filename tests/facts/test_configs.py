"""Configuration files: values with their lines, and files that are none or hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.configs import Configs, config_kind, read_config


def flat(path: str, content: str) -> dict[str, tuple[object, int]]:
    file = read_config(path, content.encode())
    assert file.not_read is None, str(file.not_read)
    return {setting.key: (setting.value, setting.line) for setting in file.settings}


def test_yaml() -> None:
    found = flat(
        "conf/train.yaml",
        """\
# settings
optimizer:
  lr: 1e-3
  betas: [0.9, 0.999]
  name: "1"
seed: null
flag: on
hex: 0x10
big: 1_000
text: 12 monkeys
_target_: torch.optim.Adam
list:
- a: ~
- b: .inf
""",
    )
    assert found == {
        "optimizer.lr": (0.001, 3), "optimizer.betas.0": (0.9, 4), "optimizer.betas.1": (0.999, 4), "optimizer.name": ("1", 5),
        "seed": (None, 6), "flag": (True, 7), "hex": (16, 8), "big": (1000, 9), "text": ("12 monkeys", 10),
        "_target_": ("torch.optim.Adam", 11), "list.0.a": (None, 13), "list.1.b": (float("inf"), 14),
    }  # fmt: skip


def test_json() -> None:
    found = flat(
        "config.json",
        '{\n "seed": 1,\n "model": {"seed": "seed:", "n\\u00e9": [1,\n {"seed": true}]},\n "last": null}\n',
    )
    assert found == {
        "seed": (1, 2), "model.seed": ("seed:", 3), "model.né.0": (1, 3), "model.né.1.seed": (True, 4), "last": (None, 5),
    }  # fmt: skip


def test_toml() -> None:
    found = flat("a.toml", "seed = 1\n[model]\nlr = 0.1\nwhen = 2020-01-01\n[[runs]]\nseed = 2\n[[runs]]\nseed = 3\n")
    assert found == {
        "seed": (1, 1), "model.lr": (0.1, 3), "model.when": ("2020-01-01", 4), "runs.0.seed": (2, 6), "runs.1.seed": (3, 8),
    }  # fmt: skip


def test_ini() -> None:
    found = flat("a.cfg", "top = 1\n[train]\n# seed = 5\nlr: 0.1 ; fast\nseed = 3\nname = a b\nempty =\n")
    assert found == {
        "top": (1, 1),
        "train.lr": (0.1, 4),
        "train.seed": (3, 5),
        "train.name": ("a b", 6),
        "train.empty": ("", 7),
    }


def test_the_name_of_a_setting_and_its_place() -> None:
    file = read_config("a.yaml", b"model:\n  seeds: [1, 2]\n")
    setting = file.get("model.seeds.1")
    assert setting is not None
    assert setting.name == "seeds"
    assert str(file.location(setting)) == "a.yaml:2"
    assert file.get("nothing") is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("params.yaml", "yaml"), ("conf/model/base.yml", "yaml"), ("configs/x.JSON", "json"), ("exp.toml", "toml"), ("a.ini", "ini"),
        ("pyproject.toml", ""), ("package-lock.json", ""), ("environment-gpu.yml", ""), (".github/workflows/ci.yml", ""), ("dvc.yaml", ""),
        ("docker-compose.yml", ""), ("conda-lock.yml", ""), (".pre-commit-config.yaml", ""), ("a.py", ""), ("yaml", ""), ("docs/conf.yaml", ""),
    ],
)  # fmt: skip
def test_which_files_hold_settings(path: str, kind: str) -> None:
    assert config_kind(path) == kind


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
)


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("a.json", b'{"a":', "JSON"),
        ("a.json", b'{"a":' * 20_000, "deep"),
        ("a.yaml", b"a: [" * 20_000, "deep"),
        ("a.yaml", b"a: [1\nb: 2", "YAML"),
        ("a.toml", b"a = ", "TOML"),
        ("a.yaml", b"\x89PNG\0\0\0\x01\x02\x03", "binary"),
        ("a.yaml", b"".join(b"k%d: 1\n" % i for i in range(6000)), "data"),
        ("a.yaml", b"#" * 600_000, "larger"),
    ],
)
def test_what_cannot_be_read_says_why(path: str, content: bytes, reason: str) -> None:
    file = read_config(path, content)
    assert file.not_read is not None
    assert reason in str(file.not_read)
    assert file.settings == ()


def test_alias_bombs_are_not_expanded() -> None:
    assert len(read_config("a.yaml", BOMB.encode()).settings) < 500


def test_tags_are_never_made_into_objects() -> None:
    found = flat("a.yaml", "x: !!python/object/apply:os.system ['touch /tmp/mark']\ny: !env VAR\n")
    assert found["y"] == ("VAR", 2)


def test_documents_without_a_mapping_and_other_encodings() -> None:
    assert read_config("a.yaml", b"- 1\n- 2\n").settings == ()
    assert read_config("a.json", b"[1]").settings == ()
    assert read_config("a.yaml", b"").not_read is None
    assert read_config("a.yaml", "seed: 1".encode("utf-16")).settings[0].value == 1


def test_facts_after_a_change() -> None:
    configs = Configs().after({"b.yaml": b"a: 1", "a.json": b"{}", "x.py": b""})
    assert list(configs.by_path) == ["a.json", "b.yaml"]
    assert list(configs.after({"a.json": None}).by_path) == ["b.yaml"]


@given(st.binary(max_size=200), st.sampled_from(["a.yaml", "a.json", "a.toml", "a.ini"]))
def test_arbitrary_bytes_never_raise(content: bytes, path: str) -> None:
    read_config(path, content)


@given(
    st.text(alphabet=st.sampled_from("a:1 []{}-\n\"'#&*!=.e,"), max_size=80),
    st.sampled_from(["a.yaml", "a.json", "a.toml", "a.ini"]),
)
def test_arbitrary_text_never_raises(content: str, path: str) -> None:
    read_config(path, content.encode())
