import numpy as np
import typer


def main(size: int = 3, seed: int = 4):
    rng = np.random.default_rng(seed)
    np.save("numbers.npy", rng.random(size))


typer.run(main)
