#!/bin/sh
# Runs a command on a virtual screen of its own, so that tests never open windows on somebody's desktop.
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24 -dpi 96 -nolisten tcp" "$@"
