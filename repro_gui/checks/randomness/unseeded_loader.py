"""A data loader shuffles, or starts workers that draw, from a generator that nothing seeds.

This is asked of PyTorch's `DataLoader` and samplers, of `tf.data` (`shuffle`, `list_files` and others), and of Keras' loaders of
folders and images.

A shuffling `DataLoader` takes its order from PyTorch's global generator, and so does the state with which each of its workers starts:
in a worker `random`, NumPy and PyTorch are seeded anew from it, whatever was called in the main process.

## Why it matters
Other batches in every run are other gradients and another model. With workers it is easily missed: `random.seed(0)` in the main
process does not reach a dataset that draws in a worker. Before PyTorch 1.9 workers did not seed NumPy at all, and all of them drew
the same numbers.

## How to fix it
Seed PyTorch, or give the loader a generator of its own:

```python
loader = DataLoader(dataset, shuffle=True, generator=torch.Generator().manual_seed(42))
```

```python
dataset = dataset.shuffle(10_000, seed=42)  # TensorFlow: an operation's own seed is enough
```

`ImageDataGenerator.flow` and `image_dataset_from_directory` draw from NumPy: `tf.random.set_seed` does not reach them.

A generator of its own also keeps the order the same when the model before it draws more or fewer numbers. With PyTorch before 1.9
add a `worker_init_fn` that seeds NumPy. The fix does either, as needed.

## When to leave it
When the loader only feeds something whose order cannot matter.

## References
- PyTorch documentation, notes on reproducibility: DataLoader
- PyTorch documentation, `torch.utils.data`: randomness in multi-process data loading
- TensorFlow documentation, `tf.random.set_seed` and `tf.data.Dataset.shuffle`
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from packaging.version import Version

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.environment import Environment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import RandomCall, Role
from repro_gui.facts.known_versions import known_version
from repro_gui.facts.loader_workers import Loader, WorkerDraws, draws_in_workers, loaders
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, SeedKind, Source, draws_at, random_uses
from repro_gui.facts.seed_arguments import place_of_own_seed, plan_own_seed, plan_worker_seed
from repro_gui.facts.seed_causes import cause_of_loader, loader_told_by
from repro_gui.facts.seeding import LibrarySeeding, SeedState, library_seeding
from repro_gui.facts.steps import CallSite
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_ROLES = frozenset({Role.LOADER, Role.SAMPLER})
_NUMPY_IN_WORKERS = Version("1.9")


def find(program: Program, knowledge: Knowledge, environment: Environment | Unavailable) -> Iterator[Observation]:
    """One finding for each loader or sampler whose numbers nothing seeds; seeded ones are evidence."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    seen = False
    for use in random_uses(program, knowledge):
        for draw in use.draws:
            location = draw.site.location
            if draw.what.role in _ROLES and draw.happens is not Happens.NO and location not in told:
                seen = True
                found = _judge(program, knowledge, use, draw)
                if not isinstance(found, Evidence):
                    # Seeded on the way of one program, it may be seeded by nothing on that of another.
                    told.add(location)
                yield found
        for loader in loaders(use, knowledge):
            if loader.workers == 0:
                continue
            for observation in _judge_workers(program, knowledge, use, loader, environment):
                # One finding per loader: with a generator its workers are seeded too.
                is_copied = isinstance(observation, Finding) and observation.cause.startswith("copied:")
                if loader.site.location not in told or is_copied:
                    seen = True
                    if not isinstance(observation, Evidence):
                        told.add(loader.site.location)
                    yield observation
    if not seen:
        yield NotApplicable(text("No loader on the way of the programs shuffles or draws in workers."))


def _judge(program: Program, knowledge: Knowledge, use: RandomUse, draw: Draw) -> Observation:
    location = draw.site.location
    values: dict[str, str | int | float | bool | None] = {"call": draw.name, "entry": use.entry.path}
    if draw.source is Source.OWN_SEED:
        return Evidence(text("{call} has numbers of its own.", call=draw.name), location, values)
    if draw.source is not Source.GLOBAL:
        return Evidence(text("{call} starts from a fixed seed when it gets none.", call=draw.name), location, values)
    state = library_seeding(program, knowledge, use, knowledge.randomness.generator(draw.what.generator))
    settled = _steady_or_told(state, draw.name, location, values)
    if settled is not None:
        return settled
    if not draw.is_certain:
        return CannotTell(text("Whether {call} shuffles depends on its arguments.", call=draw.name), location)
    if state.state is SeedState.UNKNOWN and state.reason is not None and any(one.is_certain for one in state.draws):
        return CannotTell(state.reason, location)
    return _finding(
        use,
        draw.site.location,
        (draw.site.module.path, draw.site.symbol),
        Finding(
            text(
                "{call} shuffles without a generator, and nothing seeds {library}."
                if draw.what.seed_is_generator
                else "{call} shuffles without a seed, and nothing seeds {library}.",
                call=draw.name,
                library=state.generator.title,
            ),
            location,
            symbol=draw.site.symbol,
            expression=draw.name,
            cause=cause_of_loader(draw.site, draw.name),
            values={**values, "argument": draw.what.seed_parameter},
            told_by=loader_told_by(program, knowledge, state),
        ),
    )


