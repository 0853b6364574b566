import numpy as np


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


class Base:
    def run(self):
        self.setup()
        np.save("weights.npy", np.random.rand(4))

    def setup(self):
        np.random.seed(0)


class Child(Base):
    def setup(self):
        pass


if __name__ == "__main__":
    set_seed(42)
    Child().run()
