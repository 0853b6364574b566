import multiprocessing
import os
import time

import numpy as np
from joblib import Parallel, delayed


def simulate(seed):
    time.sleep(os.urandom(1)[0] / 2000)
    rng = np.random.default_rng(seed)
    return rng.normal(size=3)


def main():
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        rows = np.stack(list(pool.imap_unordered(simulate, range(24))))
    more = Parallel(n_jobs=4, prefer="threads", return_as="generator_unordered")(
        delayed(simulate)(seed) for seed in range(24)
    )
    np.savez("rows.npz", rows=rows, more=np.stack(list(more)))
    print(rows.sum(), rows[0].tolist())


if __name__ == "__main__":
    main()
