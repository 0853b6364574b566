#!/bin/sh
# Makes an AppImage from dist/Repro_GUI.AppDir. Needs appimagetool (https://appimage.github.io), which brings the runtime that
# begins the file, or a runtime file named as RUNTIME. After: make installer
set -eu
cd "$(dirname "$0")/../.."
tool=${APPIMAGETOOL:-appimagetool}
command -v "$tool" >/dev/null 2>&1 || { echo "appimage.sh: appimagetool is missing; name it as APPIMAGETOOL" >&2; exit 2; }
.venv/bin/python packaging/package_linux.py appdir
version=$(dist/repro-gui/repro-gui --version | cut -d' ' -f2)
export ARCH="${ARCH:-x86_64}"
SOURCE_DATE_EPOCH=$(cut -d' ' -f2 build/installer/commit.txt)
export SOURCE_DATE_EPOCH
"$tool" ${RUNTIME:+--runtime-file "$RUNTIME"} dist/Repro_GUI.AppDir "dist/repro-gui-$version-$ARCH.AppImage"
