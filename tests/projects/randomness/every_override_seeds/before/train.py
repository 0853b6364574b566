import sys

import numpy as np


class Base:
    def run(self):
        self.setup()
        np.save("weights.npy", np.random.rand(4))

    def setup(self):
        np.random.seed(0)


class Child(Base):
    def setup(self):
        np.random.seed(1)


def main(trainer: Base):
    trainer.run()


if __name__ == "__main__":
    main(Child() if len(sys.argv) > 1 else Base())
