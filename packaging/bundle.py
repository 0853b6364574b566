"""What belongs in the built program and what of its dependencies stays behind: `repro-gui.spec` asks."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

Entry = tuple[str, str, str]
"""A row of PyInstaller's tables: name in the program, path on this machine, kind."""

# Imported by dependencies where they happen to be there, for tests, or by parts that are never reached.
EXCLUDED_MODULES = [
    *("torch", "numpy", "pandas", "matplotlib", "scipy", "IPython", "PIL", "lxml", "jinja2", "mlflow", "lakefs"),
    *("pytest", "_pytest", "hypothesis", "pip", "setuptools", "pkg_resources", "hatchling", "wheel", "PyInstaller"),
    *(
        "dbm.gnu",
        "_gdbm",
        "_dbm",
        "readline",
        "curses",
        "_curses",
        "tkinter",
        "_tkinter",
        "idlelib",
        "lib2to3",
        "pydoc_data",
        "ensurepip",
        "turtle",
        "test",
    ),
    *("prompt_toolkit", "click_repl", "shtab", "fsspec.implementations.dask", "celery.bin", "celery.contrib"),
]

# What makes the program and is not in it.
_TOOLS = frozenset(
    [
        "repro-gui",
        "pyinstaller",
        "pyinstaller-hooks-contrib",
        "altgraph",
        "setuptools",
        "hatchling",
        "trove-classifiers",
    ]
)
_LICENCE = re.compile(r"(?i)(licen[cs]e|copying|notice|authors|copyright)")

# What windows of ours never load: other languages than our own, screens without a window system, databases, TLS.
_QT_LEFT_OUT = re.compile(
    r"PySide6/(Qt/)?(translations/|qml/"
    r"|plugins/(sqldrivers|qmltooling|designer|egldeviceintegrations|generic|networkinformation|tls|vectorimageformats)/"
    r"|plugins/platforms/(lib)?q(eglfs|linuxfb|minimal|minimalegl|vnc|vkkhrdisplay|direct2d)\."
    r"|plugins/platformthemes/libqgtk3\."
    r"|plugins/platforminputcontexts/libqtvirtualkeyboardplugin\."
    r"|plugins/imageformats/(lib)?q(gif|icns|ico|jpeg|pdf|tga|tiff|wbmp|webp|macheif|macjp2)\.)"
)

# What pip installed, with digests of scripts that name the folder of the build.
_INSTALLED_FILES = re.compile(r"[^/]+\.dist-info/RECORD$")

# Libraries of the system that a program must share with it: graphics drivers and font settings that are loaded into this
# process expect the system's own, which are newer than those of the machine that builds. Without them, the oldest
# system that the program starts on is older too.
_LEFT_TO_THE_SYSTEM = re.compile(
    r"lib(stdc\+\+|gcc_s|expat|z|zstd|lzma|bz2|uuid|fontconfig|freetype|png16|harfbuzz|graphite2|brotli(common|dec)"
    r"|glib-2\.0|gio-2\.0|gobject-2\.0|gmodule-2\.0|gthread-2\.0|dbus-1|systemd|cap|gcrypt|gpg-error|lz4|pcre2-8"
    r"|mount|blkid|selinux|bsd|md|X11|X11-xcb|Xau|Xdmcp|Xext|wayland-(client|cursor|egl)|EGL|GL|GLX|OpenGL|drm"
    r"|xcb(-(glx|randr|render|shape|shm|sync|xfixes))?|xkbcommon(-x11)?"
    r"|gssapi_krb5|krb5|k5crypto|krb5support|com_err|keyutils"
    # printing
    r"|cups|avahi-(client|common)|gnutls|hogweed|nettle|idn2|p11-kit|tasn1|unistring|gmp)\.so(\.|$)"
)


def own_modules(names: list[str]) -> list[str]:
    """Our modules, without the battery: that runs in another interpreter and lies beside as sources."""
    return [name for name in names if not f"{name}.".startswith("repro_gui.probe.battery.")]


def own_files(package: Path) -> list[tuple[str, str]]:
    """Files of ours that are opened by name: (path here, folder in the program)."""
    battery = package / "probe" / "battery"
    resources = [path for path in (package / "resources").rglob("*") if path.is_file()]
    return sorted(
        (str(path), f"repro_gui/{path.parent.relative_to(package).as_posix()}")
        for path in [*battery.glob("*.py"), *resources]
        if "__pycache__" not in path.parts
    )


