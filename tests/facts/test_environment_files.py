"""The other formats that say something about the environment."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.conda_files import parse_match
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin
from repro_gui.facts.environment import Environment
from repro_gui.facts.environment_files import group_of_path, parse_environment_file, recognise
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.location import Location
from repro_gui.text import Text

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def parse(path: str, content: str) -> EnvironmentFile:
    return parse_environment_file(path, content.encode())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("requirements.txt", FileFormat.REQUIREMENTS),
        ("docs/requirements-docs.txt", FileFormat.REQUIREMENTS),
        ("requirements/gpu.txt", FileFormat.REQUIREMENTS),
        ("constraints.txt", FileFormat.REQUIREMENTS),
        ("dev-requirements.in", FileFormat.REQUIREMENTS),
        ("Dockerfile", FileFormat.DOCKERFILE),
        ("docker/Dockerfile.gpu", FileFormat.DOCKERFILE),
        ("gpu.Dockerfile", FileFormat.DOCKERFILE),
        ("Containerfile", FileFormat.DOCKERFILE),
        ("environment.yml", FileFormat.CONDA),
        ("conda_env.yaml", FileFormat.CONDA),
        ("envs/train.yaml", FileFormat.CONDA),
        ("conda-lock.yml", FileFormat.CONDA_LOCK),
        ("pylock.dev.toml", FileFormat.PYLOCK),
        (".github/workflows/test.yml", FileFormat.CI),
        ("docker-compose.dev.yml", FileFormat.COMPOSE),
        ("train.py", None),
        ("dockerfile_checks.py", None),
        ("Dockerfile.j2", None),
        ("notes.txt", None),
        ("config/model.yaml", None),
    ],
)
def test_files_are_recognised_by_name(path: str, kind: FileFormat | None) -> None:
    assert recognise(path) is kind


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("requirements.txt", ""),
        ("requirements-dev.txt", "dev"),
        ("requirements/test.txt", "test"),
        ("docs/requirements.txt", "docs"),
        ("device/requirements.txt", ""),
    ],
)
def test_groups_by_name(path: str, group: str) -> None:
    assert group_of_path(path) == group


@pytest.mark.parametrize(
    ("written", "name", "pin", "version"),
    [
        ("numpy", "numpy", Pin.ANY, ""),
        ("numpy=1.26", "numpy", Pin.FUZZY, "1.26"),
        ("numpy=1.26.*", "numpy", Pin.FUZZY, ""),
        ("numpy=1.26.4", "numpy", Pin.EXACT, "1.26.4"),
        ("numpy==1.26", "numpy", Pin.EXACT, "1.26"),
        ("numpy=1.26.4=py311_0", "numpy", Pin.EXACT, "1.26.4"),
        ("numpy 1.26.4 py311_0", "numpy", Pin.EXACT, "1.26.4"),
        ("conda-forge::numpy>=1.20,<2", "numpy", Pin.RANGE, ""),
        ("numpy >=1.20, <2", "numpy", Pin.RANGE, ""),
        ("numpy[version='>=1']", "numpy", Pin.RANGE, ""),
        ("numpy=1.25|1.26", "numpy", Pin.RANGE, ""),
    ],
)
def test_conda_entries(written: str, name: str, pin: Pin, version: str) -> None:
    entry = parse_match(written, Location("environment.yml"))
    assert entry is not None
    assert (entry.name, entry.pin, entry.version) == (name, pin, version)


def test_conda_file_with_pip_part_prefix_and_secret_channel() -> None:
    file = parse(
        "environment.yml",
        "name: research\nchannels:\n  - conda-forge\n  - https://conda.anaconda.org/t/tk-secret/mine\ndependencies:\n"
        "  - python=3.10\n  - numpy=1.26\n  - pip:\n    - torch>=2 # c\n    - -r more.txt\nprefix: /home/me/envs/research\n",
    )
    assert [(entry.name, entry.is_conda, entry.location.line) for entry in file.requirements] == [
        ("numpy", True, 7),
        ("torch", False, 9),
    ]
    assert [version.version for version in file.python_versions] == ["3.10"]
    assert file.includes[0].path == "more.txt"
    assert file.prefix is not None
    assert file.prefix.line == 11
    assert file.indexes[0].has_credentials
    assert "tk-secret" not in repr(file)
    assert file.project_name == "research"


def test_other_yaml_called_environment_is_no_list() -> None:
    assert not parse("configs/env.yaml", "seed: 1\nname: CartPole\n").is_list
    assert not parse("configs/env.yaml", "a: [1\n").unread


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, "- " * 5_000, "&a [*a, *a]", "a: &b [x]\nc: [*b, *b]", "{a: b", "\x00", "!!python/object:os.x {}"],
)
def test_hostile_yaml_ends_in_a_sentence(content: str) -> None:
    assert isinstance(read_yaml(content), YamlNode | Text | None)


@given(st.text(alphabet=st.sampled_from("ab-:[]{}&*!|>'\"#?, \n\t%@`"), max_size=80))
def test_any_yaml_is_survived(content: str) -> None:
    assert isinstance(read_yaml(content), YamlNode | Text | None)


def test_pyproject_dialects() -> None:
    file = parse(
        "pyproject.toml",
        """[project]
