#!/bin/bash
# Builds "Repro GUI.app" and its disk image on macOS 13 or newer, in a checkout, with Python 3.11 or newer from python.org and Git.
#   packaging/macos/build.sh                 signed for this machine only ("ad hoc"): others are warned when they open it
#   IDENTITY="Developer ID Application: NAME (TEAM)" PROFILE=NAME packaging/macos/build.sh
# PROFILE is what `xcrun notarytool store-credentials NAME` keeps in the keychain; no secret stands in a file or command.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3.11}
identity=${IDENTITY:--}

[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --no-deps --require-hashes --requirement packaging/locks/development.txt
.venv/bin/python packaging/freeze.py --python "$(.venv/bin/python -c 'import sys; print(sys._base_executable)')"
app="dist/Repro GUI.app"
program="$app/Contents/MacOS/repro-gui"
version=$("$program" --version | cut -d' ' -f2)

# Inside out: what a bundle holds must be signed before the bundle is. The hardened runtime is a condition of notarisation.
sign() { codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist --sign "$identity" "$@"; }
[ "$identity" != - ] || sign() { codesign --force --sign - "$@"; }
find "$app/Contents/Frameworks" -type f \( -name '*.dylib' -o -name '*.so' -o -name uv -o -perm -u+x \) -print0 |
    while IFS= read -r -d '' file; do
        if file -b "$file" | grep -q Mach-O; then sign "$file"; fi
    done
sign "$program"
sign "$app"
codesign --verify --deep --strict "$app"
"$program" --self-test

image="dist/repro-gui-$version-macos-$(uname -m).dmg"
rm -f "$image"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname "Repro GUI $version" -srcfolder "$staging" -fs HFS+ -format UDZO "$image"

if [ "$identity" != - ]; then
    sign "$image"
    xcrun notarytool submit "$image" --keychain-profile "${PROFILE:?name of the keychain profile for notarytool}" --wait
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature --verbose "$image"
fi
ls -l "$image"
