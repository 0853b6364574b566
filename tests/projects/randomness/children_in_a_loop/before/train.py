import multiprocessing
import random


def counted(queue, number):
    queue.put((number, random.random()))


def named(queue, name):
    queue.put((name, random.random()))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    for number in range(3):
        context.Process(target=counted, args=(queue, number)).start()
    for name in ("a", "b"):
        context.Process(target=named, args=(queue, name)).start()
    model.fit([queue.get() for _ in range(5)])
