from concurrent.futures import ThreadPoolExecutor, as_completed

with ThreadPoolExecutor() as pool:
    futures = [pool.submit(load, number) for number in range(4)]
    rows = [future.result() for future in futures]
model.fit(rows)
