from seeds import seed_all as _seed_all


def start(value=5):
    _seed_all(value)
