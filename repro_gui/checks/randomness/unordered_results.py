"""Results of parallel work are used in the order in which they happen to come.

`as_completed`, `imap_unordered` and their like hand over what is ready first. Which that is depends on the machine and its load.

So does `tf.data` where it is told that order does not matter (`deterministic=False`, `sloppy=True`, an option of the data set). And a
function that `Dataset.map` runs with `num_parallel_calls` draws its random numbers from one generator, in the order in which the
threads come: other elements get other numbers in each run, whatever was seeded.

## Why it matters
Rows that are appended as they come stand in another order in each run: a shuffle with the same seed gives other batches, a split by
position gives other parts, and a sum of floats has other last bits.

## How to fix it
Keep each result with its place, and bring them back in order before they are used:

```python
with ProcessPoolExecutor() as pool:
    rows = list(pool.map(read_row, paths))  # in the order of `paths`
```

With `as_completed`, go through the futures themselves, or store under a key (`rows[futures[future]] = future.result()`) and go
through the keys in a fixed order. With a pool use `imap` in place of `imap_unordered`. The work still runs in parallel; only a
result that is ready before an earlier one waits.

For `tf.data`:

```python
dataset = dataset.map(parse, num_parallel_calls=8)  # in order by default
tf.config.experimental.enable_op_determinism()  # random functions of a map one after the other; TensorFlow 2.8 and later
```

`tf.random.stateless_*` with a seed made of the element's number keeps the map parallel.

The fix goes through the futures in the order in which they were submitted, and through the results of pools and of joblib in
the order of their inputs, and sets `deterministic` back. `as_completed` with a time limit, of asyncio or of a set is shown only, and
so are random functions of a parallel map: `enable_op_determinism` is asked for by another check.

## When to leave it
When the results are stored by name, counted, or sorted where the audit does not see it.

## References
- Python documentation, `concurrent.futures.as_completed`
- Python documentation, `multiprocessing.pool.Pool.imap_unordered`
- joblib documentation, `Parallel`: `return_as="generator_unordered"`
- TensorFlow documentation, `tf.data.Dataset.map`, and `enable_op_determinism`: Determinism and tf.data
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

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
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.call_arguments import draws_when
from repro_gui.facts.data_pipelines import draws_in_threads, ordered_elements, unordered_elements
from repro_gui.facts.events import Comprehension, Constant, Mapping, Sequence, Value
from repro_gui.facts.flag_edits import replace_flag_value
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import UnorderedCall
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, random_uses
from repro_gui.facts.result_order import Order, order_of_results
from repro_gui.facts.source_edits import edited, replace_expression
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import AssignSite, CallSite, Unit
from repro_gui.facts.tensorflow_determinism import OP_DETERMINISM, is_on
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import Text, text

_ORDER_OF_PIPELINE = "tensorflow.data.Options.deterministic"


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each place on the way of a result entry point where the order of parallel results enters the run."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for name, found, site in use.way.told(_known_in, knowledge):
            is_unordered = draws_when(use.way, site, found)
            if is_unordered is False or site.location in told or use.way.happens(site) is Happens.NO:
                continue
            told.add(site.location)
            yield _judge(use, site, name, knowledge, is_certain=is_unordered is True)
        for observation in _judge_pipelines(use, knowledge):
            assert observation.location is not None
            if observation.location not in told:
                told.add(observation.location)
                yield observation
    uses = random_uses(program, knowledge)
    in_order = next((site for use in uses for site in _taken_in_order(use)), None)
    in_order = in_order or next((site for use in uses for site in ordered_elements(use, knowledge)), None)
    if in_order is not None:
        yield Evidence(text("Parallel results are taken in the order of their inputs."), in_order.location)
    elif not told:
        yield NotApplicable(text("Nothing on the way of the programs gives parallel results as they come."))


def _judge_pipelines(use: RandomUse, knowledge: Knowledge) -> Iterator[Evidence | CannotTell | Finding]:
    """What `tf.data` hands over as it comes, and what it draws in several threads."""
    for one in unordered_elements(use, knowledge):
        wording = text("{call} gives {what}.", call=one.name, what=one.what.gives)
        if one.is_steadied:
            yield _steadied(one.site, one.name, one.what.steadied_by)
        elif not one.is_certain:
            wording = text("Whether {call} keeps the order depends on its arguments.", call=one.name)
            yield CannotTell(wording, one.site.location)
        else:
            yield _pipeline_finding(use, one.site, wording, one.name)
    for setting in use.flags:
        if setting.flag == _ORDER_OF_PIPELINE and setting.value == "False" and setting.happens is not Happens.NO:
            if is_on(use, OP_DETERMINISM):
                yield _steadied(setting.site, setting.flag, OP_DETERMINISM)
            else:
                wording = text("{call} lets data sets give elements as they come.", call=setting.flag)
                yield _pipeline_finding(use, setting.site, wording, setting.flag)
    for drawn in draws_in_threads(use, knowledge):
        if drawn.is_steadied:
            yield _steadied(drawn.site, drawn.name, drawn.what.steadied_by)
        elif not drawn.is_certain:
            wording = text("Whether {call} runs in parallel depends on its arguments.", call=drawn.name)
            yield CannotTell(wording, drawn.site.location)
        else:
            wording = text(
                "The threads of {call} draw from one generator ({draw}): which element gets which numbers varies, seeded or not.",
                call=drawn.name,
                draw=drawn.draw.name,
            )
            found = _pipeline_finding(use, drawn.site, wording, f"{drawn.name}: {drawn.draw.name}")
            drawn_here = Place(text("drawn here: {call}", call=drawn.draw.name), drawn.draw.site.location)
            yield msgspec.structs.replace(found, places=(drawn_here, *found.places))


def _steadied(site: CallSite | AssignSite, name: str, flag: str) -> Evidence:
    return Evidence(text("{call} is brought in order by {flag}.", call=name, flag=flag), site.location)


def _pipeline_finding(use: RandomUse, site: CallSite | AssignSite, wording: Text, name: str) -> Finding:
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        wording,
        site.location,
        symbol=site.symbol,
        expression=name,
        places=(
            Place(text("comes out here: {call}", call=name), site.location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
        ),
        values={"call": name, "entry": use.entry.path, "pipeline": True},
    )


def _taken_in_order(use: RandomUse) -> Iterator[CallSite]:
    for site in use.way.calls_that(_keeps_order):
        if use.way.happens(site) is not Happens.NO:
            yield site


def _keeps_order(site: CallSite) -> bool:
    return site.target.method in {"imap", "submit", "starmap"}


def _known_in(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[str, UnorderedCall, CallSite]]:
    """The calls of a unit that may give results as they come, with their names and what is known of them."""
    for site in unit.calls:
        name = knowledge.randomness.canonical(site.name) if site.name else f".{site.target.method}"
        found = knowledge.randomness.unordered_call(name)
        if found is None and site.name:
            # A method of a pool whose type is known.
            found = knowledge.randomness.unordered_call(f".{name.rpartition('.')[2]}") if "()" in site.name else None
        if found is not None and found.kind == "results":
            yield name, found, site


def _judge(use: RandomUse, site: CallSite, name: str, knowledge: Knowledge, *, is_certain: bool) -> Observation:
    order = order_of_results(use.way, site, knowledge)
    if order is Order.LOST:
        return Evidence(text("{call} is used without regard to its order.", call=name.lstrip(".")), site.location)
    if order is Order.UNKNOWN or not is_certain:
        return CannotTell(
            text("Whether the order of {call} reaches a result is not seen.", call=name.lstrip(".")), site.location
        )
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("{call} gives results in the order in which they are ready.", call=name.lstrip(".")),
        site.location,
        symbol=site.symbol,
        expression=name,
        places=(
            Place(text("comes out here: {call}", call=name.lstrip(".")), site.location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
        ),
        values={"call": name, "entry": use.entry.path},
    )


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Take the results in the order of their inputs."""
    assert finding.location is not None
    path = finding.location.path
    if finding.values.get("pipeline"):
        content = answers.file(path)
        after = _pipeline_in_order(finding, program, knowledge, content)
        return ChangeSet(
            text("Keep the order of the data in {path}", path=path),
            CHECK.id,
            (FileChange(path, content, after),),
            effect=text("The order changes once and is then the same in every run; reading may become slower."),
        )
    for use in random_uses(program, knowledge):
        for _, found, site in use.way.told(_known_in, knowledge):
            if site.location == finding.location and draws_when(use.way, site, found):
                content = answers.file(path)
                source = SourceText(content, path, finding.location.cell)
                after = edited(source, _in_order(use, site, str(finding.values["call"]), source))
                return ChangeSet(
                    text("Take parallel results in order in {path}", path=path),
                    CHECK.id,
                    (FileChange(path, content, after),),
                    effect=text("The order changes once and is then the same in every run."),
                )
    raise CannotPlan(
        text("{path} does not take results as they come any more.", path=path), text("Audit the project again.")
    )


