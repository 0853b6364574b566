"""What `self.setup()` runs, by the class of the object."""

from __future__ import annotations

import pytest

from repro_gui.facts.ways import Happens, Way, way_of
from tests.facts.test_program import trace

BASE = """
class Base:
    def run(self):
        self.setup()
    def setup(self):
        base()
class Child(Base):
    def setup(self):
        child()
"""
EXTENDING = BASE.replace("        child()", "        super().setup()\n        child()")
ABSTRACT = BASE.replace("        base()", "        base()\n        raise NotImplementedError")
MISSING = BASE.replace("    def setup(self):\n        base()\n", "", 1)
TAKING = "def main(trainer: Base):\n    trainer.run()\n"
YES, UNKNOWN, NO = Happens.YES, Happens.UNKNOWN, Happens.NO


def way_through(source: str, **modules: str) -> Way:
    files = {"one.py": "model.fit(1)\n" + source, **{f"{name}.py": text for name, text in modules.items()}}
    program = trace(files, "one.py")
    return way_of(program, program.result_entry_points[0])


def happening(way: Way, *names: str) -> list[Happens]:
    """Whether the calls of these names happen, at best; NO too for what is not reached at all."""
    return [max((way.happens(one) for one in way.calls if one.call.written == name), default=NO) for name in names]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (BASE + "Base().run()\n", [YES, NO]),
        (BASE + "Child().run()\n", [NO, YES]),
        (BASE + "one = Child()\none.run()\n", [NO, YES]),
        (BASE + "kind = Child\nkind().run()\n", [NO, YES]),
        (BASE + "Child().run()\nBase()\n", [UNKNOWN, UNKNOWN]),
        (BASE + TAKING + "main(Child() if unknown else Base())\n", [UNKNOWN, UNKNOWN]),
        (BASE + TAKING + "main(Child())\n", [NO, YES]),
        # Whether an object is one of a class, and what a class is made of, makes none.
        (BASE + "one = Child()\nassert isinstance(one, Base)\none.run()\n", [NO, YES]),
        (BASE + "one: Base = Child()\none.run()\n", [NO, YES]),
        (BASE + "class Other(Base):\n    ...\nChild().run()\n", [NO, YES]),
        (BASE + "class Other(Child):\n    ...\nOther().run()\n", [NO, YES]),
        (BASE + "class Other(Base):\n    ...\nOther().run()\n", [YES, NO]),
        # Handed on, it may be made by whom it is given.
        (BASE + "register(Base)\nChild().run()\n", [UNKNOWN, UNKNOWN]),
        (BASE + "TABLE = {'a': Base, 'b': Child}\nTABLE[unknown]().run()\n", [UNKNOWN, UNKNOWN]),
        (BASE + "Child().run()\nglobals()[unknown]()\n", [UNKNOWN, UNKNOWN]),
        (BASE + "Child().run()\nfor one in Base.__subclasses__():\n    one().run()\n", [UNKNOWN, UNKNOWN]),
        # A method that all others call runs whatever the object is.
        (EXTENDING + "Child().run()\n", [YES, YES]),
        (EXTENDING.replace("super().setup()", "Base.setup(self)") + "Child().run()\n", [YES, YES]),
        (EXTENDING + TAKING + "main(Child() if unknown else Base())\n", [YES, UNKNOWN]),
        (EXTENDING.replace("super", "if unknown: super") + TAKING + "main(Child() or Base())\n", [UNKNOWN, UNKNOWN]),
        (
            EXTENDING.replace("super", "if unknown: return\n        super") + "Child().run()\nBase()\n",
            [UNKNOWN, UNKNOWN],
        ),
        # A method that only fails is nobody's choice, one that nobody else has is no override.
        (ABSTRACT + "Child().run()\n", [NO, YES]),
        (ABSTRACT + TAKING + "main(Child() if unknown else Base())\n", [UNKNOWN, YES]),
        (MISSING + "Child().run()\n", [NO, YES]),
        (MISSING + "Child().run()\nBase()\n", [NO, UNKNOWN]),
    ],
)
def test_what_a_method_calls(source: str, expected: list[Happens]) -> None:
    assert happening(way_through(source), "base", "child") == expected


