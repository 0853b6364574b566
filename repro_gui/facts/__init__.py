"""What is true of a project: frozen values, and pure functions that make them from bytes."""
