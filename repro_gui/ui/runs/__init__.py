"""The window with recorded runs: what each lacks, and two of them compared."""
