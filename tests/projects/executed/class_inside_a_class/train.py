import numpy as np


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
    Other().run()
