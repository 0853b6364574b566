"""Runs the project's own command twice and compares."""
