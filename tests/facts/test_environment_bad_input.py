"""Every environment format, whole ones that a person could have: cut off, wrongly encoded, repeated, hostile, and in circles."""

from __future__ import annotations

import json
import random

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.checks.check import Sketch
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat
from repro_gui.facts.environment import Environment
from repro_gui.facts.environment_files import parse_environment_file, recognise
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.pin_status import disagreements, pin_statuses
from repro_gui.facts.rebuild_plan import NothingToRebuild, plan_rebuild
from repro_gui.knowledge import load_knowledge
from repro_gui.location import Location
from tests.sketches import snapshot_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SECRET = "s3cr3t-t0ken"
WHOLE: dict[str, str] = {
    "requirements.txt": (
        f"--index-url https://me:{SECRET}@packages.example.org/simple\n-r more.txt\n-c limits.txt\n"
        "numpy[extra]>=1.2 ; python_version < '3.12'  # arrays\n"
        f"six==1.16.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"
        f"-e git+https://me:{SECRET}@git.example.org/a/b.git@main#egg=b&subdirectory=c\noel @ https://example.org/o.whl\n./here\n"
    ),
    "explicit.txt": f"# platform: linux-64\n@EXPLICIT\nhttps://conda.example.org/linux-64/numpy-1.26.4-py311h_0.conda#{'c' * 32}\n",
    "pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "ä"\nversion = "0"\nrequires-python = ">=3.10"\n'
        'dependencies = ["numpy>=1.2", "torch==2.1 ; sys_platform == \'linux\'"]\ndynamic = ["readme"]\n'
        '[project.optional-dependencies]\nplots = ["matplotlib"]\n[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\nx = []\n'
        f'[tool.poetry.dependencies]\npython = "^3.10"\nbee = {{ git = "https://me:{SECRET}@git.example.org/b.git", branch = "m" }}\n'
        'many = [{ version = "1", python = "<3.11" }, { version = "2", markers = "python_version >= \'3.11\'" }]\n'
        '[tool.pdm.dev-dependencies]\ntest = ["tox"]\n[tool.uv.sources]\nnumpy = { path = "../numpy" }\n'
    ),
    "setup.cfg": (
        "[metadata]\nname = thing\n[options]\npython_requires = >=3.8\ninstall_requires =\n    numpy>=1\n    file: more.txt\n"
        "[options.extras_require]\nall = a; b\n"
    ),
    "setup.py": (
        "from setuptools import setup\nNEEDS = ['numpy>=1', 'umlaut']  # ä\nsetup(name='x', install_requires=NEEDS,\n"
        "      extras_require={'a': ['b==1']}, python_requires='>=3.8')\n"
    ),
    "environment.yml": (
        f"name: ü\nchannels:\n  - https://conda.example.org/t/{SECRET}/x\n  - defaults\ndependencies:\n  - python=3.11.4\n"
        "  - numpy=1.26=py311h_0\n  - conda-forge::scipy>=1.2,<2\n  - pip:\n    - torch==2.1\n    - -r more.txt\nprefix: /home/me/x\n"
    ),
    "uv.lock": (
        'version = 1\nrequires-python = ">=3.10"\n\n[[package]]\nname = "mine"\nversion = "0"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "six" }, { name = "tomli", marker = "python_version < \'3.11\'" }]\n'
        '[package.metadata]\nrequires-dist = [{ name = "six", specifier = ">=1" }]\n'
        f'[package.metadata.requires-dev]\ndev = [{{ name = "pytest" }}]\n\n[[package]]\nname = "six"\nversion = "1.16.0"\n'
        'source = { registry = "https://index.example.org/simple" }\n'
        f'sdist = {{ url = "https://files.example.org/six-1.16.0.tar.gz", hash = "sha256:{"a" * 64}" }}\n'
        f'wheels = [\n    {{ url = "https://files.example.org/six-1.16.0-py3-none-any.whl", hash = "sha256:{"b" * 64}" }},\n]\n'
    ),
    "poetry.lock": (
        f'[[package]]\nname = "six"\nversion = "1.16.0"\noptional = false\npython-versions = ">=3.8"\ngroups = ["main"]\n'
        f'files = [\n    {{file = "six-1.16.0-py3-none-any.whl", hash = "sha256:{"a" * 64}"}},\n]\n\n'
        '[package.dependencies]\nbee = {version = "*", markers = "sys_platform == \'win32\'"}\nsea = [{version = "1"}, {version = "2"}]\n\n'
        f'[package.source]\ntype = "git"\nurl = "https://git.example.org/a"\nresolved_reference = "{COMMIT}"\n\n'
        '[metadata]\nlock-version = "2.1"\npython-versions = "^3.10"\n'
    ),
    "pdm.lock": (
        '[metadata]\ngroups = ["default"]\nlock_version = "4.5.0"\n[[metadata.targets]]\nrequires_python = ">=3.10"\n\n[[package]]\n'
        'name = "six"\nversion = "1.16.0"\nrequires_python = ">=3.8"\ndependencies = ["bee; python_version < \'3\'", "sea>=1"]\n'
        f'files = [\n    {{file = "six-1.16.0-py3-none-any.whl", hash = "sha256:{"a" * 64}"}},\n]\n'
    ),
    "pylock.toml": (
        'lock-version = "1.0"\nrequires-python = ">=3.10"\ncreated-by = "uv"\n\n[[packages]]\nname = "six"\nversion = "1.16.0"\n'
        'requires-python = ">=3.8"\nmarker = "python_version > \'3\'"\nindex = "https://index.example.org/simple"\n'
        f'wheels = [{{ url = "https://files.example.org/six-1.16.0-py3-none-any.whl", hashes = {{ sha256 = "{"a" * 64}" }} }}]\n\n'
        f'[[packages]]\nname = "bee"\nvcs = {{ type = "git", url = "https://git.example.org/b", commit-id = "{COMMIT}" }}\n'
    ),
    "Pipfile": (
        '[[source]]\nurl = "https://index.example.org/simple"\n[packages]\nnumpy = "*"\nsix = {version = "==1.16.0", markers = "os_name == \'nt\'"}\n'
        f'bee = {{git = "https://me:{SECRET}@git.example.org/b.git", ref = "main"}}\nhere = {{path = "./here", editable = true}}\n'
        '[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.11"\n'
    ),
    "Pipfile.lock": json.dumps(
        {
            "_meta": {"requires": {"python_version": "3.11"}, "sources": [{"url": "https://index.example.org/simple"}]},
            "default": {
                "six": {"version": "==1.16.0", "hashes": [f"sha256:{'a' * 64}"]},
                "bee": {"git": "https://x/b", "ref": COMMIT},
            },
            "develop": {"ö": {"path": "."}},
        },
        indent=4,
    ),
    "conda-lock.yml": (
        "version: 1\nmetadata:\n  platforms: [linux-64]\npackage:\n- name: numpy\n  version: 1.26.4\n  manager: conda\n"
        f"  platform: linux-64\n  hash:\n    md5: {'a' * 32}\n  category: main\n- name: six\n  version: 1.16.0\n  manager: pip\n"
    ),
    "Dockerfile": (
        '# syntax=docker/dockerfile:1\nARG TAG=3.11\nFROM --platform=linux/amd64 python:${TAG}-slim AS build\nARG TAG\nENV A=1 B="x y"\n'
        "RUN apt-get update && apt-get install -y --no-install-recommends git=1:2 curl \\\n    && pip install 'numpy>=1' six==1.16.0 \\\n    # ü\n"
        f"    && git clone --branch v1 https://me:{SECRET}@git.example.org/a.git\nRUN <<EOF\npip install torch\nEOF\n"
        'FROM build\nCOPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/\nCOPY requirements.txt .\nRUN ["pip", "install", "-r", "requirements.txt"]\n'
    ),
    "compose.yaml": "services:\n  db:\n    image: postgres:${V:-16}\n  app:\n    build: .\n    image: mine:1\n",
    ".devcontainer/devcontainer.json": '{\n  // ä\n  "image": "mcr.microsoft.com/devcontainers/python:3.11",\n  "features": {},\n}\n',
    ".python-version": "3.11.9\n# ä\n3.10\n",
    "runtime.txt": "python-3.11.9\n",
    ".tool-versions": "python 3.11.9 3.10.1\nnodejs 20\n",
    "python_env.yaml": "python: 3.11.9\nbuild_dependencies:\n  - pip\ndependencies:\n  - -r requirements.txt\n  - numpy==1.26.4\n",
    ".github/workflows/ci.yml": (
        "jobs:\n  test:\n    strategy:\n      matrix:\n        python-version: ['3.10', '3.11']\n    steps:\n"
        "      - uses: actions/setup-python@v5\n        with:\n          python-version: ${{ matrix.python-version }}\n"
    ),
    ".gitlab-ci.yml": "image: python:3.11\ntest:\n  image: python:3.12\n  script: [pytest]\n",
    "pixi.toml": '[project]\nname = "x"\n',
    "image.def": "Bootstrap: docker\nFrom: python:3.11\n",
    "flake.nix": "{ outputs = { self }: { }; }\n",
}


