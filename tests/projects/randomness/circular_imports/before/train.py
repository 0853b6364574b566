import helper

SEED = 1


def start():
    helper.seed()
    print(helper.draw())


if __name__ == "__main__":
    start()