name = "My_Project"
requires-python = ">=3.10"
dependencies = ["numpy>=1.20", "torch"]
[project.optional-dependencies]
gpu = ["cupy"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
[tool.poetry.dependencies]
python = "~3.10"
scipy = "^1.2"
pandas = {version = "2.2.0", optional = true}
bee = {git = "https://u:secret@github.com/a/b.git", branch = "main"}
[tool.poetry.group.docs.dependencies]
sphinx = "*"
[tool.pdm.dev-dependencies]
x = ["tox"]
[tool.uv.sources]
torch = {git = "https://github.com/pytorch/pytorch", rev = "main"}
[[tool.uv.index]]
url = "https://secret@pypi.corp.example/simple"
""",
    )
    found = {entry.name: (entry.pin, entry.group) for entry in file.requirements}
    assert found == {
        "numpy": (Pin.RANGE, ""),
        "torch": (Pin.MOVING, ""),
        "cupy": (Pin.ANY, "gpu"),
        "pytest": (Pin.ANY, "dev"),
        "scipy": (Pin.RANGE, ""),
        "pandas": (Pin.EXACT, "optional"),
        "bee": (Pin.MOVING, ""),
        "sphinx": (Pin.ANY, "docs"),
        "tox": (Pin.ANY, "dev"),
    }
    assert file.project_name == "my-project"
    assert [version.is_range for version in file.python_versions] == [True, True]
    assert "secret" not in repr(file)
    assert file.requirements[0].location == Location("pyproject.toml", 4, 17, 4, 30)


def test_pyproject_without_dependencies_is_no_list() -> None:
    assert not parse("pyproject.toml", "[tool.ruff]\nline-length = 100\n").is_list


def test_dynamic_dependencies() -> None:
    named = parse(
        "pyproject.toml",
        "[project]\nname='x'\ndynamic=['dependencies']\n[tool.setuptools.dynamic]\ndependencies={file=['requirements.txt']}",
    )
    assert named.includes[0].path == "requirements.txt"
    unknown = parse("pyproject.toml", "[project]\nname='x'\ndynamic=['dependencies']\n")
    assert [unread.is_fault for unread in unknown.unread] == [False]


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.lock", "poetry.lock", "Pipfile"])
@pytest.mark.parametrize("content", ["[project", "a = " + "[" * 5_000, "a=1\na=2", "\ufeff[x", "x = \x00"])
def test_broken_toml_is_said(path: str, content: str) -> None:
    file = parse(path, content)
    assert file.unread
    assert file.unread[0].is_fault


def test_setup_py_is_read_by_syntax_alone() -> None:
    file = parse(
        "setup.py",
        "import os\nos.system('touch /tmp/never')\nNEEDS = ['a==1', 'b>=2']\n"
        "setup(install_requires=NEEDS, extras_require={'dev': ['c']}, python_requires='>=3.8')\n",
    )
    assert [(entry.name, entry.group) for entry in file.requirements] == [("a", ""), ("b", ""), ("c", "dev")]
    computed = parse("setup.py", "from setuptools import setup\nsetup(install_requires=read())\n")
    assert computed.is_list
    assert computed.unread
    reads_file = parse("setup.py", "setup(install_requires=open('requirements.txt').read().split())\n")
    assert reads_file.includes[0].path == "requirements.txt"
    assert parse("setup.py", "print 'two'\n").unread


def test_setup_py_with_a_table_of_dependencies() -> None:
    """The way of Hugging Face's projects: a list, a dictionary made from it by name, entries looked up there."""
    file = parse(
        "setup.py",
        "import re\n_deps = ['accelerate==0.29.3', 'torch>=2.1,<2.3', 'huggingface-hub>=0.19']\n"
        "deps = {b: a for a, b in (re.findall(r'^(([^!=<>~ ]+)(?:[!=<>~ ].*)?$)', x)[0] for x in _deps)}\n"
        "more = {'six': 'six==1.16.0'}\n"
        "extras = {}\nextras['gpu'] = deps_list('torch')\nextras['t'] = ['tox']\nextras['all'] = extras['gpu'] + extras['t']\n"
        "setup(install_requires=[deps['accelerate'], deps['huggingface-hub'], deps['torch'], more['six'], deps['gone']],\n"
        "      extras_require=extras)\n",
    )
    grouped = [(entry.name, entry.group) for entry in file.requirements if entry.group]
    assert grouped == [("torch", "gpu"), ("tox", "t")]
    file = msgspec.structs.replace(file, requirements=tuple(one for one in file.requirements if not one.group))
    found = [(entry.written, entry.location.line) for entry in file.requirements]
    assert found == [
        ("accelerate==0.29.3", 2),
        ("huggingface-hub>=0.19", 2),
        ("torch>=2.1,<2.3", 2),
        ("six==1.16.0", 4),
    ]
    assert len(file.unread) == 1


def test_setup_cfg() -> None:
    file = parse("setup.cfg", "[options]\ninstall_requires =\n    a>=1\n    # c\n    b\npython_requires = >=3.9\n")
    assert [(entry.name, entry.location.line) for entry in file.requirements] == [("a", 3), ("b", 5)]
    one_line = parse("setup.cfg", "[options]\ninstall_requires = a>=1,<2; b\n")
    assert [entry.written for entry in one_line.requirements] == ["a>=1,<2", "b"]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        (
            "uv.lock",
            (
                'version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "me"\nversion = "0"\n'
                'source = { virtual = "." }\n[package.metadata]\nrequires-dist = [{ name = "six", specifier = ">=1" }]\n'
                '[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "https://x" }\n'
                'wheels = [{ url = "https://x/six.whl", hash = "sha256:aa" }]\n'
            ),
            [("six", "1.16.0", 10, 1, "index")],
        ),
        (
            "poetry.lock",
            (
                '[[package]]\nname = "six"\nversion = "1.16.0"\nfiles = [\n {file = "a", hash = "sha256:a"},\n]\n\n'
                '[metadata]\npython-versions = "^3.10"\n'
            ),
            [("six", "1.16.0", 2, 1, "index")],
        ),
        (
            "pylock.toml",
            f'lock-version = "1.0"\n[[packages]]\nname = "bee"\nvcs = {{ type = "git", commit-id = "{COMMIT}" }}\n',
            [("bee", "", 3, 0, "git")],
        ),
        (
            "Pipfile.lock",
            (
                '{"_meta": {"requires": {"python_version": "3.11"}},\n "default": {\n  "six": {"version": "==1.16.0",'
                ' "hashes": ["sha256:a"]}}}'
            ),
            [("six", "1.16.0", 3, 1, "index")],
        ),
        (
            "conda-lock.yml",
            "package:\n- name: numpy\n  version: 1.26.4\n  manager: conda\n  hash:\n    md5: a\n",
            [("numpy", "1.26.4", 2, 1, "conda")],
        ),
    ],
)
def test_locks(path: str, content: str, expected: list[tuple[str, str, int, int, str]]) -> None:
    file = parse(path, content)
    assert file.is_lock
    found = [(item.name, item.version, item.line, item.hashes, item.source) for item in file.locked]
    assert found == expected


