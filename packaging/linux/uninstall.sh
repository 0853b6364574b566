#!/bin/sh
# Removes what install.sh put there. Settings and the history of fixes stay, unless --purge is given.
set -eu

library=$HOME/.local/lib/repro-gui
share=${XDG_DATA_HOME:-$HOME/.local/share}

if [ -f "$library/installed-files" ]; then
    while read -r file; do
        rm -f "$file"
    done <"$library/installed-files"
fi
if [ "$(readlink "$HOME/.local/bin/repro-gui" || true)" = "$library/repro-gui" ]; then
    rm -f "$HOME/.local/bin/repro-gui"
fi
rm -rf "$library"

refresh() { if command -v "$1" >/dev/null 2>&1 && [ -d "$2" ]; then "$1" "$2" >/dev/null 2>&1 || true; fi; }
refresh update-desktop-database "$share/applications"
refresh update-mime-database "$share/mime"
# Only now: without its folder of packages the database of types is not made anew, and ours would stay in it.
for folder in icons mime applications metainfo; do
    if [ -d "$share/$folder" ]; then find "$share/$folder" -type d -empty -delete; fi
done

if [ "${1:-}" = --purge ]; then
    rm -rf "${XDG_CONFIG_HOME:-$HOME/.config}/repro-gui" "$share/repro-gui" \
        "${XDG_CACHE_HOME:-$HOME/.cache}/repro-gui" "${XDG_STATE_HOME:-$HOME/.local/state}/repro-gui"
    echo "Repro GUI is removed, with its settings and history."
else
    echo "Repro GUI is removed; settings and history stay (uninstall.sh --purge removes them too)."
fi
