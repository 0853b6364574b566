import numpy as np


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


class Seeder:
    class Seeds:
        def __init__(self):
            np.random.seed(0)

    def run(self):
        self.seeds = self.Seeds()
        np.save("w.npy", np.random.rand(3))


class Other(Seeder):
    class Seeds:
        def __init__(self):
            pass


if __name__ == "__main__":
    set_seed(42)
    Other().run()
