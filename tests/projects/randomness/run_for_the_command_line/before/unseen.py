import numpy as np
import scheduler


def main():
    np.save("numbers.npy", np.random.rand(3))


scheduler.every(main)
