"""The door in: reads a project's folder, and runs nothing of it."""
