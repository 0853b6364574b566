"""Generated Dockerfiles: read back by our own parser, linted by hadolint, hostile names refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repro_gui.errors import CannotPlan
from repro_gui.facts.container_files import ContainerPlan, write_dockerfile
from repro_gui.facts.environment import Environment
from repro_gui.facts.python_choice import choose_python
from repro_gui.knowledge import load_knowledge
from tests.facts.buildah import ImageStore, can_build

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HADOLINT = Path(sys.executable).with_name("hadolint")


def write(
    files: dict[str, str], imports: tuple[str, ...] = (), entry: tuple[str, ...] = ("train.py",)
) -> ContainerPlan:
    knowledge = load_knowledge()
    environment = Environment().after({path: content.encode() for path, content in files.items()})
    python = choose_python(environment, knowledge.system_packages)
    assert python is not None
    return write_dockerfile(
        "My Project", environment, imports, entry, python, knowledge.system_packages, knowledge.templates
    )


PROJECTS = {
    "requirements": {
        "requirements.txt": "-r more/base.txt\nsix==1.16.0\n",
        "more/base.txt": "b==1\n",
        ".python-version": "3.11",
    },
    "hashed": {"requirements.txt": "six==1.16.0 --hash=sha256:aa\n", ".python-version": "3.11.9"},
    "git": {"requirements.txt": f"x @ git+https://github.com/a/b@{COMMIT}\n", ".python-version": "3.10.4"},
    "cuda": {"requirements.txt": "torch==2.3.1+cu121\n", ".python-version": "3.11.9"},
    "cuda in a lock": {
        "pyproject.toml": '[project]\nname="x"\ndependencies=["torch"]\n',
        "uv.lock": '[[package]]\nname = "torch"\nversion = "2.3.1+cu121"\n',
        ".python-version": "3.11.9",
    },
    "uv": {
        "pyproject.toml": '[project]\nname="x"\ndependencies=["six"]\n',
        "uv.lock": "version = 1\n",
        ".python-version": "3.12",
    },
    "poetry": {"pyproject.toml": "[tool.poetry]\nname='x'\n", "poetry.lock": "", ".python-version": "3.9"},
    "pyproject": {"pyproject.toml": '[project]\nname="x"\ndependencies=["six"]\nrequires-python=">=3.11,<3.12"\n'},
    "setup.py": {"setup.py": "setup(install_requires=['six'])", ".python-version": "3.8"},
}


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("imports", [(), ("torch", "cv2", "git", "lightgbm", "pyspark")])
def test_hadolint_has_nothing_to_say(name: str, imports: tuple[str, ...]) -> None:
    plan = write(PROJECTS[name], imports, ("scripts/train it.py", "--lr", "0.1 $HOME"))
    finished = subprocess.run(
        [HADOLINT, "-"], input=plan.dockerfile, capture_output=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert (finished.returncode, finished.stdout) == (0, b""), plan.dockerfile.decode()


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_written_is_read_back(name: str) -> None:
    plan = write(PROJECTS[name])
    read = Environment().after({"Dockerfile": plan.dockerfile})
    assert not read.unread
    assert read.images
    assert read.installs
    assert b"@" not in plan.dockerfile.replace(b"@sha256", b"")
    text = plan.dockerfile.decode()
    assert text.index("COPY [") < text.index("COPY --chown=runner . .")
    assert "PYTHONHASHSEED=0" in text
    assert "USER 1000" in text
    assert 'ENTRYPOINT ["python", "train.py"]' in text


def test_cuda_build_gets_its_base_image_its_python_and_its_index() -> None:
    text = write(PROJECTS["cuda"]).dockerfile.decode()
    assert "FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04" in text
    assert "uv python install 3.11.9" in text
    assert "https://download.pytorch.org/whl/cu121" in text
    with_index = dict(PROJECTS["cuda"])
    with_index["requirements.txt"] = "--extra-index-url https://download.pytorch.org/whl/cu121\ntorch==2.3.1+cu121\n"
    assert "--extra-index-url" not in write(with_index).dockerfile.decode()


def test_system_packages_follow_the_imports_and_the_distribution() -> None:
    files = {"requirements.txt": "opencv-python==4.9.0.80\n", ".python-version": "3.11.9"}
    assert "libgl1" in write(files, ("cv2",)).dockerfile.decode()
    headless = {**files, "requirements.txt": "opencv-python-headless==4.9.0.80\n"}
    assert "libgl1" not in write(headless, ("cv2",)).dockerfile.decode()


@pytest.mark.parametrize(
    "path",
    ["requirements$(id).txt", 'requirements".txt', "requirements\n.txt", "requirements`id`.txt", "requirements*.txt"],
)
def test_names_that_docker_would_expand_are_refused(path: str) -> None:
    with pytest.raises(CannotPlan):
        write({path: "six==1.16.0\n", ".python-version": "3.11.9"})


def test_an_entry_point_stays_one_word() -> None:
    text = write(PROJECTS["requirements"], entry=('a"; rm -rf /; "\n.py', "x y")).dockerfile.decode()
    assert 'ENTRYPOINT ["python", "a\\"; rm -rf /; \\"\\n.py"]' in text
    assert 'CMD ["x y"]' in text


def test_nothing_to_install_is_a_sentence() -> None:
    with pytest.raises(CannotPlan, match="Nothing says"):
        write({".python-version": "3.11.9"})


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_generated_dockerfile_is_built_and_runs(tmp_path: Path) -> None:
    if why := can_build():
        pytest.skip(why)
    plan = write({"requirements.txt": "six==1.16.0\n", ".python-version": "3.11.9"}, ("git",))
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("six==1.16.0\n")
    (project / "train.py").write_text(
        "import os, shutil, six\n"
        "print(six.__version__, os.environ['PYTHONHASHSEED'], os.environ['OMP_NUM_THREADS'], os.getuid())\n"
        "print(os.path.exists('.env'), shutil.which('git'))\n"
    )
    (project / ".env").write_text("TOKEN=secret\n")
    (project / "Dockerfile").write_bytes(plan.dockerfile)
    (project / ".dockerignore").write_text(load_knowledge().templates["dockerignore"])
    store = ImageStore(tmp_path)
    store.add_stand_in("python:3.11.9-slim-bookworm")
    store.build(project)
    assert store.output().split() == ["1.16.0", "0", "4", "1000", "False", "/usr/bin/git"]
