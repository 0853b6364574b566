#!/bin/sh
# Runs a command on a virtual screen of its own, so that tests never open windows on somebody's desktop.
if [ "$(uname)" = Linux ] && ! command -v xvfb-run >/dev/null 2>&1; then
    echo "The tests need a virtual screen: install Xvfb with xvfb-run and poppler's tools, then try again." >&2
    exit 2
fi
# macOS always has a screen.
[ "$(uname)" = Linux ] || exec "$@"
# Wayland's socket would win over the virtual screen.
unset WAYLAND_DISPLAY
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24 -dpi 96 -nolisten tcp" "$@"