def _pipeline_in_order(finding: Finding, program: Program, knowledge: Knowledge, content: bytes) -> bytes:
    assert finding.location is not None
    name = str(finding.values["call"])
    if name == _ORDER_OF_PIPELINE:
        return replace_flag_value(program, knowledge, finding.location, "True", content)
    source = SourceText(content, finding.location.path, finding.location.cell)
    for use in random_uses(program, knowledge):
        for one in unordered_elements(use, knowledge):
            if one.site.location != finding.location or one.name != name:
                continue
            for switch, kept in (("deterministic", "True"), ("sloppy", "False")):
                given = one.site.call.keyword(switch)
                if given is not None and isinstance(given.value, Constant):
                    return edited(source, replace_expression(source, one.site.module.location(given.value), kept))
    if name.startswith("tensorflow_datasets."):
        raise CannotPlan(
            text("{call} reads its files in order only with a seed.", call=name),
            text("Give it read_config=tfds.ReadConfig(shuffle_seed=42)."),
        )
    raise CannotPlan(
        text("What order the threads of a map draw in cannot be set there."),
        text(
            "Switch on {flag} and seed TensorFlow, or draw by tf.random.stateless_* from a seed of each element.",
            flag=OP_DETERMINISM,
        ),
    )


def _in_order(use: RandomUse, site: CallSite, name: str, source: SourceText) -> list[Splice]:
    call = site.call
    if name.endswith(".imap_unordered"):
        start, end = source.segment(site.module.location(call.target))
        if source.text[start:end].endswith("imap_unordered"):
            return [Splice(end - len("_unordered"), end, "")]
    given = call.keyword("return_as")
    if name == "joblib.Parallel" and given is not None and isinstance(given.value, Constant):
        return replace_expression(source, site.module.location(given.value), '"generator"')
    if name == "concurrent.futures.as_completed" and len(call.positional) == 1 and not call.keywords:
        written = _futures(use, site, call.positional[0], source)
        if written:
            return replace_expression(source, site.location, written)
    raise CannotPlan(
        text("What {call} is called with has no order of its own, or a time limit.", call=name.lstrip(".")),
        text("Keep each result with its place, and bring them back in order before they are used."),
    )


