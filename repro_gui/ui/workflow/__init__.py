"""The picture: the pillars flow into the reproducible artifact."""