def test_uv_lock_remembers_its_list() -> None:
    file = parse(
        "uv.lock",
        '[[package]]\nname="me"\nsource={editable="."}\n[package.metadata]\nrequires-dist=[{name="Six", specifier=">=1"}]\n',
    )
    assert file.recorded == ("six >=1",)


DOCKERFILE = """# syntax=docker/dockerfile:1
ARG PY=3.11.9
ARG REGISTRY
FROM --platform=linux/amd64 python:${PY}-slim AS base
ARG TORCH=2.3.1
RUN --mount=type=cache,target=/cache \\
    # a comment inside
    pip install --no-cache-dir "torch==${TORCH}" numpy && \\
    apt-get update && apt-get install -y git libgl1=1.2
FROM ${REGISTRY}/x:1 AS two
COPY --from=base /a /b
COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/
RUN <<EOF
pip install -r requirements.txt
conda install -y python=3.10 "scipy>=1.2"
EOF
RUN ["python", "-m", "pip", "install", "six"]
FROM localhost:5000/team/image@sha256:aa
FROM base
"""


def test_dockerfile() -> None:
    file = parse("Dockerfile", DOCKERFILE)
    images = [(image.name, image.tag, image.digest, image.stage, image.unknown_arguments) for image in file.images]
    assert images == [
        ("python", "3.11.9-slim", "", "", ()),
        ("${REGISTRY}/x", "1", "", "", ("REGISTRY",)),
        ("ghcr.io/astral-sh/uv", "latest", "", "", ()),
        ("localhost:5000/team/image", "", "sha256:aa", "", ()),
        ("base", "", "", "base", ()),
    ]
    assert file.images[0].location == Location("Dockerfile", 4, 29, 4, 46)
    names = [[entry.written for entry in install.requirements] for install in file.installs]
    assert names == [["torch==2.3.1", "numpy"], [], [], ["scipy>=1.2"], ["six"]]
    assert file.installs[1].packages == ("git", "libgl1=1.2")
    assert file.installs[2].files == ("requirements.txt",)
    assert [version.version for version in file.python_versions] == ["3.11.9", "3.10"]


