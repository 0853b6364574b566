"""Is the exact data known? Versions, checksums, splits."""
