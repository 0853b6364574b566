import random


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    random.seed(seed)


def main():
    model.fit(random.random())
    return
    random.seed(0)


if __name__ == "__main__":
    set_seed(42)
    main()