@given(st.text(alphabet=st.sampled_from("FROMRUNARGCOPY abx=$ {}:@/\\\n\"'<>&|;#-[]"), max_size=200))
def test_any_dockerfile_is_survived(content: str) -> None:
    assert parse("Dockerfile", content).format is FileFormat.DOCKERFILE


def test_a_bomb_of_build_arguments_does_not_grow() -> None:
    lines = ["ARG A0=xxxxxxxxxx", *(f"ARG A{i}=${{A{i - 1}}}${{A{i - 1}}}" for i in range(1, 40)), "FROM ${A39}"]
    file = parse("Dockerfile", "\n".join(lines))
    assert len(file.images[0].name) < 1_000_000


@pytest.mark.parametrize(
    ("path", "content", "versions"),
    [
        (".python-version", "3.11.4\n3.10\n", [("3.11.4", False, False)]),
        ("runtime.txt", "python-3.9.1\n", [("3.9.1", False, False)]),
        (".tool-versions", "nodejs 20\npython 3.12.1 3.11\n", [("3.12.1", False, False)]),
        (
            ".github/workflows/t.yml",
            (
                "jobs:\n  a:\n    strategy:\n      matrix:\n        python-version: ['3.10', '3.11']\n    steps:\n"
                "    - with: {python-version: '3.12'}\n    - with: {python-version: '${{ matrix.x }}'}\n"
            ),
            [("3.10", False, True), ("3.11", False, True), ("3.12", False, False)],
        ),
        ("setup.cfg", "[options]\npython_requires = ==3.11.4\n", [("3.11.4", False, False)]),
        ("python_env.yaml", 'python: "3.10.4"\ndependencies: [numpy==1.26.4]\n', [("3.10.4", False, False)]),
    ],
)
def test_python_versions(path: str, content: str, versions: list[tuple[str, bool, bool]]) -> None:
    file = parse(path, content)
    assert [(item.version, item.is_range, item.is_tested) for item in file.python_versions] == versions