def versions() -> list[tuple[str, str]]:
    """The records of the packages that we name ourselves: *About* shows their versions."""
    wanted = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in importlib.metadata.requires("repro-gui") or []]
    found = []
    for name in wanted:
        try:
            record = Path(str(importlib.metadata.distribution(name).locate_file(""))) / _record_folder(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # of an extra
        found.append((str(record / "METADATA"), record.name))
    return sorted(found)


def licences(libraries: list[Entry]) -> list[Entry]:
    """The licence of everything that the program carries: rows of data in `licences/`, a folder for each."""
    rows: list[Entry] = []
    for package in importlib.metadata.distributions():
        if package.name.lower() in _TOOLS:
            continue
        records = [file for file in package.files or [] if file.parts[0].endswith(".dist-info")]
        texts = [file for file in records if _LICENCE.match(file.name)]
        # Some say their licence in their metadata only.
        for file in texts or [file for file in records if file.name == "METADATA"]:
            name = "-".join(file.parts[1:])
            rows.append((f"licences/{package.name}-{package.version}/{name}", str(file.locate()), "DATA"))
    if sys.platform == "linux" and shutil.which("dpkg-query"):
        paths = sorted(
            {str(Path(entry[1]).resolve()) for entry in libraries if entry[1].startswith(("/usr/", "/lib/"))}
        )
        search = ["dpkg-query", "--search", *paths]
        shown = subprocess.run(search, capture_output=True, text=True, check=False).stdout
        for package_name in sorted({line.split(":", maxsplit=1)[0] for line in shown.splitlines()}):
            text = Path(f"/usr/share/doc/{package_name}/copyright")
            if text.exists():
                rows.append((f"licences/{package_name}/copyright", str(text.resolve()), "DATA"))
    return sorted(rows)


def _record_folder(name: str) -> str:
    (folder,) = {file.parts[0] for file in importlib.metadata.files(name) or [] if file.name == "METADATA"}
    return folder


def start_scripts(entries: list[Entry]) -> list[Entry]:
    """What runs before our own first line, without PyInstaller's start of Qt.

    That writes where the bundle's plug-ins lie into the environment, where every program that we start would find it, and loads
    Qt into processes without windows. Qt of the wheels knows its place without it.
    """
    return [entry for entry in entries if entry[0] != "pyi_rth_pyside6"]


def uv_program() -> str:
    """The engine for environments, from its wheel."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    return str(Path(sysconfig.get_path("scripts")) / name)


def trimmed_data(entries: list[Entry]) -> list[Entry]:
    """Data without what is never opened, in an order that does not depend on the disk."""
    names = ((_posix(entry[0]), entry) for entry in entries)
    return sorted(entry for name, entry in names if not (_QT_LEFT_OUT.match(name) or _INSTALLED_FILES.match(name)))


def trimmed_libraries(entries: list[Entry]) -> list[Entry]:
    """Extensions and plug-ins that can be loaded, and only the shared libraries that they reach."""
    kept = [entry for entry in entries if not _QT_LEFT_OUT.match(_posix(entry[0]))]
    if sys.platform != "linux":
        return sorted(kept)
    kept = [entry for entry in kept if not _LEFT_TO_THE_SYSTEM.match(Path(entry[0]).name)]
    links = {Path(entry[0]).name: Path(entry[1]).name for entry in kept if entry[2] == "SYMLINK"}
    libraries = {Path(entry[0]).name: entry for entry in kept if entry[2] != "SYMLINK" and _is_plain_library(entry[0])}
    reached: set[str] = set()
    waiting = [entry for entry in kept if entry[2] != "SYMLINK" and not _is_plain_library(entry[0])]
    # Python itself is asked for by the start program, not by an extension.
    waiting += [entry for name, entry in libraries.items() if name.startswith("libpython")]
    while waiting:
        entry = waiting.pop()
        reached.add(Path(entry[0]).name)
        for name in _needed(entry[1]):
            found = libraries.get(links.get(name, name))
            if found is not None and Path(found[0]).name not in reached:
                waiting.append(found)
    return sorted(
        entry for entry in kept if (Path(entry[1]).name if entry[2] == "SYMLINK" else Path(entry[0]).name) in reached
    )


def _is_plain_library(name: str) -> bool:
    """True for a library that others link to; false for an extension of Python, a plug-in, a program."""
    parts = _posix(name).split("/")
    return parts[-1].startswith("lib") and ".so" in parts[-1] and "plugins" not in parts


def _needed(path: str) -> list[str]:
    shown = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False).stdout  # noqa: S607
    return re.findall(r"^\s*NEEDED\s+(\S+)$", shown, re.MULTILINE)


def _posix(name: str) -> str:
    return name.replace("\\", "/")
