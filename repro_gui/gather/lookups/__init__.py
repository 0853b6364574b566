"""Answers to what a fix asked for before it can plan."""
