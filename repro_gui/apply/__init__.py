"""The door out: writes to a project's folder."""
