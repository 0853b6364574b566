"""Is the exact logic known? Git."""