def parse(path: str, content: bytes) -> EnvironmentFile:
    parsed = parse_environment_file(path, content)
    assert parsed.path == path
    decoded = decode_text(content)
    lines = len(decoded.content.splitlines()) + 1 if decoded else 1
    for place in places_of(parsed):
        assert place.path == path
        assert 0 <= place.line <= lines
        assert place.end_line <= lines
    return parsed


def places_of(file: EnvironmentFile) -> list[Location]:
    found = [item.location for group in (file.requirements, file.includes, file.indexes, file.images) for item in group]
    found += [item.location for group in (file.installs, file.python_versions, file.unread) for item in group]
    return found + [Location(file.path, package.line) for package in file.locked]


def test_every_format_is_here_and_whole() -> None:
    kinds = {recognise(path) for path in WHOLE}
    # A list of conda with addresses is told by what stands in it.
    assert kinds | {FileFormat.CONDA_EXPLICIT} >= set(FileFormat)
    for path, content in WHOLE.items():
        parsed = parse(path, content.encode())
        assert SECRET not in repr(parsed), path
        unread = [item for item in parsed.unread if item.is_fault]
        assert not unread, (path, unread)
        assert (
            parsed.requirements
            or parsed.locked
            or parsed.images
            or parsed.python_versions
            or parsed.unread
            or path == "explicit.txt"
        ), path