def _steady_or_told(
    state: LibrarySeeding, call: str, location: Location, values: dict[str, str | int | float | bool | None]
) -> Evidence | None:
    """Evidence where the global generator is seeded, or where optional-seed and moving-seed tell what is wrong with its seed."""
    title = state.generator.title
    if state.state is SeedState.SEEDED:
        seed = state.seedings[0].name
        return Evidence(
            text("{call} draws from {library}, which {seed} seeds.", call=call, library=title, seed=seed),
            location,
            values,
        )
    if state.state in {SeedState.OFF_BY_DEFAULT, SeedState.MOVING}:
        return Evidence(
            text("{call} draws from {library}, whose seed is not the same in every run.", call=call, library=title),
            location,
            values,
        )
    return None


def _judge_workers(
    program: Program, knowledge: Knowledge, use: RandomUse, loader: Loader, environment: Environment | Unavailable
) -> Iterator[Observation]:
    """What the dataset draws in worker processes: their numbers come from the loader's generator, in old versions from a copy."""
    drawn = draws_in_workers(use, loader, knowledge)
    if not drawn.draws:
        return
    location, name = loader.site.location, loader.name
    values: dict[str, str | int | float | bool | None] = {"call": name, "entry": use.entry.path}
    numpy = [draw for draw in drawn.draws if draw.generator == "numpy"]
    if numpy and not loader.has_worker_init and _copies_numpy(environment):
        yield from _copied(use, loader, drawn, numpy[0])
    if loader.has_generator or (loader.has_worker_init and not loader.hands_seed_on):
        yield Evidence(text("{call} seeds its workers.", call=name), location, values)
        return
    state = library_seeding(program, knowledge, use, knowledge.randomness.generator("torch"))
    settled: Observation | None = _steady_or_told(state, name, location, values)
    if settled is None and state.state is SeedState.NOT_DRAWN:
        # Starting workers is a draw of its own, which the state of the generator does not count.
        settled = _seeds_workers(use, name, location, values)
    if settled is not None:
        yield settled
        return
    first = drawn.draws[0]
    if state.state is SeedState.UNKNOWN and state.reason is not None:
        yield CannotTell(state.reason, location)
    elif loader.workers is None or not drawn.is_certain or not first.is_certain:
        yield CannotTell(
            text("Whether {call} draws in a worker depends on what is not known here.", call=first.name), location
        )
    else:
        yield _finding(
            use,
            first.site.location,
            (loader.site.module.path, loader.site.symbol),
            Finding(
                text(
                    "The workers of {call} draw from {library}, seeded by PyTorch's generator, which nothing seeds.",
                    call=name,
                    library=knowledge.randomness.generator(first.generator).title,
                ),
                location,
                symbol=loader.site.symbol,
                expression=name,
                cause=cause_of_loader(loader.site, name),
                values={**values, "argument": "generator"},
                told_by=loader_told_by(program, knowledge, state),
            ),
        )


def _seeds_workers(
    use: RandomUse, call: str, location: Location, values: dict[str, str | int | float | bool | None]
) -> Observation | None:
    """What is known of the seed from which workers start; None where nothing seeds it."""
    steady = [one for one in use.seedings_of("torch") if one.kind not in {SeedKind.MOVING, SeedKind.NOTHING}]
    if not steady or steady[0].happens is Happens.NO:
        return None
    if steady[0].happens is Happens.UNKNOWN:
        return CannotTell(text("Whether {call} runs is not known.", call=steady[0].name), location)
    return Evidence(
        text("The workers of {call} are seeded by {seed}.", call=call, seed=steady[0].name), location, values
    )


def _copied(use: RandomUse, loader: Loader, drawn: WorkerDraws, first: Draw) -> Iterator[Observation]:
    if loader.workers is None or not drawn.is_certain or not first.is_certain:
        yield CannotTell(
            text("Whether {call} draws in a worker depends on what is not known here.", call=first.name),
            loader.site.location,
        )
    elif loader.workers > 1:
        yield _finding(
            use,
            first.site.location,
            (loader.site.module.path, loader.site.symbol),
            Finding(
                text(
                    "All workers of {call} draw the same numbers: this version of PyTorch does not seed NumPy in them.",
                    call=loader.name,
                ),
                loader.site.location,
                symbol=loader.site.symbol,
                expression=f"{loader.name}: NumPy",
                cause=f"copied:{loader.site.module.path}:{loader.site.symbol}:{loader.name}",
                values={"call": loader.name, "entry": use.entry.path, "argument": "worker_init_fn"},
            ),
        )


