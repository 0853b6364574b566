"""Repro GUI: tells whether a machine-learning result can be had again, and mends what stands in the way."""

__version__ = "0.1.0"
