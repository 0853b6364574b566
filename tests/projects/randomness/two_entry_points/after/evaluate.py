import common

if __name__ == "__main__":
    common.fix()
    model.evaluate(common.rows())
