"""Colours, type and icons of the windows."""