NESTED = """
class Base:
    class Part:
        def __init__(self):
            base()
    def run(self):
        self.Part()
class Child(Base):
    class Part:
        def __init__(self):
            child()
"""
EXTENDING_NESTED = NESTED.replace(
    "class Child(Base):\n    class Part:", "class Child(Base):\n    class Part(Base.Part):"
)
EXTENDING_NESTED = EXTENDING_NESTED.replace(
    "            child()", "            super().__init__()\n            child()"
)
NAMED = """
class First:
    def __init__(self):
        base()
class Second:
    def __init__(self):
        child()
class Base:
    part = First
    def run(self):
        self.part()
class Child(Base):
    part = Second
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (NESTED + "Base().run()\n", [YES, NO]),
        (NESTED + "Child().run()\n", [NO, YES]),
        (NESTED + "Child().run()\nBase()\n", [UNKNOWN, UNKNOWN]),
        (NESTED.replace("self.Part()", "self.part = self.Part()") + "Child().run()\n", [NO, YES]),
        (
            NESTED.replace("    def run(self):\n        self", "    @classmethod\n    def run(cls):\n        cls")
            + "Child.run()\n",
            [NO, YES],
        ),
        (EXTENDING_NESTED + "Child().run()\n", [YES, YES]),
        (EXTENDING_NESTED + TAKING + "main(Child() if unknown else Base())\n", [YES, UNKNOWN]),
        # Who names a class may make it too.
        (NAMED + "Base().run()\n", [YES, UNKNOWN]),
        (NAMED + "Child().run()\n", [UNKNOWN, YES]),
        (NAMED + "Child().run()\nBase()\n", [UNKNOWN, UNKNOWN]),
    ],
)
def test_the_classes_that_a_class_makes(source: str, expected: list[Happens]) -> None:
    assert happening(way_through(source), "base", "child") == expected


INSIDE = """
class Outer:
    class Base:
        def run(self):
            self.setup()
        def setup(self):
            base()
    class Child(Base):
        def setup(self):
            child()
    def __init__(self):
        self.child = self.Child()
    def fit(self):
        self.child.run()
"""


def test_an_object_of_a_class_inside_a_class_is_made_through_self() -> None:
    assert happening(way_through(INSIDE + "Outer().fit()\n"), "base", "child") == [NO, YES]


def test_a_class_inside_a_class_is_reached_through_something_unknown() -> None:
    way = way_through(NESTED + "def build(owner):\n    owner.Part()\nbuild(unknown)\nBase\n")
    assert happening(way, "base") == [UNKNOWN]


def test_classes_of_several_modules() -> None:
    child = "from base import Base\nclass Child(Base):\n    def setup(self):\n        child()\n"
    base = BASE.partition("class Child")[0]
    through = way_through("from child import Child\nChild().run()\n", base=base, child=child)
    assert happening(through, "base", "child") == [NO, YES]
    # What this program does not import, such as a test, makes none of its objects.
    through = way_through("from base import Base\nBase().run()\n", base=base, child=child)
    assert happening(through, "base", "child") == [YES, NO]


def test_methods_of_a_class_for_its_objects() -> None:
    making = BASE.replace("def run", "@classmethod\n    def make(cls):\n        return cls()\n    def run")
    assert happening(way_through(making + "Child.make().run()\n"), "base", "child") == [UNKNOWN, YES]
    assert happening(way_through(making + "Child.make().run()\nBase.make()\n"), "base", "child") == [UNKNOWN, UNKNOWN]


def test_the_class_below_comes_before_the_one_above() -> None:
    source = BASE + "class Other(Base):\n    ...\nclass Both(Other, Child):\n    ...\nBoth().run()\n"
    assert happening(way_through(source), "base", "child") == [NO, YES]


def test_what_an_overridden_method_calls_does_not_run_either() -> None:
    source = BASE.replace("base()", "further()") + "def further():\n    base()\nChild().run()\n"
    through = way_through(source)
    assert happening(through, "base", "child") == [NO, YES]
    [inner] = [site for site in through.calls if site.call.written == "base"]
    assert through.is_overridden(inner)
    through = way_through(source + "if False:\n    further()\n")
    [inner] = [site for site in through.calls if site.call.written == "base"]
    # An option could switch that on.
    assert not through.is_overridden(inner)


def test_a_callback_may_still_be_called() -> None:
    source = BASE.replace("self.setup()", "self.setup()\n        register(Base.setup)", 1) + "Child().run()\n"
    assert happening(way_through(source), "base", "child")[1] is YES


@pytest.mark.parametrize(
    "source",
    [
        "class A(A):\n    def run(self):\n        self.setup()\nA().run()\n",
        "class A(B): ...\nclass B(A):\n    def run(self):\n        self.setup()\nB().run()\n",
        "class A:\n    def run(self):\n        self.setup()\nclass B(A): ...\ndef B(): ...\nA().run()\n",
        "class A:\n    def run(self):\n        self.setup()\nclass B(A):\n    setup = 3\nB().run()\n",
    ],
)
def test_odd_classes_do_no_harm(source: str) -> None:
    assert way_through(source).calls


def test_hierarchies_without_end() -> None:
    chain = "".join(f"class C{one + 1}(C{one}):\n    def setup(self): child()\n" for one in range(1500))
    source = "class C0:\n    def run(self): self.setup()\n    def setup(self): base()\n" + chain + "C1500().run()\n"
    assert happening(way_through(source), "base") == [UNKNOWN]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    target()\n    yield\nf()\n", UNKNOWN),
        ("def f():\n    target()\n    yield\nlist(f())\n", YES),
        ("def f():\n    target()\n    yield\nfor one in f():\n    pass\n", YES),
        ("async def f():\n    target()\nf()\n", UNKNOWN),
        ("import asyncio\nasync def f():\n    target()\nasyncio.run(f())\n", YES),
        ("async def f():\n    target()\nasync def main():\n    await f()\nasyncio.run(main())\n", YES),
        ("import click\n@click.command()\nasync def f():\n    target()\nf()\n", YES),
    ],
)
def test_what_is_called_and_not_started(source: str, expected: Happens) -> None:
    assert happening(way_through(source), "target") == [expected]
