"""Sources gathered from real folders: cache, processes beside, cancel, hostile names and modules."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from repro_gui.errors import Cancelled
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.sources import NOT_READ_YET, ModuleSummary, PythonSources
from repro_gui.facts.summarise import summarise as summarise_source
from repro_gui.facts.tree import TreeEntry
from repro_gui.gather import sources as gather_module
from repro_gui.gather.beside import summarise_beside
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.gather import gather_snapshot, look_over
from repro_gui.gather.sources import gather_sources
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress, Progress
from repro_gui.text import Text


def gather(
    root: Path, cache: Cache | None = None, progress: Progress | None = None, settings: Settings | None = None
) -> PythonSources:
    settings = settings or Settings()
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, settings.limits, NoProgress())
        return gather_sources(opened, tree, settings, progress or NoProgress(), cache or Cache(None, opened.root))


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes for every size of project."""
    monkeypatch.setattr(gather_module, "_WORTH_PROCESSES", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def write(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / f"{name}.py").write_text(content)


def test_bad_sources_are_in_the_facts_with_their_reason(tmp_path: Path) -> None:
    write(tmp_path, good="f()\n", python2="print 'x'\nimport os\n", empty="")
    (tmp_path / "junk.py").write_bytes(os.urandom(2000) + b"\0")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(2 * 1024**3)
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "outside.py").symlink_to("/etc/hostname")
    (tmp_path / "linked.py").symlink_to("good.py")
    (tmp_path / "new\nline.py").write_text("g()\n")
    (tmp_path / os.fsdecode(b"b\xff.py")).write_text("h()\n")
    sources = gather(tmp_path)
    reasons = {module.path: str(module.not_parsed.reason) for module in sources.not_parsed if module.not_parsed}
    assert set(reasons) == {"python2.py", "junk.py", "latin.py", "huge.py"}
    assert "larger" in reasons["huge.py"]
    assert {module.path for module in sources.modules} == {
        *reasons,
        "good.py",
        "empty.py",
        "linked.py",
        "new\nline.py",
        "b\udcff.py",
    }
    assert sources.by_path["linked.py"].called == ("f",)


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "p"
    project.mkdir()
    write(project, a="f()\n", b="g()\n")
    for path in project.iterdir():
        os.utime(path, (time.time() - 100, time.time() - 100))
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        first = gather(project, cache)
    # The change time cannot be set: the cache trusts a file only some moments after it.
    time.sleep(0.1)
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        gather(project, cache)
    read: list[str] = []
    monkeypatch.setattr(ProjectFiles, "read", lambda self, path, limit: read.append(path))
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        assert gather(project, cache) == first
    assert read == []


