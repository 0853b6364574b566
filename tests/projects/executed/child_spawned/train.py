import json
import multiprocessing
import random

import numpy as np


def worker(number, results):
    values = np.random.rand(2).tolist()
    results.put((number, values, random.random()))


def main():
    np.random.seed(0)
    random.seed(0)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=worker, args=(number, results)) for number in range(2)]
    for one in workers:
        one.start()
    found = sorted(results.get() for _ in workers)
    for one in workers:
        one.join()
    with open("found.json", "w") as file:
        json.dump(found, file)
    print(found)


if __name__ == "__main__":
    main()
