import common

if __name__ == "__main__":
    model.evaluate(common.rows())
