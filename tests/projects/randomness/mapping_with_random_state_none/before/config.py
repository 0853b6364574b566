FOREST = dict(
    n_estimators=10,
    random_state=None,  # no seed
)
