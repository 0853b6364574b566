"""Shuffled by the system's own numbers, which no seed reaches."""
import json
import random

SEED = 5
random.seed(SEED)
system = random.SystemRandom()


def main():
    rows = list(range(40))
    system.shuffle(rows)
    noise = [system.gauss(0, 1), random.random()]
    with open("rows.json", "w") as file:
        json.dump([rows, noise], file)
    print(rows, noise)


if __name__ == "__main__":
    main()
