"""Bodies of functions that nobody reaches are never decoded: what is held of a project is what is followed of it.

A body that cannot be decoded stands in for one that must not be: whoever looks into it fails.
"""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import all_checks
from repro_gui.facts.events import Class, Event, Function
from repro_gui.facts.program import Program, trace_program
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.sources import ModuleSummary, PythonSources
from repro_gui.facts.ways import way_of
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress

FILES = {
    "train.py": b"import model\nfrom sklearn.svm import SVC\n\n\ndef reached():\n    SVC().fit([[1]], [1])\n    model.Net()\n\n\n"
    b"def sealed(a=1):\n    return a\n\n\nreached()\n",
    "model.py": b"import random\n\n\nclass Net:\n    def __init__(self):\n        random.random()\n\n"
    b"    def sealed(self):\n        return 1\n",
    "other.py": b"def sealed():\n    return 2\n",
}
BROKEN = b"\xc1"


def sealed(module: ModuleSummary) -> ModuleSummary:
    """The module with bodies of functions named `sealed` that nobody can decode."""

    def seal(event: Event) -> Event:
        if isinstance(event, Function) and event.name == "sealed":
            return msgspec.structs.replace(event, encoded=BROKEN)
        if isinstance(event, Class):
            return msgspec.structs.replace(event, body=tuple(map(seal, event.body)))
        return event

    return msgspec.structs.replace(module, encoded=msgspec.msgpack.encode(tuple(map(seal, module.body))))


@pytest.fixture
def snapshot() -> ProjectSnapshot:
    whole = snapshot_of_files("p", FILES)
    assert isinstance(whole.sources, PythonSources)
    return msgspec.structs.replace(whole, sources=PythonSources(tuple(map(sealed, whole.sources.modules))))


def test_what_is_sealed_cannot_be_looked_into(snapshot: ProjectSnapshot) -> None:
    program = trace_program(snapshot, load_knowledge())
    assert isinstance(program, Program)
    with pytest.raises(msgspec.DecodeError):
        assert program.code.scope("other.py", "sealed").body


def test_following_a_program_decodes_what_it_reaches(snapshot: ProjectSnapshot) -> None:
    program = trace_program(snapshot, load_knowledge())
    assert isinstance(program, Program)
    (entry,) = program.result_entry_points
    assert {step.symbol for step in way_of(program, entry).steps} >= {"", "reached", "Net.__init__"}
    assert list(program.all_calls({"urlretrieve"})) == []
    # Symbols and defaults are known without a look into the body.
    assert program.code.symbols("train.py") == ("", "reached", "sealed")


def test_no_check_looks_into_what_is_not_reached(snapshot: ProjectSnapshot) -> None:
    facts = FactsFor(snapshot, load_knowledge())
    for result in run_checks(facts, all_checks(), NoProgress()):
        assert "DecodeError" not in str(result.why_not), result.check_id
        assert result.outcome is not Outcome.COULD_NOT_RUN or "broke" not in str(result.why_not), result.check_id
