"""Choices of the person: appearance, editor, limits, this project."""
