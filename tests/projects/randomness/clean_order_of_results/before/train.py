from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor() as pool:
    rows = list(pool.map(load, range(4)))
model.fit(rows)
