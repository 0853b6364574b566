"""Is the exact environment known? Python, libraries, system."""