def test_content_known_from_elsewhere_gets_its_path(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    write(project, a="f()\n")
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        gather(project, cache)
    (project / "a.py").rename(project / "moved.py")
    write(project, copy="f()\n")
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        assert [module.path for module in gather(project, cache).modules] == ["copy.py", "moved.py"]


@pytest.mark.usefixtures("beside")
def test_processes_beside_give_the_same(tmp_path: Path) -> None:
    for number in range(60):
        write(tmp_path, **{f"m{number}": f"import numpy as np\nnp.random.seed({number})\n" * 40})
    (tmp_path / "bad.py").write_text("print 'x'\n")
    there = gather(tmp_path)
    assert [module.path for module in there.modules] == sorted(module.path for module in there.modules)
    assert there == PythonSources().after({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert multiprocessing.active_children() == []


PROGRAM = {
    "main": "import used\n\nif __name__ == '__main__':\n    used.f()\n",
    "used": "from also_used import g\n\ndef f():\n    return g()\n",
    "also_used": "def g():\n    return 1\n",
    "alone": "def f():\n    return 1\n",
    "one": "import other as o\n\ndef f():\n    return o.g()\n",
    "other": "from one import f\n\ng = f\n",
}


@pytest.mark.usefixtures("beside")
def test_what_no_program_leads_to_is_outlined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "p"
    project.mkdir()
    write(project, **PROGRAM)
    time.sleep(0.1)  # the cache trusts no file that was written a moment ago
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        first = gather(project, cache)
    assert [module.path for module in first.modules if not module.is_whole] == ["one.py", "other.py"]
    whole = PythonSources().after({path.name: path.read_bytes() for path in project.iterdir()})
    for made, known in zip(first.modules, whole.modules, strict=True):
        assert (made.imports, made.aliases, made.body) == (known.imports, known.aliases, known.body)
    with monkeypatch.context() as patched:
        patched.setattr(ProjectFiles, "read", None)
        with Cache(tmp_path / "cache", os.fspath(project)) as cache:
            assert gather(project, cache) == first
    (project / "one.py").rename(project / "moved.py")
    with Cache(tmp_path / "cache", os.fspath(project)) as cache:
        moved = gather(project, cache).by_path["moved.py"]
    assert (moved.is_whole, moved.path, moved.aliases) == (False, "moved.py", first.by_path["one.py"].aliases)


@pytest.mark.usefixtures("beside")
def test_an_outline_that_ends_a_process_costs_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Their stack is as small as that of some systems: on a chain of calls the parser of outlines falls off its end.
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    write(tmp_path, **{**PROGRAM, "deep": f"import one\nx = a{'.b()' * 12_000}\n", "one": "import deep\n"})
    monkeypatch.setattr(gather_module, "likely_looked_into", lambda *_: set())
    resource.setrlimit(resource.RLIMIT_STACK, (1024 * 1024, hard))
    try:
        sources = gather(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))
    assert sources.by_path["deep.py"].not_parsed is not None
    assert sources.by_path["other.py"].aliases == (("f", "g"),)


@pytest.mark.usefixtures("beside")
def test_processes_that_die_are_replaced_by_this_one() -> None:
    items = [(entry, b"f()\n" * 30_000) for entry in _entries(6)]
    killed: list[int | None] = []

    def report(_: int) -> None:
        if not killed:
            for process in multiprocessing.active_children():
                killed.append(process.pid)
                process.kill()

    with summarise_beside(Limits()) as work:
        made = work.summarise(items, report)
        assert [module.path for _, _, module in made] == [entry.path for entry, _ in items]
        # And the next ones too.
        assert len(work.summarise(items[:1], report)) == 1
    assert killed


def _entries(count: int) -> list[TreeEntry]:
    return [TreeEntry(f"m{number}.py", 1) for number in range(count)]


class CancelAfter:
    """Cancels at the n-th report."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, what: Text, done: int, total: int) -> None:
        assert str(what)
        assert 0 <= done <= total
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.usefixtures("beside")
def test_a_cancel_ends_the_processes_in_the_middle_of_a_file(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path, **{f"m{number}": "x = [" + "f(1, y=2), " * 250_000 + "]\n"})
    with pytest.raises(Cancelled):
        gather(tmp_path, progress=CancelAfter(3))
    assert multiprocessing.active_children() == []


def test_a_cancel_without_processes(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="y")
    with pytest.raises(Cancelled):
        gather(tmp_path, progress=CancelAfter(1))


def test_limits_are_settings(tmp_path: Path) -> None:
    write(tmp_path, a="x = 1\n" * 100)
    (module,) = gather(tmp_path, settings=Settings(limits=Limits(source_bytes=50))).modules
    assert module.not_parsed is not None


HOSTILE = "open('MARK', 'w').close()\nraise SystemExit(3)\n"


def test_nothing_of_the_project_is_imported_by_processes_started_inside_it(tmp_path: Path) -> None:
    names = [
        "multiprocessing",
        "msgspec",
        "ast",
        "warnings",
        "repro_gui",
        "concurrent",
        "sitecustomize",
        "usercustomize",
        "struct",
        "yaml",
        "os",
    ]
    write(tmp_path, **dict.fromkeys(names, HOSTILE))
    main = textwrap.dedent(
        """
        import os, sys
        from repro_gui.gather import sources
        from repro_gui.facts.settings import Settings
        from repro_gui.gather.cache import Cache
        from repro_gui.gather.files import ProjectFiles
        from repro_gui.gather.tree import walk_tree
        from repro_gui.progress import NoProgress

        def main():
            sources._WORTH_PROCESSES = 1
            os.cpu_count = lambda: 2
            with ProjectFiles(".") as opened:
                tree = walk_tree(opened, Settings().limits, NoProgress())
                found = sources.gather_sources(opened, tree, Settings(), NoProgress(), Cache(None, "."))
            print(len(found.modules))

        if __name__ == "__main__":
            main()
        """
    )
    script = tmp_path.parent / f"{tmp_path.name}-main.py"
    script.write_text(main)
    root = Path(gather_module.__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.fspath(root)}
    done = subprocess.run(
        [sys.executable, os.fspath(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(len(names)), done.stderr
    assert not (tmp_path / "MARK").exists()
    # The trap works: without the guard a spawned Python would have walked into it.
    careless = "import multiprocessing"
    subprocess.run([sys.executable, "-c", careless], cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "MARK").exists()


# ---- the way from the entry points first ----


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A project that takes long by its bytes: a program, what it imports, and a megabyte that it does not."""
    write(
        tmp_path,
        zz_train="import model\nif __name__ == '__main__':\n    model.fit()\n",
        model="from late import *\ndef fit(): pass\n",
        late="",
        aa_other="# padding\n" * 120_000,
    )
    return tmp_path


def first_and_last(root: Path, settings: Settings | None = None) -> tuple[list[ProjectSnapshot], ProjectSnapshot]:
    found: list[ProjectSnapshot] = []
    return found, gather_snapshot(root, settings, on_first=found.append)


def read_in(snapshot: ProjectSnapshot) -> set[str]:
    assert isinstance(snapshot.sources, PythonSources)
    return {module.path for module in snapshot.sources.modules if module.is_read}


def test_the_way_from_the_entry_points_is_read_first(large: Path) -> None:
    (first,), last = first_and_last(large)
    assert isinstance(first.sources, PythonSources)
    assert not first.sources.is_complete
    assert [module.path for module in first.sources.modules] == ["aa_other.py", "late.py", "model.py", "zz_train.py"]
    assert read_in(first) == {"late.py", "model.py", "zz_train.py"}
    other = first.sources.by_path["aa_other.py"].not_parsed
    assert other is not None
    assert other.reason == NOT_READ_YET
    # Nothing else is left open, and nothing of it remains in the end.
    assert first.git == last.git
    assert first.environment == last.environment
    assert isinstance(last.sources, PythonSources)
    assert last.sources == gather(large)
    assert last.sources.is_complete


def test_scripts_that_are_known_to_run_come_before_others(large: Path) -> None:
    write(large, started="x = 1\n")
    (first,), _ = first_and_last(large)
    assert "started.py" not in read_in(first)
    (first,), _ = first_and_last(large, Settings(entry_points=("started.py",)))
    assert "started.py" in read_in(first)
    (large / "README.md").write_text("```sh\npython started.py\n```\n")
    (first,), _ = first_and_last(large)
    assert "started.py" in read_in(first)


def test_what_is_read_first_is_bounded_in_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather_module, "_FIRST_NODES", 200)
    (tmp_path / "pad.py").write_text("# padding\n" * 120_000)
    (tmp_path / "train.py").write_text("import m0\nif __name__ == '__main__':\n    m0.f()\n")
    for number in range(20):
        code = "".join(f"x{line} = f({line})\n" for line in range(20))
        (tmp_path / f"m{number}.py").write_text(f"import m{number + 1}\n{code}")
    (first,), last = first_and_last(tmp_path)
    assert isinstance(first.sources, PythonSources)
    assert 200 <= sum(module.nodes for module in first.sources.modules) < 400
    assert {"train.py", "m0.py"} <= read_in(first)
    assert "m19.py" not in read_in(first)
    assert len(read_in(last)) == 22


def test_a_small_project_is_read_at_once(tmp_path: Path) -> None:
    write(tmp_path, train="if __name__ == '__main__':\n    f()\n")
    assert first_and_last(tmp_path)[0] == []
    assert read_in(look_over(tmp_path)) == {"train.py"}


def test_a_look_over_a_large_project_reads_no_more_than_it_needs(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summarised: list[str] = []

    def summarise(path: str, content: bytes, most_bytes: int, most_nodes: int) -> ModuleSummary:
        summarised.append(path)
        return summarise_source(path, content, most_bytes, most_nodes)

    monkeypatch.setattr(gather_module, "summarise", summarise)
    assert read_in(look_over(large)) == {"late.py", "model.py", "zz_train.py"}
    assert sorted(summarised) == ["late.py", "model.py", "zz_train.py"]


# ---- read again while the project is open ----


def test_an_open_project_decodes_nothing_twice(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write(root, same="f()\n", changed="g()\n", gone="h()\n")
    time.sleep(0.1)  # the cache trusts no file that was written a moment ago
    with Cache(tmp_path / "cache", os.fspath(root)) as cache:
        before = gather(root, cache).by_path
        cache.flush()
        (root / "changed.py").write_text("other()\n")
        (root / "gone.py").unlink()
        after = gather(root, cache).by_path
    assert after["same.py"] is before["same.py"]
    assert after["changed.py"].called == ("other",)
    assert sorted(after) == ["changed.py", "same.py"]
    # What was written on the way is there for the next start.
    with Cache(tmp_path / "cache", os.fspath(root)) as cache:
        again = gather(root, cache).by_path
    assert again == after
    assert again["same.py"] is not after["same.py"]


def test_a_file_written_a_moment_ago_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, new="f()\n")
    cache = Cache(None, os.fspath(tmp_path))
    assert gather(tmp_path, cache).by_path["new.py"].called == ("f",)
    (tmp_path / "new.py").write_text("g()\n")
    assert gather(tmp_path, cache).by_path["new.py"].called == ("g",)
