"""Makes the installers of Linux from the built program: a package for Debian and Ubuntu, and a `.run` for one person without root.

Usage: package_linux.py [--version VERSION] [deb] [run] [appdir]; writes to `dist/`. The same program gives the same bytes.
Needs dpkg-dev (`dpkg-deb`, `dpkg-shlibdeps`) for the package, makeself and xz for the `.run`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from freeze import DIST, ROOT, WORK, elf_files

LINUX = ROOT / "packaging" / "linux"
PROGRAM = DIST / "repro-gui"
COMPONENT = "org.repro_gui.repro_gui"
_ICON_SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
_REPORT_ICON = "application-vnd.repro-gui.report+json"
_MAINTAINER = "The Repro GUI authors <repro-gui@example.org>"
_SUMMARY = "tell whether a machine-learning project can be reproduced"
_DESCRIPTION = """\
 Repro GUI opens the folder of a machine-learning project and answers five
 questions with evidence: is the code committed, is the data versioned, are
 all random seeds set, is the environment frozen, are the hyperparameters
 logged.
 .
 What stands in the way is mended with one click (preview, apply, undo), and
 an audit report can be saved as PDF. Opening a folder runs nothing from it,
 and nothing is sent anywhere.
"""
# Not linked to, and still of use: letters of equal width for code; what projects are made with.
_NEEDED_TOO = ("fonts-dejavu-core | fonts-liberation | fonts-noto-mono", "hicolor-icon-theme")
_RECOMMENDED = ("git", "libcups2")
# Loaded where its libraries are: printers, which `libcups2` finds. Without it pages are printed into files.
_OPTIONAL = re.compile(r"/plugins/printsupport/")
# These packages say no version for each symbol, only the newest one that they ever were when something was added; what Qt calls
# is in all of them. Tried on Ubuntu 22.04, which has older ones.
_ANY_VERSION = frozenset({"libx11-xcb1", "libzstd1"})


def main() -> None:
    """Make what is named, or package and `.run`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="", help="another version for the package, to try upgrades")
    parser.add_argument("what", nargs="*", choices=["deb", "run", "appdir", []], default=[])
    options = parser.parse_args()
    if not (PROGRAM / "repro-gui").exists():
        sys.exit("package_linux.py: there is no program yet. Run: make installer")
    version = options.version or _own_version()
    os.environ["SOURCE_DATE_EPOCH"] = str(_epoch())
    for what in options.what or ("deb", "run"):
        made = {"deb": make_deb, "run": make_run, "appdir": make_appdir}[what](version)
        size = f"{made.stat().st_size / 1e6:.1f} MB" if made.is_file() else "a folder"
        print(f"{made.relative_to(ROOT)}: {size}")


def make_deb(version: str) -> Path:
    """The package: program in /usr/lib/repro-gui, command, menu entry, icons, MIME type, AppStream data, man page."""
    tree = WORK / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    usr = tree / "usr"
    _copy_program(usr / "lib" / "repro-gui")
    (usr / "bin").mkdir()
    (usr / "bin" / "repro-gui").symlink_to("../lib/repro-gui/repro-gui")
    lay_out_share(usr / "share", version)
    documents = usr / "share" / "doc" / "repro-gui"
    documents.mkdir(parents=True)
    _write(documents / "copyright", _copyright())
    _write_gzip(documents / "changelog.gz", _changelog(version))
    _write_gzip(usr / "share" / "man" / "man1" / "repro-gui.1.gz", _filled("repro-gui.1", version))
    (tree / "DEBIAN").mkdir()
    _write(tree / "DEBIAN" / "control", _control(version, _dependencies(usr / "lib" / "repro-gui"), tree))
    _write_sums(tree)
    _set_times(tree)
    target = DIST / f"repro-gui_{version}_{_architecture()}.deb"
    # Understood by every system that the program starts on (Ubuntu 22.04 and newer, Debian 12 and newer).
    _run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(tree), str(target)])
    return target


