"""What should be true of a project: one file is one check."""
