"""Whether hyperparameters, metrics and artifacts are recorded."""
