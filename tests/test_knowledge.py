import tomllib

import pytest

from repro_gui.facts.known_randomness import Condition, Role, WithoutSeed
from repro_gui.knowledge import load_knowledge
from repro_gui.resource_files import read_resource_bytes


def test_loading_is_cached_and_hashed() -> None:
    first = load_knowledge()
    assert load_knowledge() is first
    assert len(first.hash) == 16
    assert int(first.hash, 16)


def test_every_fact_names_its_source() -> None:
    randomness = load_knowledge().randomness
    for kind in (
        "generators",
        "seed_calls",
        "random_calls",
        "flags",
        "flag_calls",
        "moving_sources",
        "unordered_calls",
        "parallel_calls",
    ):
        for entry in getattr(randomness, kind):
            assert entry.source.strip(), entry
            assert entry.source.startswith(("measured: ", "read: ", "documented: ")), entry


def test_no_name_is_listed_twice_in_one_table() -> None:
    parsed = tomllib.loads(read_resource_bytes("knowledge/randomness.toml").decode())
    for kind in ("seed_calls", "random_calls", "moving_sources", "unordered_calls"):
        names = [name for entry in parsed[kind] for name in entry["names"].split()]
        assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


def test_names_are_canonical_themselves() -> None:
    randomness = load_knowledge().randomness
    names = [name for call in randomness.random_calls for name in call.names]
    names += [name for call in randomness.seed_calls for name in call.names]
    names += [name for call in randomness.unordered_calls for name in call.names]
    names += [name for call in randomness.parallel_calls for name in call.names]
    assert names
    for name in names:
        assert randomness.canonical(name) == name


def test_every_generator_that_is_drawn_from_can_be_seeded() -> None:
    randomness = load_knowledge().randomness
    known = {generator.id for generator in randomness.generators}
    for call in randomness.random_calls:
        assert call.generator in known | {""}, call
        assert bool(call.generator) == (call.without_seed is WithoutSeed.GLOBAL), call
    seeded = {generator for call in randomness.seed_calls for generator in call.seeds}
    assert seeded == known
    for generator in randomness.generators:
        seeding = randomness.seed_call(generator.seed_call)
        assert seeding is not None
        assert generator.id in seeding.seeds


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("pytorch_lightning.seed_everything", "lightning.seed_everything"),
        ("lightning.pytorch.seed_everything", "lightning.seed_everything"),
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.compat.v1.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.compat.v1.random_normal", "tensorflow.random_normal"),
        ("tensorflow.data.Options().experimental_deterministic", "tensorflow.data.Options.deterministic"),
        ("tensorflow.data.Dataset.range().batch().shuffle", "tensorflow.data.Dataset.shuffle"),
        ("tensorflow.compat.v2.keras.layers.Dense", "keras.layers.Dense"),
        ("torch.nn.modules.linear.Linear", "torch.nn.Linear"),
        ("torch.utils.data.dataloader.DataLoader", "torch.utils.data.DataLoader"),
        ("pandas.read_csv().sample", "pandas.DataFrame.sample"),
        ("pandas.read_csv().drop().sample", "pandas.DataFrame.sample"),
        ("numpy.random.default_rng().shuffle", "numpy.random.Generator.shuffle"),
        ("torch.distributions.Normal().sample", "torch.distributions.Normal.sample"),
        ("pathlib.Path().resolve().glob", "pathlib.Path.glob"),
        ("torch.nn.Linear()", "torch.nn.Linear.__call__"),
        ("numpy.randomised", "numpy.randomised"),
        ("kerastuner.layers", "kerastuner.layers"),
    ],
)
def test_other_spellings(written: str, canonical: str) -> None:
    assert load_knowledge().randomness.canonical(written) == canonical


def test_patterns_stand_for_one_part() -> None:
    randomness = load_knowledge().randomness
    assert randomness.random_call("scipy.stats.norm.rvs") is not None
    assert randomness.random_call("scipy.stats.rvs") is None
    assert randomness.random_call("scipy.stats.norm.pdf") is None


def test_same_name_of_two_libraries_versions() -> None:
    randomness = load_knowledge().randomness
    of_v1 = randomness.random_call(randomness.canonical("torchvision.transforms.RandomChoice"))
    of_v2 = randomness.random_call(randomness.canonical("torchvision.transforms.v2.RandomChoice"))
    assert of_v1 is not None
    assert of_v2 is not None
    assert (of_v1.generator, of_v2.generator) == ("python", "torch")


def test_conditions() -> None:
    shuffle = Condition("shuffle", "True", except_=("False",))
    assert shuffle.decide(shuffle.default_value) is True
    assert shuffle.decide(False) is False
    solver = Condition("solver", "'auto'", among=("'sag'",), maybe=("'auto'",))
    assert solver.decide("sag") is True
    assert solver.decide("svd") is False
    assert solver.decide("auto") is None


def test_flags_that_bring_an_order_are_known() -> None:
    randomness = load_knowledge().randomness
    flags = {call.steadied_by for call in randomness.unordered_calls} | {
        call.steadied_by for call in randomness.parallel_calls
    }
    assert all(randomness.flag(flag) is not None for flag in flags - {""}), flags


def test_split_calls() -> None:
    randomness = load_knowledge().randomness
    splits = {name for call in randomness.random_calls if call.role is Role.SPLIT for name in call.names}
    assert {"sklearn.model_selection.train_test_split", "torch.utils.data.random_split"} <= splits


def test_checklists() -> None:
    knowledge = load_knowledge()
    completeness = knowledge.checklist("pwc-code-completeness")
    assert [item.id for item in completeness.items] == ["PWC-1", "PWC-2", "PWC-3", "PWC-4", "PWC-5"]
    assert {checklist.id for checklist in knowledge.checklists} >= {
        "neurips-paper-checklist",
        "acm-badges-1.1",
        "reforms",
    }
    with pytest.raises(KeyError):
        knowledge.checklist("nothing")
