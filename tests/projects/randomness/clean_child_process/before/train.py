import random
from multiprocessing import get_context


def work(part, seed):
    random.seed(seed)
    model.fit(part, random.random())


if __name__ == "__main__":
    child = get_context("spawn").Process(target=work, args=([1, 2], 5))
    child.start()
    child.join()
