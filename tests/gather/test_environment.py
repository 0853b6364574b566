"""Environments found and read from their files: real ones made by uv, broken and hostile ones made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from repro_gui.facts.environment import NO_ENVIRONMENT, Environment
from repro_gui.facts.installed import Distribution, InstalledEnvironment, Interpreter
from repro_gui.facts.settings import Limits, Settings
from repro_gui.gather.cache import Cache
from repro_gui.gather.environment import gather_environment
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.installed import read_installed
from repro_gui.gather.interpreters import Surroundings, find_interpreters, interpreter_at
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    package: str,
    requires: tuple[str, ...] = (),
    extras: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    code: str = "",
) -> Path:
    """A tiny wheel with one module; nothing is fetched for it."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {line}\n" for line in requires)
    metadata += "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    files = {
        f"{package}/__init__.py": code,
        f"{stem}.dist-info/METADATA": metadata + "\nA description\nVersion: 9\n",
        f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{stem}.dist-info/RECORD"])
    wheel = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**files, f"{stem}.dist-info/RECORD": record}.items():
            archive.writestr(path, content)
    return wheel


def uv(*arguments: str | Path, folder: Path) -> None:
    subprocess.run([find_uv_bin(), *map(str, arguments)], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def environment_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a real environment made by uv: an index-like wheel, one from a folder, an editable install."""
    folder = tmp_path_factory.mktemp("project")
    wheels = folder / "wheels"
    wheels.mkdir()
    make_wheel(
        wheels,
        "Odd-Name",
        "1.2.3",
        package="other_import",
        requires=("leaf>=1 ; python_version>'3'", "never; python_version<'3'"),
    )
    make_wheel(wheels, "leaf", "2.0+cu121", package="leaf")
    (folder / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "0"\ndependencies = ["odd-name>=1"]\n')
    (folder / "mine.py").write_text("")
    uv("venv", "--python", sys.executable, ".venv", folder=folder)
    python = folder / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    uv(
        "pip",
        "install",
        "--offline",
        "--no-index",
        "--find-links",
        wheels,
        "--python",
        python,
        "odd-name",
        folder=folder,
    )
    return folder


def nowhere(tmp_path: Path) -> Surroundings:
    return Surroundings(str(tmp_path / "no-home"))


def gather(
    folder: Path, surroundings: Surroundings, settings: Settings | None = None, cache: Cache | None = None
) -> Environment:
    with ProjectFiles(folder) as opened:
        tree = walk_tree(opened, Limits(), NoProgress())
        return gather_environment(opened, tree, settings or Settings(), NoProgress(), cache, surroundings)


def test_a_real_environment(environment_folder: Path, tmp_path: Path) -> None:
    environment = gather(environment_folder, nowhere(tmp_path))
    installed = environment.installed
    assert isinstance(installed, InstalledEnvironment)
    assert installed.interpreter.label == ".venv"
    assert installed.python == ".".join(map(str, sys.version_info[:3]))
    assert installed.by_name["odd-name"].version == "1.2.3"
    assert installed.by_name["leaf"].version == "2.0+cu121"
    assert [distribution.name for distribution in installed.by_import["other_import"]] == ["odd-name"]
    assert installed.by_name["odd-name"].requires[0].startswith("leaf")
    assert [entry.name for entry in environment.requirements] == ["odd-name"]


def test_nothing_is_run_and_nothing_is_written(environment_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(environment_folder, copy, symlinks=True)
    mark = tmp_path / "mark"
    python = copy / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text(f"#!/bin/sh\ntouch {mark}\n")
    python.chmod(0o755)
    (next((copy / ".venv" / "lib").glob("python3*")) / "site-packages" / "sitecustomize.py").write_text(
        f"open({str(mark)!r}, 'w')\n"
    )
    before = {path: path.lstat().st_mtime_ns for path in copy.rglob("*")}
    assert isinstance(gather(copy, nowhere(tmp_path)).installed, InstalledEnvironment)
    assert not mark.exists()
    assert {path: path.lstat().st_mtime_ns for path in copy.rglob("*")} == before


def test_our_own_environment_is_never_the_project_s(tmp_path: Path) -> None:
    surroundings = Surroundings(str(tmp_path), variables={"VIRTUAL_ENV": sys.prefix}, own_prefix=sys.prefix)
    assert gather(tmp_path, surroundings).installed == NO_ENVIRONMENT


def test_the_chosen_interpreter_counts(environment_folder: Path, tmp_path: Path) -> None:
    python = environment_folder / ".venv" / "bin" / "python"
    environment = gather(tmp_path, nowhere(tmp_path), Settings(interpreter=str(python)))
    assert isinstance(environment.installed, InstalledEnvironment)
    assert "odd-name" in environment.installed.by_name
    gone = gather(tmp_path, nowhere(tmp_path), Settings(interpreter=str(tmp_path / "bin" / "python")))
    assert not isinstance(gone.installed, InstalledEnvironment)


def make_site_packages(prefix: Path, version: str = "3.11") -> Path:
    folder = prefix / "lib" / f"python{version}" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def add_distribution(site_packages: Path, folder: str, files: dict[str, str]) -> None:
    target = site_packages / folder
    target.mkdir()
    for name, content in files.items():
        (target / name).write_text(content)


def read(prefix: Path) -> InstalledEnvironment:
    interpreter = interpreter_at(str(prefix))
    assert interpreter is not None
    return read_installed(interpreter, NoProgress())


def test_metadata_of_all_kinds(tmp_path: Path) -> None:
    site = make_site_packages(tmp_path)
    commit = "0123456789abcdef0123456789abcdef01234567"
    git = f'{{"url": "https://me:secret@github.com/a/b", "vcs_info": {{"vcs": "git", "commit_id": "{commit}"}}}}'
    add_distribution(site, "bee-1.0.dist-info", {"METADATA": "Name: bee\nVersion: 1.0\n", "direct_url.json": git})
    add_distribution(
        site,
        "here-1.0.dist-info",
        {
            "METADATA": "Name: Here\r\nVersion: 1.0\r\n\r\n",
            "direct_url.json": '{"url": "file:///home/me/x", "dir_info": {"editable": true}}',
        },
    )
    add_distribution(site, "odd-1.dist-info", {"METADATA": "Name: odd\nVersion: not-a-version!\n"})
    add_distribution(site, "un named-1.dist-info", {"METADATA": "Name: un named\nVersion: 1\n"})
    add_distribution(site, "bad-1.dist-info", {"METADATA": "Name: bad\nVersion: 1\n", "direct_url.json": "{"})
    add_distribution(site, "empty-1.dist-info", {})
    add_distribution(
        site,
        "six-1.16.0.dist-info",
        {"METADATA": "Name: six\nVersion: 1.16.0\n", "RECORD": "six.py,,\n__pycache__/six.pyc,,\n"},
    )
    add_distribution(
        site,
        "PyYAML-6.0.dist-info",
        {
            "METADATA": "Name: PyYAML\nVersion: 6.0\n",
            "INSTALLER": "conda",
            "RECORD": "_yaml/__init__.py,,\nyaml/__init__.py,,\n../../../bin/x,,\nyaml.cpython-311-x86_64-linux-gnu.so,,\n",
        },
    )
    add_distribution(site, "old-1.egg-info", {"PKG-INFO": "Name: old\nVersion: 1\n", "top_level.txt": "old_import\n"})
    (site / "flat-2.egg-info").write_text("Name: flat\nVersion: 2\n")
    (site / "linked.egg-link").write_text("/home/me/linked\n.")
    installed = read(tmp_path)
    assert installed.by_name["bee"] == Distribution(
        "bee", "1.0", source="git", url="https://github.com/a/b", commit=commit
    )
    assert installed.by_name["here"].is_editable
    assert not installed.by_name["odd"].is_valid
    assert not installed.by_name["un-named" if "un-named" in installed.by_name else "un named"].is_valid
    assert installed.by_name["bad"].source == "local"
    assert installed.by_name["six"].imports == ("six",)
    assert installed.by_name["pyyaml"].source == "conda"
    assert set(installed.by_name["pyyaml"].imports) == {"yaml", "_yaml"}
    assert installed.by_name["old"].imports == ("old_import",)
    assert installed.by_name["flat"].version == "2"
    assert installed.by_name["linked"].source == "local"
    assert len(installed.unread) == 1
    assert "secret" not in repr(installed)


def test_pipes_and_links_that_lead_outside_are_not_opened(tmp_path: Path) -> None:
    site = make_site_packages(tmp_path / "env")
    add_distribution(site, "pipe-1.dist-info", {})
    os.mkfifo(site / "pipe-1.dist-info" / "METADATA")
    outside = tmp_path / "outside"
    outside.write_text("Name: outside\nVersion: 1\n")
    add_distribution(site, "link-1.dist-info", {})
    (site / "link-1.dist-info" / "METADATA").symlink_to(outside)
    os.mkfifo(tmp_path / "env" / "pyvenv.cfg")
    installed = read(tmp_path / "env")
    assert not installed.distributions
    assert len(installed.unread) == 2


def test_conda_pyenv_poetry_and_broken_environments_are_found(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    project.mkdir()
    conda = home / "miniconda3" / "envs" / "research"
    make_site_packages(conda, "3.10")
    (conda / "conda-meta").mkdir()
    (conda / "conda-meta" / "python-3.10.13-h955ad1f_0.json").write_text("{}")
    (conda / "conda-meta" / "numpy-1.26.4-py310_0.json").write_text("{}")
    pyenv = home / ".pyenv" / "versions" / "3.11.4"
    make_site_packages(pyenv)
    gone = project / ".venv"
    make_site_packages(gone)
    (gone / "pyvenv.cfg").write_text("home = /nowhere/bin\nversion_info = 3.11.7.final.0\n")
    declared = Environment().after({"environment.yml": b"name: research\ndependencies:\n- numpy\n"})
    found = find_interpreters(str(project), [".venv"], declared, Surroundings(str(home)))
    by_label = {interpreter.label: interpreter for interpreter in found}
    assert by_label["conda: research"].version == "3.10.13"
    assert by_label["conda: research"].is_of_project
    assert by_label["pyenv: 3.11.4"].version == "3.11.4"
    assert not by_label["pyenv: 3.11.4"].is_of_project
    assert by_label[".venv"].version == "3.11.7"
    assert by_label[".venv"].problem is not None
    assert [interpreter.is_of_project for interpreter in found] == [True, True, False]
    assert read_installed(by_label["conda: research"], NoProgress()).conda_packages["numpy"] == "1.26.4"


def test_poetry_s_environment_is_known_by_the_hash_in_its_name(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    # By poetry's published formula, apart from our own code.
    script = "import base64,hashlib,sys;print(base64.urlsafe_b64encode(hashlib.sha256(sys.argv[1].encode()).digest()).decode()[:8])"
    digest = subprocess.run(
        [sys.executable, "-c", script, project], check=True, capture_output=True, text=True
    ).stdout.strip()
    make_site_packages(tmp_path / "home/.cache/pypoetry/virtualenvs" / f"project-{digest}-py3.11")
    make_site_packages(tmp_path / "home/.cache/pypoetry/virtualenvs" / "other-AAAAAAAA-py3.11")
    found = find_interpreters(str(project), [], Environment(), Surroundings(str(tmp_path / "home")))
    assert [interpreter.is_of_project for interpreter in found] == [True, False]


def test_an_activated_environment_belongs_to_the_project(tmp_path: Path) -> None:
    make_site_packages(tmp_path / "venvs" / "mine")
    surroundings = Surroundings(str(tmp_path), variables={"VIRTUAL_ENV": str(tmp_path / "venvs" / "mine")})
    found = find_interpreters(str(tmp_path), [], Environment(), surroundings)
    assert [(interpreter.label, interpreter.is_of_project) for interpreter in found] == [("activated: mine", True)]


def test_includes_links_and_large_files(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("-r deps.list\n-r gone.txt\n")
    (project / "deps.list").write_text("numpy==1.26.4\n")
    (tmp_path / "secret.txt").write_text("stolen==1\n")
    (project / "requirements-link.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(project / "requirements-pipe.txt")
    with (project / "poetry.lock").open("wb") as file:
        file.truncate(2 * 1024**3)
    environment = gather(project, nowhere(tmp_path))
    assert [entry.name for entry in environment.requirements] == ["numpy"]
    assert [unread.is_fault for unread in environment.by_path["poetry.lock"].unread] == [False]
    assert environment.by_path["poetry.lock"].is_lock
    assert "stolen" not in repr(environment)


def test_a_cached_file_is_not_read_again(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    rows = "".join(f"package-{number}=={number}\n" for number in range(5_000))
    (project / "requirements.txt").write_text(rows)
    os.utime(project / "requirements.txt", ns=(1, 1))
    first = gather(project, nowhere(tmp_path), cache=(cache := Cache(tmp_path / "cache", str(project))))
    cache.close()
    again = gather(project, nowhere(tmp_path), cache=(cache := Cache(tmp_path / "cache", str(project))))
    cache.close()
    assert first == again
    assert len(again.requirements) == 5_000


def test_an_interpreter_without_packages_says_so(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text(textwrap.dedent("home = /usr/bin\nversion = 3.12.1\n"))
    interpreter = interpreter_at(str(tmp_path))
    assert interpreter is not None
    assert interpreter.problem is not None
    assert interpreter.version == "3.12.1"
    assert interpreter_at(str(tmp_path / "nothing")) is None


def test_a_vanished_folder_is_a_sentence(tmp_path: Path) -> None:
    read_back = read_installed(Interpreter("x", "x", "venv", site_packages=(str(tmp_path / "gone"),)), NoProgress())
    assert not read_back.distributions
    assert read_back.unread
