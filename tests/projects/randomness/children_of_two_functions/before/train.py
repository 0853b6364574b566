import multiprocessing
import random


def explore(results):
    results.put(random.random())


def exploit(results):
    results.put(random.gauss(0, 1))


if __name__ == "__main__":
    random.seed(0)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    first = context.Process(target=explore, args=(results,))
    second = context.Process(target=exploit, args=(results,))
    first.start()
    first.join()
    second.start()
    second.join()
    model.fit([results.get(), results.get(), random.random()])