def test_recognised_but_not_read_is_no_fault() -> None:
    for path in ("pixi.toml", "flake.nix", "image.def"):
        file = parse(path, "x")
        assert [unread.is_fault for unread in file.unread] == [False]


def test_after_reads_changes_and_forgets_what_is_gone() -> None:
    one = Environment().after({"requirements.txt": b"a\n", "uv.lock": b"", "notes.md": b"x"})
    two = one.after({"requirements.txt": b"-r more.txt\n", "more.txt": b"b==1\n", "uv.lock": None})
    assert [file.path for file in two.files] == ["more.txt", "requirements.txt"]
    assert [entry.name for entry in two.requirements] == ["b"]


FORMATS = [
    *(
        "requirements.txt",
        "pyproject.toml",
        "environment.yml",
        "setup.cfg",
        "setup.py",
        "uv.lock",
        "poetry.lock",
        "pylock.toml",
    ),
    *(
        "Pipfile",
        "Pipfile.lock",
        "conda-lock.yml",
        "Dockerfile",
        "compose.yaml",
        "devcontainer.json",
        ".python-version",
    ),
    *(".tool-versions", "python_env.yaml", ".gitlab-ci.yml", "pdm.lock"),
]


@pytest.mark.parametrize("path", FORMATS)
@given(content=st.binary(max_size=200))
def test_any_bytes_in_any_format(path: str, content: bytes) -> None:
    assert parse_environment_file(path, content).path == path


@pytest.mark.parametrize("path", FORMATS)
def test_cut_off_files_are_survived(path: str) -> None:
    whole = {
        "Dockerfile": DOCKERFILE,
        "Pipfile.lock": '{"default": {"six": {"version": "==1"}}}',
        "environment.yml": "dependencies:\n- numpy=1\n- pip:\n  - torch==1\n",
    }.get(path, '[project]\nname = "x"\ndependencies = ["a==1"]\n[[package]]\nname = "six"\nversion = "1"\n')
    for end in range(0, len(whole), 3):
        parse(path, whole[:end])


@pytest.mark.parametrize("path", FORMATS)
def test_large_and_deep_files_are_survived(path: str) -> None:
    for content in ("[" * 200_000, "a=" * 100_000, "x\n" * 100_000, "(" * 50_000, "{" * 200_000, "- " * 50_000):
        parse(path, content)


def test_the_variables_of_the_image_that_a_dockerfile_ends_with() -> None:
    content = b"""\
FROM python:3.11 AS base
ENV OMP_NUM_THREADS=4 MKL_NUM_THREADS=2
FROM scratch AS tools
ENV TOOLS=1
FROM base
ENV MKL_NUM_THREADS 8
"""
    variables = parse_environment_file("Dockerfile", content).variables
    assert [(one.name, one.value, one.location.line) for one in variables] == [
        ("OMP_NUM_THREADS", "4", 2),
        ("MKL_NUM_THREADS", "8", 6),
    ]
