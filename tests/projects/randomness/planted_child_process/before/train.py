import random
from multiprocessing import get_context


def work(part):
    model.fit(part, random.random())


if __name__ == "__main__":
    random.seed(0)
    child = get_context("spawn").Process(target=work, args=([1, 2],))
    child.start()
    child.join()
