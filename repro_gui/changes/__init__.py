"""A change, written down before it is made."""
