import multiprocessing
import random


def set_seed(seed=0):
    random.seed(seed)


def work(path):
    model.fit(random.random(), path)


def safe(path):
    set_seed(1)
    model.fit(random.random(), path)


if __name__ == "__main__":
    set_seed()
    context = multiprocessing.get_context("spawn")
    first = context.Process(target=work, args=("a",))
    first.start()
    second = context.Process(target=safe, args=("b",))
    second.start()
