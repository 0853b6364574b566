"""Are hyperparameters, metrics and artifacts recorded?"""