def _finding(use: RandomUse, drawn: Location, unit: tuple[str, str], finding: Finding) -> Finding:
    chain = use.way.chain(*unit)
    places = (
        Place(text("drawn here"), drawn),
        *[Place(text("reached from here"), site.location) for site in reversed(chain)],
    )
    return msgspec.structs.replace(finding, places=places)


def _copies_numpy(environment: Environment | Unavailable) -> bool:
    """Whether the project's PyTorch is known to be older than 1.9."""
    version = known_version(environment, "torch")
    return version is not None and version < _NUMPY_IN_WORKERS


def _found_again(
    finding: Finding, program: Program, knowledge: Knowledge
) -> tuple[RandomUse, CallSite, str, RandomCall]:
    for use, draw in draws_at(program, knowledge, finding.location):
        if draw.what.role in _ROLES:
            return use, draw.site, draw.name, draw.what
    for use in random_uses(program, knowledge):
        for site in use.way.calls:
            name = knowledge.randomness.canonical(site.name) if site.name else ""
            what = knowledge.randomness.random_call(name) if name else None
            if site.location == finding.location and what is not None and what.role in _ROLES:
                return use, site, name, what
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not make that loader any more.", path=path), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file in which the generator is to be written."""
    use, site, _, what = _found_again(finding, program, knowledge)
    if finding.values["argument"] == "worker_init_fn":
        yield FileContent(site.module.path)
    else:
        yield FileContent(place_of_own_seed(program, use, knowledge, site, what).location.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Give the loader a seeded generator, or its workers a function that seeds NumPy."""
    use, site, name, what = _found_again(finding, program, knowledge)
    if finding.values["argument"] == "worker_init_fn":
        content = answers.file(site.module.path)
        change = FileChange(site.module.path, content, plan_worker_seed(site, content))
    else:
        change = plan_own_seed(program, use, knowledge, site, what, answers.file)
    return ChangeSet(
        text("Seed {call} in {path}", call=name.rpartition(".")[2], path=change.path),
        CHECK.id,
        (change,),
        effect=text("The order changes once and is then the same in every run."),
    )


CHECK = Check(
    id="unseeded-loader",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="Every data loader gets its numbers from a seed",
    failure_title="A data loader gets its numbers from nothing seeded",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Give the loader a seeded generator", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    told_by=("uncalled-seed", "unseeded-library"),
    examples=(
        Example(
            bad="""\
import torch
from torch.utils.data import DataLoader

loader = DataLoader(torch.load("rows.pt"), batch_size=8, shuffle=True)
torch.save([batch.mean() for batch in loader], "means.pt")
""",
            good="""\
import torch
from torch.utils.data import DataLoader

loader = DataLoader(torch.load("rows.pt"), batch_size=8, shuffle=True, generator=torch.Generator().manual_seed(42))
torch.save([batch.mean() for batch in loader], "means.pt")
""",
        ),
        Example(
            bad="""\
import random

import torch
from torch.utils.data import DataLoader, Dataset

random.seed(0)


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + random.random()


loader = DataLoader(Rows(), num_workers=2)
torch.save(list(loader), "rows.pt")
""",
            good="""\
import random

import torch
from torch.utils.data import DataLoader, Dataset

random.seed(0)


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + random.random()


loader = DataLoader(Rows(), num_workers=2, generator=torch.Generator().manual_seed(42))
torch.save(list(loader), "rows.pt")
""",
        ),
        Example(
            bad=Sketch(
                files={
                    "requirements.txt": "torch==1.8.1\n",
                    "train.py": """\
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

np.random.seed(0)
torch.manual_seed(0)


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + np.random.rand()


loader = DataLoader(Rows(), num_workers=2)
torch.save(list(loader), "rows.pt")
""",
                }
            ),
            good=Sketch(
                files={
                    "requirements.txt": "torch==1.8.1\n",
                    "train.py": """\
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def seed_worker(worker_id):
    # Each worker gets its own part of what torch drew for the loader.
    np.random.seed(torch.initial_seed() % 2**32)


np.random.seed(0)
torch.manual_seed(0)


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + np.random.rand()


loader = DataLoader(Rows(), num_workers=2, worker_init_fn=seed_worker)
torch.save(list(loader), "rows.pt")
""",
                }
            ),
        ),
        Example(
            bad="""\
import tensorflow as tf

rows = tf.data.Dataset.list_files("rows/*.npy").batch(8)
model = tf.keras.models.load_model("model.keras")
model.evaluate(rows)
""",
            good="""\
import tensorflow as tf

rows = tf.data.Dataset.list_files("rows/*.npy", seed=42).batch(8)
model = tf.keras.models.load_model("model.keras")
model.evaluate(rows)
""",
        ),
    ),
)
