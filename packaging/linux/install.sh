#!/bin/sh
# Installs Repro GUI for the person who runs it: no root, nothing outside the home folder. An older version is replaced; settings
# and history stay. Started by the `.run` file in the folder that it unpacked.
set -eu

library=$HOME/.local/lib
programs=$HOME/.local/bin
share=${XDG_DATA_HOME:-$HOME/.local/share}

if [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-}" ]; then
    echo "Run this without sudo: it installs for one person. For everybody there is the .deb package." >&2
    exit 2
fi
say_libraries() {
    echo "$1 On Debian and Ubuntu this line brings them:" >&2
    echo "    sudo apt-get install @LIBRARIES@" >&2
}
if ! said=$(./repro-gui/repro-gui --version 2>&1); then
    echo "$said" >&2
    case $said in
    *"No such file or directory"*) say_libraries "Nothing is installed: libraries of the system are missing." ;;
    *) echo "This system is too old or of another kind: Repro GUI needs 64-bit Linux with glibc 2.35 or newer." >&2 ;;
    esac
    exit 2
fi

mkdir -p "$library" "$programs"
rm -rf "$library/repro-gui.new" "$library/repro-gui.old"
cp -a repro-gui "$library/repro-gui.new"
cp uninstall.sh LICENSE "$library/repro-gui.new/"
# Two renames: there is no moment with half a program.
if [ -e "$library/repro-gui" ]; then
    mv "$library/repro-gui" "$library/repro-gui.old"
fi
mv "$library/repro-gui.new" "$library/repro-gui"
rm -rf "$library/repro-gui.old"
ln -sf "$library/repro-gui/repro-gui" "$programs/repro-gui"

(cd share && find . -type f) | while read -r file; do
    mkdir -p "$share/$(dirname "$file")"
    cp "share/$file" "$share/$file"
    echo "$share/${file#./}"
done >"$library/repro-gui/installed-files"
# The menu does not know the person's search path.
sed -i "s|^Exec=repro-gui|Exec=\"$library/repro-gui/repro-gui\"|; s|^TryExec=.*|TryExec=$library/repro-gui/repro-gui|" \
    "$share/applications/repro-gui.desktop"

refresh() { if command -v "$1" >/dev/null 2>&1; then "$@" >/dev/null 2>&1 || true; fi; }
refresh update-desktop-database "$share/applications"
refresh update-mime-database "$share/mime"
refresh gtk-update-icon-cache -q -t -f "$share/icons/hicolor"

# Offscreen: says whether the system's libraries are there that Qt asks for, and nothing flashes up.
if ! "$library/repro-gui/repro-gui" --self-test windows >"$library/repro-gui/windows.txt" 2>&1; then
    grep -h BROKEN "$library/repro-gui/windows.txt" | head -3 >&2
    say_libraries "No window can open yet, libraries of the system are missing."
    echo "The command line works all the same." >&2
fi
rm -f "$library/repro-gui/windows.txt"

echo "Repro GUI is installed: open it from the menu, or run $programs/repro-gui"
echo "To remove it: $library/repro-gui/uninstall.sh"
