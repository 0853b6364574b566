FOREST = dict(
    n_estimators=10,
    random_state=42,  # no seed
)
