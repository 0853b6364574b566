"""The windows: the only part that knows Qt; talks to workers in messages."""

from repro_gui.ui.immortal_singletons import keep_singletons

keep_singletons()
