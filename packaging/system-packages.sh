#!/bin/sh
# Installs the Debian or Ubuntu packages that `window`, `tests`, `installer` or `installer-tests` need and that are missing; prints
# the exact line when it may not.
set -eu

# What Qt's libraries link to, offscreen, on X11 and on Wayland (ldd on its platform plug-ins), and a font to draw with.
window="libgl1 libegl1 libfontconfig1 libglib2.0-0 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0
libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 libxcb-randr0 libxcb-render-util0 libxcb-xinerama0 libxcb-xkb1
libwayland-cursor0 libwayland-egl1 fonts-dejavu-core"
# A virtual screen; pdfinfo, pdfdetach and pdftoppm to read the report back; a signing key that asks for its password.
tests="$window xvfb xauth poppler-utils gpg gpg-agent"

# What makes the packages, and the libraries that they come to depend on.
installer="$window binutils dpkg-dev makeself xz-utils zstd"
# Debian's Python has its library in a package of its own.
[ ! -x /usr/bin/python3.11 ] || installer="$installer libpython3.11"
installer_tests="$tests $installer desktop-file-utils appstream lintian nsis wine64 debootstrap xdotool imagemagick bc"

case "${1:?window, tests, installer or installer-tests}" in
window) wanted=$window ;;
tests) wanted=$tests ;;
installer) wanted=$installer ;;
installer-tests) wanted=$installer_tests ;;
*) echo "system-packages.sh: say window, tests, installer or installer-tests" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null 2>&1 || exit 0   # not Debian: the person's own system has what its desktop needs

missing=""
for package in $wanted; do
    # Newer releases call a package by another name (libglib2.0-0t64) that provides this one.
    if ! dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null | grep -q '^install ok installed'; then
        missing="$missing $package"
    fi
done
[ -n "$missing" ] || exit 0

say_how() {
    echo "$1 Run this line, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends --yes$missing" >&2
    exit 2
}

if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"   # sudo drops the environment
else
    say_how "Some system libraries are missing."
fi
apt="$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300"
echo "Installing system libraries:$missing"
# A list that cannot be had (a stale third-party source) need not hinder: the installation tells.
$apt update || echo "system-packages.sh: going on with the package lists that are here" >&2
# A list of words.
# shellcheck disable=SC2086
$apt install --no-install-recommends --yes $missing >/dev/null || say_how "apt-get could not install the system libraries."