def _futures(use: RandomUse, site: CallSite, given: Value, source: SourceText) -> str:
    """The futures themselves as they are written, in the order of their making; empty where they have none."""
    _, futures = use.way.values.origin(use.way.values.scope(site), given)
    start, end = source.segment(site.module.location(given))
    written = source.text[start:end]
    if isinstance(futures, Mapping) or (isinstance(futures, Sequence) and futures.kind != "set"):
        return written
    if isinstance(futures, Comprehension) and futures.kind in {"list", "dict"}:
        return written
    if isinstance(futures, Comprehension) and futures.kind == "generator":
        # All of the work starts before the first result is waited for.
        return f"list{written}" if written.startswith("(") else f"list({written})"
    return ""


CHECK = Check(
    id="unordered-results",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="Parallel results are used in a fixed order",
    failure_title="Parallel results are used in the order in which they come",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Bring the results back into order", plan_fix, Safety.CHANGES_RESULTS),
    examples=(
        Example(
            bad="""\
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

rows = []
with ProcessPoolExecutor() as pool:
    futures = [pool.submit(np.load, f"{number}.npy") for number in range(8)]
    for future in as_completed(futures):
        rows.append(future.result())
np.save("rows.npy", np.stack(rows))
""",
            good="""\
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

rows = []
with ProcessPoolExecutor() as pool:
    futures = [pool.submit(np.load, f"{number}.npy") for number in range(8)]
    for future in futures:
        rows.append(future.result())
np.save("rows.npy", np.stack(rows))
""",
        ),
        Example(
            bad="""\
from multiprocessing import Pool

import numpy as np

with Pool(4) as pool:
    rows = list(pool.imap_unordered(np.load, ["a.npy", "b.npy"]))
np.save("rows.npy", np.stack(rows))
""",
            good="""\
from multiprocessing import Pool

import numpy as np

with Pool(4) as pool:
    rows = list(pool.imap(np.load, ["a.npy", "b.npy"]))
np.save("rows.npy", np.stack(rows))
""",
        ),
        Example(
            bad="""\
import tensorflow as tf

tf.random.set_seed(1)
rows = tf.data.TFRecordDataset("rows.tfrecord").map(tf.io.parse_tensor, num_parallel_calls=8, deterministic=False)
weight = tf.Variable(tf.random.normal([3]))
for row in rows:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(row * weight)
    weight.assign_sub(tape.gradient(loss, weight))
""",
            good="""\
import tensorflow as tf

tf.random.set_seed(1)
rows = tf.data.TFRecordDataset("rows.tfrecord").map(tf.io.parse_tensor, num_parallel_calls=8, deterministic=True)
weight = tf.Variable(tf.random.normal([3]))
for row in rows:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(row * weight)
    weight.assign_sub(tape.gradient(loss, weight))
""",
        ),
    ),
)