def make_run(version: str) -> Path:
    """An archive that unpacks itself and installs for the person who starts it."""
    tree = WORK / "run"
    shutil.rmtree(tree, ignore_errors=True)
    _copy_program(tree / "repro-gui")
    lay_out_share(tree / "share", version)
    needed = [alternatives.split()[0] for alternatives in _dependencies(tree / "repro-gui").split(", ")]
    _write(
        tree / "install.sh", (LINUX / "install.sh").read_text(encoding="utf-8").replace("@LIBRARIES@", " ".join(needed))
    )
    shutil.copy(LINUX / "uninstall.sh", tree / "uninstall.sh")
    for name in ("install.sh", "uninstall.sh"):
        (tree / name).chmod(0o755)
    shutil.copy(ROOT / "LICENSE", tree / "LICENSE")
    _set_times(tree)
    target = DIST / f"repro-gui-{version}-linux-{os.uname().machine}.run"
    date = dt.datetime.fromtimestamp(_epoch(), dt.UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    order = f"--sort=name --mtime=@{_epoch()} --owner=0 --group=0 --numeric-owner"
    makeself = ["makeself", "--xz", "--complevel", "3", "--threads", "2", "--sha256", "--nox11", "--quiet"]
    makeself += ["--packaging-date", date, "--tar-extra", order]
    _run([*makeself, str(tree), str(target), f"Repro GUI {version}", "./install.sh"])
    return target


def make_appdir(version: str) -> Path:
    """The folder from which `appimagetool` makes an AppImage; `linux/appimage.sh` does."""
    tree = DIST / "Repro_GUI.AppDir"
    shutil.rmtree(tree, ignore_errors=True)
    _copy_program(tree / "usr" / "lib" / "repro-gui")
    lay_out_share(tree / "usr" / "share", version)
    shutil.copy(LINUX / "repro-gui.desktop", tree / "repro-gui.desktop")
    shutil.copy(WORK / "icons" / "256.png", tree / "repro-gui.png")
    (tree / ".DirIcon").symlink_to("repro-gui.png")
    (tree / "AppRun").symlink_to("usr/lib/repro-gui/repro-gui")
    _set_times(tree)
    return tree


def lay_out_share(share: Path, version: str) -> None:
    """What a desktop reads: menu entry, icons, MIME type, AppStream data."""
    applications = share / "applications"
    applications.mkdir(parents=True)
    shutil.copy(LINUX / "repro-gui.desktop", applications)
    for size in _ICON_SIZES:
        folder = share / "icons" / "hicolor" / f"{size}x{size}"
        for kind, name in (("apps", "repro-gui"), ("mimetypes", _REPORT_ICON)):
            (folder / kind).mkdir(parents=True)
            shutil.copy(WORK / "icons" / f"{size}.png", folder / kind / f"{name}.png")
    scalable = share / "icons" / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy(ROOT / "resources" / "icons" / "repro-gui.svg", scalable / "repro-gui.svg")
    (share / "mime" / "packages").mkdir(parents=True)
    shutil.copy(LINUX / "repro-gui-mime.xml", share / "mime" / "packages" / "repro-gui.xml")
    name = f"{COMPONENT}.metainfo.xml"
    _write(share / "metainfo" / name, _filled(name, version))


# ---- the package's own files ----


def _control(version: str, dependencies: str, tree: Path) -> str:
    kilobytes = sum(
        -(-path.stat().st_size // 1024) for path in tree.rglob("*") if path.is_file() and not path.is_symlink()
    )
    return (
        f"Package: repro-gui\nVersion: {version}\nArchitecture: {_architecture()}\nMaintainer: {_MAINTAINER}\n"
        f"Installed-Size: {kilobytes}\nDepends: {dependencies}\nRecommends: {', '.join(_RECOMMENDED)}\n"
        f"Suggests: python3\nSection: science\nPriority: optional\n"
        f"Description: {_SUMMARY}\n{_DESCRIPTION}"
    )


def _dependencies(program: Path) -> str:
    """The packages whose libraries the program links to, in the versions that its symbols need, and a few by hand."""
    work = WORK / "shlibdeps"
    shutil.rmtree(work, ignore_errors=True)
    (work / "debian").mkdir(parents=True)
    (work / "debian" / "control").write_text(
        "Source: repro-gui\n\nPackage: repro-gui\nArchitecture: any\n", encoding="ascii"
    )
    files = [path for path in elf_files(program) if not _OPTIONAL.search(path.as_posix())]
    own = sorted({str(path.parent) for path in files})
    options = ["--ignore-missing-info", "--warnings=1", "-O", *(f"-l{folder}" for folder in own)]
    options += [f"-x{package}" for package in _packages_of({path.name for path in files})]
    found = subprocess.run(
        ["dpkg-shlibdeps", *options, *(f"-e{path}" for path in files)],  # noqa: S607
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        sys.exit(f"package_linux.py: the dependencies cannot be told: {found.stderr.strip()}")
    for line in found.stderr.splitlines():
        if "cannot find library" in line:
            sys.exit(f"package_linux.py: {line}")
    listed = found.stdout.partition("shlibs:Depends=")[2].strip().split(", ")
    plain = [name if name.split()[0] not in _ANY_VERSION else name.split()[0] for name in sorted(listed)]
    return ", ".join([*plain, *_NEEDED_TOO])


def _packages_of(libraries: set[str]) -> list[str]:
    """The packages of this system that hold libraries of these names: the program brings its own."""
    search = ["dpkg-query", "--search", *(f"*/{name}" for name in sorted(libraries) if name.startswith("lib"))]
    shown = subprocess.run(search, capture_output=True, text=True, check=False).stdout
    return sorted(
        {
            line.split(":", maxsplit=1)[0]
            for line in shown.splitlines()
            if "/lib/x86_64" in line or "/lib/aarch64" in line
        }
    )


def _changelog(version: str) -> str:
    """Our changes in Debian's form."""
    entries = re.findall(r"^- (.+(?:\n  .+)*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    lines = "\n".join(f"  * {' '.join(entry.split())}" for entry in entries)
    when = dt.datetime.fromtimestamp(_epoch(), dt.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return f"repro-gui ({version}) unstable; urgency=medium\n\n{lines}\n\n -- {_MAINTAINER}  {when}\n"


def _copyright() -> str:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n\n", 2)[2].strip()
    indented = "\n".join(f" {line}" if line else " ." for line in licence.splitlines())
    return (LINUX / "copyright").read_text(encoding="utf-8").replace(" @LICENSE@", indented)


def _filled(name: str, version: str) -> str:
    date = dt.datetime.fromtimestamp(_epoch(), dt.UTC).date().isoformat()
    return (LINUX / name).read_text(encoding="utf-8").replace("@VERSION@", version).replace("@DATE@", date)


def _write_sums(tree: Path) -> None:
    import hashlib

    lines = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree).as_posix()}"
        for path in sorted((tree / "usr").rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    _write(tree / "DEBIAN" / "md5sums", "\n".join(lines) + "\n")


# ---- files ----


def _copy_program(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Hard links: nothing here writes into them.
    shutil.copytree(PROGRAM, target, symlinks=True, copy_function=os.link)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)


def _write_gzip(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    path.chmod(0o644)


def _set_times(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        os.utime(path, (_epoch(), _epoch()), follow_symlinks=False)


def _epoch() -> int:
    return int((WORK / "commit.txt").read_text(encoding="ascii").split()[1])


def _own_version() -> str:
    shown = subprocess.run([PROGRAM / "repro-gui", "--version"], capture_output=True, text=True, check=True).stdout
    return shown.split()[-1]


def _architecture() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, check=False)
    if done.returncode:
        sys.exit(f"package_linux.py: {argv[0]} ended with {done.returncode}")


if __name__ == "__main__":
    main()
