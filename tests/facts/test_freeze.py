"""Freezing: only what is needed, exact, and nothing private."""

from __future__ import annotations

from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import (
    freeze,
    frozen_line,
    installed_closure,
    needed_distributions,
    public_index_of,
    requirements_text,
)
from repro_gui.facts.installed import Distribution, InstalledEnvironment, Interpreter
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.requirements_files import parse_requirements
from repro_gui.text import Text

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def installed(*distributions: Distribution, python: str = "3.11.9") -> InstalledEnvironment:
    return InstalledEnvironment(Interpreter("/x", ".venv", "venv", python), distributions)


ENVIRONMENT = installed(
    Distribution("app", "0.1", imports=("app",), requires=("a",), source="local", is_editable=True),
    Distribution("a", "1.0", imports=("a_import",), requires=("b>=1", "old ; python_version<'3'", "x ; extra=='plot'")),
    Distribution("b", "2.0", requires=("a",)),
    Distribution("x", "3.0"),
    Distribution("old", "1.0"),
    Distribution("unused", "9.9", requires=("pip",)),
    Distribution("pip", "24.0"),
)


def test_only_what_is_needed_and_cycles_end() -> None:
    assert set(installed_closure(["a"], ENVIRONMENT)) == {"a", "b"}
    assert set(installed_closure(["a[plot]"], ENVIRONMENT)) == {"a", "b", "x"}


def test_roots_are_what_is_imported_or_declared_for_running() -> None:
    declared = Environment().after({"requirements.txt": b"b[q]\nmissing\n", "requirements-dev.txt": b"unused\n"})
    assert needed_distributions(declared, ENVIRONMENT, ["a_import", "nowhere"], ImportNames()) == ("b[q]", "a")


def test_the_frozen_file_is_exact_and_has_two_parts() -> None:
    frozen = freeze(["a"], ENVIRONMENT)
    content = requirements_text(frozen, "3.11.9", ".venv")
    assert content.decode().splitlines() == [
        "# Python 3.11.9",
        "",
        "# What the project imports or declares, as installed in .venv.",
        "a==1.0",
        "",
        "# What these need in turn.",
        "b==2.0",
    ]
    assert not parse_requirements("requirements.txt", content).unread


def test_nothing_private_gets_in() -> None:
    secret = installed(
        Distribution("here", "1.0", source="local", url="file:///home/me/here"),
        Distribution("private", "1.0", source="git", url="https://git.corp.example/x", commit=COMMIT),
        Distribution("token", "1.0", source="git", url="https://me:tok@github.com/a/b", commit=COMMIT),
        Distribution("public", "1.0", source="git", url="https://github.com/a/b.git", commit=COMMIT),
        Distribution("wheel-file", "1.0", source="archive", url="https://corp.example/w.whl"),
        Distribution("bad", "not a version", is_valid=False),
    )
    frozen = freeze([distribution.name for distribution in secret.distributions], secret)
    assert frozen.direct == (f"public @ git+https://github.com/a/b.git@{COMMIT}",)
    assert len(frozen.notes) == 5
    content = requirements_text(frozen, "3.11.9", ".venv").decode()
    assert not any(word in content for word in ("home", "corp", "tok@", "bad"))


def test_builds_of_torch_get_their_public_index_with_the_reason() -> None:
    cuda = installed(Distribution("torch", "2.3.1+cu121"), Distribution("mystery", "1.0+local.7"))
    frozen = freeze(["torch", "mystery"], cuda)
    content = requirements_text(frozen, "3.11.9", ".venv").decode()
    assert "--extra-index-url https://download.pytorch.org/whl/cu121\n" in content
    assert "# Only this public index has torch 2.3.1+cu121." in content
    assert any("mystery" in str(note) for note in frozen.notes)
    assert public_index_of("torch-scatter", "2.1.2+pt23cu121").endswith("torch-2.3.0+cu121.html")
    assert not public_index_of("torch", "2.3.1")
    assert not public_index_of("torch", "2.3.1+evil\n--index-url x")


def test_a_line_installs_the_same_elsewhere_or_says_why_not() -> None:
    assert frozen_line(Distribution("a", "1.0"), "[x]") == "a[x]==1.0"
    assert isinstance(frozen_line(Distribution("a", "")), Text)


def test_broken_requirements_of_a_distribution_are_survived() -> None:
    broken = installed(
        Distribution("a", "1", requires=("???", "b ; nonsense == 1", "b ; extra < 'x'")), Distribution("b", "1")
    )
    assert set(installed_closure(["a"], broken)) >= {"a"}
