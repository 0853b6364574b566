"""What running the program showed."""
