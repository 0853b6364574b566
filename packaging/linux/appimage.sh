#!/bin/sh
# Makes an AppImage from the built program. After: make installer
#   packaging/linux/appimage.sh              with appimagetool (https://appimage.github.io), on the path or named as APPIMAGETOOL
#   RUNTIME=FILE packaging/linux/appimage.sh with mksquashfs and the runtime that begins every AppImage of type 2
#                                            (https://github.com/AppImage/type2-runtime), which appimagetool otherwise brings
set -eu
cd "$(dirname "$0")/../.."
tool=${APPIMAGETOOL:-appimagetool}
if [ -z "${RUNTIME:-}" ]; then
    command -v "$tool" >/dev/null 2>&1 || { echo "appimage.sh: name appimagetool as APPIMAGETOOL, or a runtime as RUNTIME" >&2; exit 2; }
elif ! command -v mksquashfs >/dev/null 2>&1; then
    echo "appimage.sh: mksquashfs is missing (package squashfs-tools)" >&2
    exit 2
fi
.venv/bin/python packaging/package_linux.py appdir
version=$(dist/repro-gui/repro-gui --version | cut -d' ' -f2)
export ARCH="${ARCH:-x86_64}"
SOURCE_DATE_EPOCH=$(cut -d' ' -f2 build/installer/commit.txt)
export SOURCE_DATE_EPOCH
image="dist/repro-gui-$version-$ARCH.AppImage"
if [ -z "${RUNTIME:-}" ]; then
    "$tool" dist/Repro_GUI.AppDir "$image"
    exit
fi
files=$(mktemp)
trap 'rm -f "$files"' EXIT
# Times are the commit's: mksquashfs reads SOURCE_DATE_EPOCH.
mksquashfs dist/Repro_GUI.AppDir "$files" -quiet -no-progress -noappend -root-owned -no-xattrs -comp zstd -b 128K
cat "$RUNTIME" "$files" >"$image"
chmod 755 "$image"
ls -l "$image"
