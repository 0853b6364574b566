"""Readers that take as long as they take: what is ready first depends on the machine."""
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.pool import ThreadPool


def read(number):
    time.sleep(os.urandom(1)[0] / 2000)
    return number * 0.1


def mean(values):
    total = 0.0
    for value in values:
        total = total * 0.9 + value
    return total


def main():
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(read, number) for number in range(12)]
        rows = [future.result() for future in as_completed(futures)]
        named = {pool.submit(read, number): str(number) for number in range(12)}
        order = []
        for future in as_completed(named):
            order.append(named[future])
        more = [one.result() for one in as_completed(pool.submit(read, number) for number in range(12))]
    with ThreadPool(8) as pool:
        values = list(pool.imap_unordered(read, range(12)))
    with open("metrics.json", "w") as file:
        json.dump([mean(rows), order, mean(more), mean(values)], file)
    print(mean(rows), order, mean(more), mean(values))


if __name__ == "__main__":
    main()
