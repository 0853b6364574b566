from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

rows = 0.0
with ThreadPoolExecutor() as pool:
    futures = {pool.submit(np.load, f"{number}.npy"): number for number in range(8)}
    for future in futures:
        rows += future.result().sum()
np.save("rows.npy", rows)