@pytest.mark.parametrize("path", WHOLE)
def test_cut_off_anywhere(path: str) -> None:
    content = WHOLE[path].encode()
    for end in range(len(content)):
        parse(path, content[:end])
        parse(path, content[end:])


@pytest.mark.parametrize("path", [path for path, content in WHOLE.items() if SECRET in content])
def test_a_secret_never_gets_into_the_facts(path: str) -> None:
    """Also of a file that ends in the middle of it."""
    content = WHOLE[path].encode()
    after = max(content.rfind(SECRET.encode()) + len(SECRET), 0)
    for end in range(after, min(after + 60, len(content))):
        assert SECRET not in repr(parse_environment_file(path, content[:end])), content[:end]
    assert SECRET not in repr(parse_environment_file(path, content.replace(b"https://", b"//")))
    assert SECRET not in repr(parse_environment_file(path, content.replace(b" ", b"\x1b[31m")))


@pytest.mark.parametrize("path", WHOLE)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp037"])
def test_other_encodings(path: str, encoding: str) -> None:
    content = WHOLE[path]
    parsed = parse(path, content.encode(encoding, "replace"))
    if encoding in {"utf-8-sig", "utf-16"} and recognise(path) in {
        FileFormat.REQUIREMENTS,
        FileFormat.DOCKERFILE,
        FileFormat.CONDA,
    }:
        # What has a byte order mark says how it is to be read.
        assert [entry.name for entry in parsed.requirements] == [
            entry.name for entry in parse(path, content.encode()).requirements
        ]


