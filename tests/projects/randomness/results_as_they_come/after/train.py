from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

rows = []
with ThreadPoolExecutor() as pool:
    futures = {pool.submit(np.load, f"{number}.npy"): number for number in range(8)}
    for future in futures:
        rows.append(future.result())
np.save("rows.npy", np.stack(rows))
