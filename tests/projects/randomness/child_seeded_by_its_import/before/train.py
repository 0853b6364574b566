import numpy as np
import torch.multiprocessing as mp

from seeding import set_seed

set_seed(3)


def work(rank):
    np.save(f"rows{rank}.npy", np.random.rand(3))


if __name__ == "__main__":
    mp.spawn(work, nprocs=2)
