"""What holds for every check, whoever wrote it: one file is one check, and its examples are its proof."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from repro_gui import checks
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Check, Example, Safety
from repro_gui.checks.find_checks import all_checks, check_module_names, find_check
from repro_gui.facts.lookup import Answers
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge
from repro_gui.text import text
from tests.sketches import answer_from, contents_of, sketch_of, snapshot_of

MODULES: list[ModuleType] = [importlib.import_module(name) for name in check_module_names()]
CHECKS: list[Check] = [module.CHECK for module in MODULES]
HEADINGS = ["Why it matters", "How to fix it", "When to leave it", "References"]
EXAMPLES = [
    pytest.param(check, example, id=f"{check.id}-{number}")
    for check in CHECKS
    for number, example in enumerate(check.examples)
]
FIXED_EXAMPLES = [
    pytest.param(check, example, id=f"{check.id}-{number}")
    for check in CHECKS
    for number, example in enumerate(check.examples)
    if example.fixes and check.fix is not None and check.fix.plan is not None
]

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def run(check: Check, snapshot: ProjectSnapshot) -> CheckResult:
    return run_check(FactsFor(snapshot, load_knowledge()), check)


def is_broken(result: CheckResult) -> bool:
    return str(result.why_not or "").startswith("The check broke")


# ---- the file ----


@each_module
def test_the_name_of_the_file_is_the_id_and_its_folder_the_pillar(module: ModuleType) -> None:
    _, pillar, name = module.__name__.removeprefix(checks.__name__).split(".")
    assert module.CHECK.id == name.replace("_", "-")
    assert module.CHECK.pillar.value == pillar
    assert find_check(module.CHECK.id) is module.CHECK


@each_module
def test_the_explanation_is_the_docstring_with_its_four_headings(module: ModuleType) -> None:
    explanation = module.CHECK.explanation
    assert explanation == module.__doc__
    assert re.findall(r"^## (.+)$", explanation, re.MULTILINE) == HEADINGS
    sections = re.split(r"^## .+$", explanation, flags=re.MULTILINE)
    assert all(len(section.split()) >= 4 for section in sections[:-1]), "each part says something"
    assert sections[0].strip().endswith((".", "!", "?"))
    assert re.search(r"^- \S+ \S", sections[-1], re.MULTILINE), "references are listed"
    assert module.CHECK.summary.render()


@each_module
def test_the_parts_stand_in_the_same_order(module: ModuleType) -> None:
    body = ast.parse(inspect.getsource(module)).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    assert names[0] == "find" or names.index("find") >= 0
    if "plan_fix" in names:
        assert names.index("find") < names.index("plan_fix")
        assert module.CHECK.fix.plan is module.plan_fix
    last = body[-1]
    assert isinstance(last, ast.Assign)
    assert ast.unparse(last.targets[0]) == "CHECK"


@each_check
def test_the_titles_say_two_different_things(check: Check) -> None:
    assert check.title != check.failure_title
    for title in (check.title, check.failure_title, *([check.fix.title] if check.fix else [])):
        assert title == title.strip()
        assert title[0].isupper() or title[0] in "`.", title
        assert not title.endswith(".")
        assert len(title) <= 90


@each_check
def test_there_is_an_example_and_a_fix_or_steps(check: Check) -> None:
    assert check.examples
    if check.fix is not None and check.fix.plan is None:
        assert check.fix.safety is Safety.SHOW_ONLY


def test_ids_are_unique() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS) == len(all_checks())


# ---- the examples ----


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_bad_fails_and_good_passes(check: Check, example: Example) -> None:
    bad, good = run(check, snapshot_of(example.bad)), run(check, snapshot_of(example.good))
    assert bad.outcome is Outcome.FAILED, (bad.outcome, str(bad.why_not))
    assert good.outcome is Outcome.PASSED, (good.outcome, str(good.why_not), [note.message for note in good.findings])
    keys = [note.key for note in bad.findings]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("check", "example"), FIXED_EXAMPLES)
def test_the_fix_turns_bad_into_exactly_good(check: Check, example: Example) -> None:
    bad, good = sketch_of(example.bad), sketch_of(example.good)
    before = snapshot_of(bad)
    planned = plan_fix(before, load_knowledge(), [(check, None)], lambda lookups: answer_from(bad, lookups))
    files: dict[str, bytes | None] = dict(contents_of(bad))
    for change in planned.change_set.files:
        assert files.get(change.path) == change.before, f"{change.path} was planned on other bytes"
        files[change.path] = change.after
    changed = {path: content for path, content in files.items() if content is not None}
    wanted = contents_of(good)
    assert {path: content.decode() for path, content in changed.items()} == {
        path: content.decode() for path, content in wanted.items()
    }
    assert run(check, before.after(planned.change_set)).outcome is not Outcome.FAILED
    undone = before.after(planned.change_set).after(planned.change_set.reversed())
    assert run(check, undone).findings == run(check, before).findings


# ---- nothing reads the disk ----


class _Watch:
    """What Python does in this thread while a check runs; audit hooks stay for ever, so it is switched, not removed."""

    _WATCHED = ("open", "os.", "subprocess.", "socket.", "shutil.", "glob.", "pathlib.", "sqlite3.", "ctypes.dlopen")

    def __init__(self) -> None:
        self.thread: int | None = None
        self.seen: list[tuple[str, Any]] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.thread == threading.get_ident() and event.startswith(self._WATCHED):
            self.seen.append((event, arguments[:1]))


@pytest.fixture(scope="module")
def watch() -> _Watch:
    return _Watch()


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_finding_and_planning_touch_nothing_outside(check: Check, example: Example, watch: _Watch) -> None:
    bad = sketch_of(example.bad)
    knowledge = load_knowledge()
    snapshot = snapshot_of(bad)

    def work() -> None:
        run(check, snapshot)
        if check.fix is not None and check.fix.plan is not None and example.fixes:
            plan_fix(snapshot, knowledge, [(check, None)], lambda lookups: answer_from(bad, lookups))

    # Once unwatched: what is imported at first use is read from disk, by Python.
    work()
    watch.seen.clear()
    watch.thread = threading.get_ident()
    try:
        work()
    finally:
        watch.thread = None
    assert watch.seen == []


# ---- every check in every project ----


def _projects() -> Iterator[Any]:
    yield pytest.param({}, None, id="empty")
    yield pytest.param({"README.md": b"# x\n"}, None, id="readme")
    broken = {
        "train.py": b"def f(:\n",
        "old.py": b"print 'python 2'\n",
        "junk.py": bytes(range(256)),
        "half.ipynb": b'{"cells": [{"cell_type": "code", "sou',
        "params.yaml": b"a: [1\n\tb",
        "requirements.txt": "torch>=2\n".encode("utf-16"),
        "pyproject.toml": b"[project\n",
        "Dockerfile": b"FROM\nRUN \\\n",
        "environment.yml": b"dependencies: 3\n",
        "dvc.yaml": b"stages: []\n",
        "x.csv.dvc": b"outs: 3\n",
        "\x1b[31m\udcff\u202e.py": b"import torch\n",
    }
    yield pytest.param(broken, None, id="broken")
    for check in CHECKS:
        for number, example in enumerate(check.examples):
            yield pytest.param(None, example.bad, id=f"{check.id}-{number}")


@pytest.mark.parametrize(("files", "side"), list(_projects()))
def test_no_check_breaks_in_the_project_of_another(files: dict[str, bytes] | None, side: Any) -> None:
    snapshot = snapshot_of_files("project", files) if files is not None else snapshot_of(side)
    facts = FactsFor(snapshot, load_knowledge())
    results = [run_check(facts, check) for check in CHECKS]
    assert [f"{result.check_id}: {result.why_not}" for result in results if is_broken(result)] == []
    for result in results:
        for note in (*result.findings, *result.evidence, *result.undecided):
            assert note.message == str(note.template)
            assert note.message.isprintable(), "names of the project are shown neutralised"


@each_check
def test_what_is_missing_is_neither_pass_nor_failure(check: Check) -> None:
    gone = Unavailable(text("It could not be read."))
    kept: dict[str, Any] = {"name": "x", "settings": snapshot_of_files("x", {}).settings}
    fields: dict[str, Any] = {field: kept.get(field, gone) for field in ProjectSnapshot.__struct_fields__}
    result = run(check, ProjectSnapshot(**fields))
    assert result.outcome is Outcome.COULD_NOT_RUN, result
    assert not is_broken(result)


@each_check
def test_the_types_of_all_parameters_name_facts(check: Check) -> None:
    facts = FactsFor(snapshot_of_files("x", {"a.py": b""}), load_knowledge(), Answers())
    functions = [check.find, *([check.fix.plan, check.fix.lookups] if check.fix and check.fix.plan else [])]
    for function in functions:
        assert not isinstance(facts.arguments(function), TypeError)


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_the_same_facts_give_the_same_answer(check: Check, example: Example) -> None:
    first, second = (msgspec.json.encode(run(check, snapshot_of(example.bad))) for _ in range(2))
    assert first == second


def test_a_check_is_found_without_being_named_anywhere() -> None:
    """Adding a check touches one file: no module names another check's module or id in a list."""
    package = Path(checks.__file__).parent
    ids = {check.id for check in CHECKS}
    listing = (package / "find_checks.py").read_text(encoding="utf-8")
    assert not [check_id for check_id in ids if check_id in listing]
