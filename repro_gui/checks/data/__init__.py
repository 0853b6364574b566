"""Whether the exact data is known: versions, checksums, splits."""
