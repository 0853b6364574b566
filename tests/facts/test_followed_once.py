"""Programs in which a thousand ways lead to few places: each place is looked into a bounded number of times.

Counted, never timed: without the bounds these counts are in the millions or the program does not come to an end.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from repro_gui.audit.audit import audit
from repro_gui.facts import data_reads, reach, set_order
from repro_gui.facts.components import components
from repro_gui.facts.default_values import DefaultValues
from repro_gui.facts.followed_once import FollowedOnce
from repro_gui.facts.resolve import Resolver
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.ways import Happens, Way, way_of
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.facts.test_program import trace

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport

HEAD = "import random\nimport numpy as np\n"
END = "model.fit(1)\n"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`counted(owner, "name")` counts the calls of a function from then on; it gives a mapping with the count under its name."""
    counts: Counter[str] = Counter()

    def count(owner: Any, name: str) -> Counter[str]:
        real = getattr(owner, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)
        return counts

    return count


def audited(files: dict[str, str]) -> AuditReport:
    snapshot = snapshot_of_files("p", {path: source.encode() for path, source in files.items()})
    report = audit(snapshot, load_knowledge(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), NoProgress())
    assert not [result for result in report.results if "broke" in str(result.why_not)]
    return report


def last_call(source: str, method: str) -> str:
    """What the last call of a method of that name stands for."""
    program = trace({"train.py": HEAD + source + END})
    return [site.target.name for site in program.calls() if site.target.method == method][-1]


def test_classes_made_of_two_that_are_made_of_the_same_two(counted: Any) -> None:
    rungs = "".join(
        f"class B{i}(B{i + 1}, C{i + 1}):\n    pass\nclass C{i}(B{i + 1}, C{i + 1}):\n    pass\n"
        for i in reversed(range(40))
    )
    calls = counted(Resolver, "_class_member")
    source = "class B40:\n    pass\nclass C40:\n    pass\n" + rungs + "B0().absent()\nB0().missing.fit()\n"
    audited({"train.py": HEAD + source + END})
    # Two classes on each rung, each asked for each name from the other two of the rung below.
    assert calls["_class_member"] < 20_000


def test_an_attribute_that_is_bound_anew_from_itself(counted: Any) -> None:
    again = "".join(f"        self.h = self.h.view({i})\n" for i in range(30))
    source = f"class M:\n    def __init__(self):\n        self.h = np.zeros(3)\n    def go(self):\n{again}        self.h.sum()\nM().go()\n"
    calls = counted(Resolver, "_value")
    audited({"train.py": HEAD + source + END})
    assert calls["_value"] < 20_000


def test_functions_that_give_back_what_the_next_one_gives(counted: Any) -> None:
    body = "".join(f"    if x == {j}:\n        return g{{}}(x)\n" for j in range(6))
    steps = "".join(f"def g{i}(x):\n" + body.replace("{}", str(i + 1)) for i in range(5))
    calls = counted(Resolver, "_value")
    assert last_call(steps + "def g5(x):\n    return np.zeros(3)\ng0(1).sum()\n", "sum") == "numpy.zeros().sum"
    assert calls["_value"] < 1_000


def test_what_a_limit_cuts_short_is_found_by_who_asks_from_nearer() -> None:
    chain = "def f0(x):\n    return np.zeros(3)\n" + "".join(
        f"def f{i + 1}(x):\n    return f{i}(x)\n" for i in range(20)
    )
    program = trace({"train.py": HEAD + chain + "f20(1).sum()\nf1(1).sum()\n" + END})
    far, near = (site.target.name for site in program.calls() if site.target.method == "sum")
    assert (far, near) == ("", "numpy.zeros().sum")


def test_a_set_that_is_bound_anew_from_itself(counted: Any) -> None:
    again = "".join(f"s = s | {{{i}}}\ns = s | other{i}\n" for i in range(60))
    calls = counted(set_order, "_set_elements")
    audited({"train.py": f"{HEAD}s = set()\n{again}for one in s:\n    for one in one:\n        print(one)\n{END}"})
    assert calls["_set_elements"] < 5_000


def test_constants_that_are_made_of_others_twice(counted: Any) -> None:
    source = "C30 = 1\n" + "".join(f"C{i} = C{i + 1} + C{i + 1}\n" for i in reversed(range(30)))
    asked = "".join(f"if C22 == {2**8 if i == 7 else i}:\n    random.seed({i})\n" for i in range(20))
    calls = counted(DefaultValues, "value")
    program = trace({"train.py": HEAD + source + asked + END})
    way = way_of(program, program.result_entry_points[0])
    happening = [way.happens(site) for site in way.calls if site.name == "random.seed"]
    assert happening == [Happens.YES if i == 7 else Happens.NO for i in range(20)]
    assert calls["value"] < 2_000


