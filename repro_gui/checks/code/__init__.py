"""Whether the exact logic is known: Git."""
