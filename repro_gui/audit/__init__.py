"""Runs the checks over a snapshot and makes the report; pure."""