def test_two_thousand_functions_that_call_one_another_in_circles(counted: Any) -> None:
    count, each = 2_000, 3
    source = "".join(
        f"def f{i}(x):\n    if x:\n"
        + "".join(f"        f{(i * 7 + j * 13 + 1) % count}(x - 1)\n" for j in range(each))
        + "    return random.random()\n"
        for i in range(count)
    )
    program = trace({"train.py": HEAD + source + "start(f0)\n" + END})
    way = way_of(program, program.result_entry_points[0])
    calls = counted(Way, "_conditions_hold")
    roots = {way.roots("train.py", f"f{i}") for i in range(count)}
    assert roots == {frozenset()}
    assert calls["_conditions_hold"] == count * each
    # Whether each happens settles in as many steps: an answer only rises, and has two steps to rise.
    assert {way.unit_happens("train.py", f"f{i}") for i in range(count)} == {Happens.UNKNOWN}
    assert calls["_conditions_hold"] == 2 * count * each


def test_hundreds_of_functions_that_call_the_next_one(counted: Any) -> None:
    count = 400
    source = "".join(f"def f{i}():\n    random.random()\n    f{i + 1}()\n" for i in range(count))
    files = {"train.py": f"{HEAD}{source}def f{count}():\n    random.seed(1)\nf0()\n{END}"}
    calls = counted(Way, "callers")
    report = audited(files)
    (late,) = [result for result in report.results if result.check_id == "late-seed"]
    assert len(late.findings) == 1
    assert len(late.findings[0].places) <= count + 2
    assert calls["callers"] < 5 * count


def test_entry_points_share_the_reading_of_a_library(counted: Any) -> None:
    library = {
        f"lib/m{i}.py": f"{HEAD}from lib import m{(i + 1) % 30}\ndef g(x):\n    s = random.random()\n    return m{(i + 1) % 30}.g(s)\n"
        for i in range(30)
    }
    programs = {
        f"run{i}.py": f"{HEAD}from lib import m{i}\nif __name__ == '__main__':\n    random.seed({i})\n    m{i}.g(1)\n    {END}"
        for i in range(20)
    }
    counted(reach, "read_unit")
    calls = counted(data_reads, "_find_reads")
    audited({"lib/__init__.py": "", **library, **programs})
    # The top level and the function of each module, each program as it is started, and the package.
    assert calls["read_unit"] <= 2 * len(library) + len(programs) + 1
    assert calls["_find_reads"] == 1


def test_decorators_and_callbacks_in_chains(counted: Any) -> None:
    wrap = "def wrap(f):\n    def inner(*a, **k):\n        random.random()\n        return f(*a, **k)\n    return inner\ndef call(f):\n    return f()\n"
    source = "".join(
        f"@wrap\n@wrap\n@wrap\ndef f{i}(then=None):\n    return call(f{(i * 3 + 1) % 300})\n" for i in range(300)
    )
    reads = counted(reach, "read_unit")
    counted(Resolver, "_value")
    audited({"train.py": f"{HEAD}{wrap}{source}f0(then=f1)\n{END}"})
    assert reads["read_unit"] <= 300 + 5
    assert reads["_value"] < 60 * 300


# ------------------------------------------------------------------------------------------------------- the parts


def test_what_a_circle_cuts_short_is_kept_for_its_first_question_alone() -> None:
    asked: Counter[str] = Counter()
    answers: FollowedOnce[str] = FollowedOnce()
    leads = {"a": ["b", "c"], "b": ["a"], "c": ["b"], "d": ["c"]}

    def follow(name: str) -> str:
        asked[name] += 1
        return name + "".join(answers.find(one, follow, one, in_circle="~") for one in leads[name])

    assert answers.find("a", follow, "a", in_circle="~") == "ab~cb~"
    assert asked == {"a": 1, "b": 1, "c": 1}
    assert answers.find("a", follow, "a", in_circle="~") == "ab~cb~"
    assert asked["a"] == 1
    # On their own, b and c lead all round.
    assert answers.find("b", follow, "b", in_circle="~") == "bab~cb~"


def test_what_a_limit_cuts_short_is_not_kept() -> None:
    answers: FollowedOnce[str] = FollowedOnce()
    assert answers.find("a", lambda: answers.cut_short("nothing"), in_circle="") == "nothing"
    assert answers.find("a", lambda: "something", in_circle="") == "something"
    assert answers.find("a", lambda: "something else", in_circle="") == "something"


def test_components_come_after_what_they_lead_to() -> None:
    leads = {1: [2, 5], 2: [3], 3: [4, 2], 4: [], 5: [6], 6: [5, 3], 7: [1]}
    assert [sorted(one) for one in components(1, leads.__getitem__, set())] == [[4], [2, 3], [5, 6], [1]]
    known = {1, 2, 3, 4, 5, 6}
    assert list(components(7, leads.__getitem__, known)) == [[7]]
    assert list(components(1, leads.__getitem__, known)) == []


def test_components_of_a_long_way_need_no_recursion() -> None:
    found = list(components(0, lambda node: [(node + 1) % 20_000], set()))
    assert [len(one) for one in found] == [20_000]
