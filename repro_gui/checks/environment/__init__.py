"""Whether the exact environment is known: Python, libraries, system."""
