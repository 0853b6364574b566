"""The program without windows, answering requests in JSON lines."""