@pytest.mark.parametrize("path", WHOLE)
def test_other_line_ends_and_control_characters(path: str) -> None:
    content = WHOLE[path]
    for ends in ("\r\n", "\r", "\x0b", "\u2028", "\n\n\n"):
        parse(path, content.replace("\n", ends).encode())
    for character in ("\x00", "\x1b[31m", "\u202e", "\ufeff", "\udcff", "\x85"):
        parse(path, content.replace(" ", character).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("path", WHOLE)
def test_broken_in_the_middle(path: str) -> None:
    """Bytes changed, lost and doubled, always the same ones."""
    chance = random.Random(path)
    content = bytearray(WHOLE[path].encode())
    for _round in range(150):
        broken = bytearray(content)
        for _edit in range(chance.randint(1, 6)):
            place = chance.randrange(len(broken))
            match chance.randrange(3):
                case 0:
                    broken[place] = chance.choice(b"\x00\"'[]{}()\\\n#=:;@,-\xff ")
                case 1:
                    del broken[place : place + chance.randint(1, 20)]
                    broken = broken or bytearray(b" ")
                case _:
                    broken[place:place] = broken[place : place + chance.randint(1, 40)]
        parse(path, bytes(broken))


@pytest.mark.parametrize("path", WHOLE)
def test_huge(path: str) -> None:
    content = WHOLE[path]
    parse(path, (content * (200_000 // len(content))).encode())
    parse(path, (content + "x" * 200_000).encode())
    parse(path, (content + "\n" * 200_000).encode())


HOSTILE = [
    "a" * 5_000 + "==1\n",
    "numpy" + "[" * 5_000 + "]" * 5_000 + "\n",
    "numpy" + ">=1," * 5_000 + "\n",
    "numpy ; " + "(" * 2_000 + "python_version > '3'" + ")" * 2_000 + "\n",
    "numpy ; " + "python_version > '3' or " * 3_000 + "python_version > '3'\n",
    "\\\n" * 20_000,
    "-r " * 10_000 + "\n",
    "git+" * 10_000 + "\n",
    "a @ " * 10_000 + "\n",
    "==" * 20_000 + "\n",
    "name" + " " * 200_000 + "==1\n",
    "FROM " + "$" * 20_000 + "\n",
    "FROM ${" * 5_000 + "\n",
    "RUN " + "&& " * 20_000 + "\n",
    "RUN pip install " + "'" * 20_001 + "\n",
    "RUN " + "$(" * 10_000 + "\n",
    "RUN <<E" * 2_000 + "\n",
    '{"image": "' + "a" * 500_000,
    '{"a":' * 50_000,
    "a: " * 20_000,
    "? " * 20_000,
    "&a [" * 5_000,
    "[[package]]\n" * 5_000,
    "[a." + "b." * 20_000 + "c]\n",
    "a = " + "[" * 50_000,
    'a = "' + "\\" * 99_999,
    "'''" * 50_001,
    "setup(" + "(" * 50_000,
    "setup(install_requires=[" + "'a'," * 10_000 + "])",
    "setup(install_requires=" + "a+" * 50_000 + "b)",
    "python-" + "3." * 50_000,
    "3" * 200_000,
]


@pytest.mark.parametrize("path", WHOLE)
def test_hostile(path: str) -> None:
    for content in HOSTILE:
        parse(path, content.encode())


# ---- circles ----


CIRCLES = [
    {"requirements.txt": "-r requirements.txt\nsix\n"},
    {
        "requirements.txt": "-r a.txt\nsix\n",
        "a.txt": "-r b.txt\nbee\n",
        "b.txt": "-r requirements.txt\n-r a.txt\nsea\n",
    },
    {"requirements.txt": "-c limits.txt\nsix\n", "limits.txt": "-c limits.txt\n-r requirements.txt\nsix==1.16.0\n"},
    {
        "requirements.in": "-r base.in\nsix>=1\n",
        "base.in": "-r requirements.in\n",
        "requirements.txt": "# autogenerated by pip-compile\n#    -r requirements.in\n-r base.in\nsix==1.16.0\n",
    },
    {
        "environment.yml": "dependencies:\n- pip:\n  - -r requirements.txt\n",
        "requirements.txt": "-r environment.yml\nsix\n",
    },
    {
        "setup.cfg": "[options]\ninstall_requires = file: more.txt\n",
        "more.txt": "-r setup.cfg\n-r ../outside.txt\n-r /etc/passwd\nsix\n",
    },
    {
        "a/requirements.txt": "-r ../b/requirements.txt\n",
        "b/requirements.txt": "-r ../a/requirements.txt\n-r ../../up.txt\nsix\n",
    },
]


@pytest.mark.parametrize("files", CIRCLES)
def test_circles_end(files: dict[str, str]) -> None:
    environment = Environment().after({path: content.encode() for path, content in files.items()})
    assert set(environment.by_path) <= set(files)
    assert environment.requirements or environment.constraint_files
    for file in environment.files:
        included = environment.with_includes((file.path,))
        assert len(included) == len(set(included))
    pin_statuses(environment)
    disagreements(environment)
    facts = FactsFor(snapshot_of(Sketch({**files, "train.py": "import six\n"})), load_knowledge())
    try:
        plan = plan_rebuild(environment, facts.program, ImportNames())
    except NothingToRebuild:
        return
    assert len(plan.sources) == len(set(plan.sources))
    assert not [path for path in plan.sources if path.startswith(("/", ".."))]


def test_a_long_chain_of_includes_ends() -> None:
    files = {f"r{number}.txt": f"-r r{number + 1}.txt\nsix\n".encode() for number in range(1_500)}
    environment = Environment().after({"requirements.txt": b"-r r0.txt\n", **files})
    assert len(environment.files) == 1_501
    assert len(environment.with_includes(("requirements.txt",))) == 1_502, "the last one is named and not there"
