"""What stands on the right: one check, or one question."""
