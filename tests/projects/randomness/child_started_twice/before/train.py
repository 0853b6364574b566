import multiprocessing
import random


def explore(results, name):
    results.put(random.random())


if __name__ == "__main__":
    random.seed(0)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    first = context.Process(target=explore, args=(results, "a"))
    second = context.Process(target=explore, args=(results, "b"))
    first.start()
    first.join()
    second.start()
    second.join()
    model.fit([results.get(), results.get(), random.random()])
