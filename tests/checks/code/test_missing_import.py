"""Imports of modules of the project that are nowhere."""

from __future__ import annotations

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.code.missing_import import CHECK
from repro_gui.facts.git import GitState, Submodule
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge

_FIT = "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n"


def result_of(files: dict[str, str], *submodules: Submodule) -> CheckResult:
    snapshot = snapshot_of_files("p", {path: content.encode() for path, content in files.items()})
    assert isinstance(snapshot.git, GitState)
    git = msgspec.structs.replace(snapshot.git, submodules=submodules)
    return run_check(FactsFor(msgspec.structs.replace(snapshot, git=git), load_knowledge()), CHECK)


def messages(result: CheckResult) -> list[tuple[str, str, int, int]]:
    return [(str(note.weight), note.path, note.line, len(note.places)) for note in result.findings]


def test_one_finding_for_one_module_however_it_is_written() -> None:
    files = {
        "train.py": f"import net.layers\n{_FIT}",
        "net/__init__.py": "",
        "net/a.py": "from .layers import x\n",
        "net/deep/__init__.py": "",
        "net/deep/b.py": "from ..layers import y\n",
    }
    assert messages(result_of(files)) == [("must", "train.py", 1, 3)]


def test_what_only_a_test_imports_weighs_less() -> None:
    files = {"train.py": _FIT, "net/__init__.py": "", "tests/test_net.py": "from net.gone import x\n"}
    assert messages(result_of(files)) == [("should", "tests/test_net.py", 1, 1)]


def test_guarded_outside_and_made_modules_are_not_missing() -> None:
    files = {
        "train.py": f"try:\n    import net.fast\nexcept ImportError:\n    pass\nimport torch.cuda.amp\nimport net.late\n{_FIT}",
        "net/__init__.py": "def __getattr__(name):\n    return 1\n",
        "net/built.pyx": "",
        "use.py": "import net.built\n",
    }
    assert result_of(files).outcome is Outcome.PASSED


def test_a_module_in_a_submodule_that_is_not_here_is_told_there() -> None:
    files = {"train.py": f"from net.vendor.model import x\n{_FIT}", "net/__init__.py": ""}
    assert result_of(files).outcome is Outcome.FAILED
    result = result_of(files, Submodule("net/vendor", "1" * 40, ""))
    assert result.outcome is Outcome.PASSED
    assert "net/vendor" in str(result.evidence[0].message)


def test_an_unreadable_part_of_the_program_is_a_doubt() -> None:
    files = {"train.py": f"import broken\n{_FIT}", "broken.py": "\0\0"}
    assert result_of(files).outcome is Outcome.COULD_NOT_RUN
