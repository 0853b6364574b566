"""What was applied here, and the way back."""
