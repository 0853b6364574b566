"""What a fix would do, before it does it."""
