"""Whether every generator starts from a known state."""
