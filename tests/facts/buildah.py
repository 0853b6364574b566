"""Builds images without a Docker engine: buildah as root, on a stand-in for the official base image made by debootstrap.

The Dockerfile stays as it was written. Where to install from and which certificates to trust is the machine's matter: its
pip configuration and certificates are mounted into the build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import platformdirs

_TREE_VERSION = "1"
_PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"


def _tree() -> Path:
    """A Debian with Python, made once and kept in the machine's cache."""
    kept = Path(os.environ.get("REPRO_GUI_TEST_CACHE", "/var/cache/repro-gui-tests")) / f"python-tree-{_TREE_VERSION}"
    if (kept / "usr" / "bin" / "python").exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=kept.parent))
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", fresh],
        check=True,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    (fresh / "usr" / "bin" / "python").symlink_to("python3")
    # The official image lets pip install into its Python, Debian's does not.
    for mark in (fresh / "usr" / "lib").glob("python3*/EXTERNALLY-MANAGED"):
        mark.unlink()
    fresh.chmod(0o755)
    fresh.rename(kept)
    return kept


class ImageStore:
    """Images in a folder of their own, away from those of the machine."""

    def __init__(self, folder: Path) -> None:
        self._options = ["--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
        # The home of the tests is elsewhere: buildah wants a policy and registries to look at.
        self._policy = folder / "policy.json"
        self._policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        command = ["buildah", *self._options, *map(str, arguments)]
        finished = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
        assert finished.returncode == 0, finished.stderr[-3000:]
        return finished.stdout

    def add_stand_in(self, name: str) -> None:
        """An image of that name which holds our Debian with Python."""
        container = self.run("from", "scratch").strip()
        self.run("add", container, _tree(), "/")
        self.run("commit", container, f"docker.io/library/{name}")
        self.run("rm", container)

    def build(self, project: Path) -> None:
        """Build the project's Dockerfile as `project`."""
        mounts = []
        for source, target in _from_this_machine():
            mounts += ["--volume", f"{source}:{target}:ro"]
        self.run(
            "build",
            "--isolation",
            "chroot",
            "--pull=never",
            "--signature-policy",
            self._policy,
            *mounts,
            "--tag",
            "project",
            project,
        )

    def output(self) -> str:
        """What the entry point of `project` writes."""
        container = self.run("from", "--pull=never", "--signature-policy", self._policy, "project").strip()
        described = json.loads(self.run("inspect", "--type", "image", "project"))
        return self.run("run", "--isolation", "chroot", container, "--", *described["OCIv1"]["config"]["Entrypoint"])


def _from_this_machine() -> list[tuple[Path, str]]:
    """Certificates, pip's configuration, and the folders that it names."""
    certificates = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    configured = os.environ.get("PIP_CONFIG_FILE") or str(platformdirs.user_config_path("pip") / "pip.conf")
    configurations = [(Path("/etc/pip.conf"), "/etc/pip.conf"), (Path(configured), "/etc/xdg/pip/pip.conf")]
    wanted = [(certificates, "/etc/ssl/certs/ca-certificates.crt"), *configurations]
    for source, _ in configurations:
        if source.is_file():
            named = re.findall(r"(?:file://|=\s*|^\s+)(/[^\s]+)", source.read_text(), re.MULTILINE)
            # The pages of an index in a folder link to files beside it.
            folders = [Path(name).parent if Path(name).name == "simple" else Path(name) for name in named]
            wanted += [(folder, str(folder)) for folder in _outermost(folders)]
    return [(source, target) for source, target in wanted if source.exists()]


def _outermost(folders: Iterable[Path]) -> list[Path]:
    found = sorted({folder for folder in folders if folder.is_dir()})
    return [folder for folder in found if not any(other in folder.parents for other in found)]


def can_build() -> str:
    """Empty when images can be built here, else why not."""
    for program in ("buildah", "debootstrap"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    return "" if os.geteuid() == 0 else "building images this way needs root"
