import json
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def rows():
    for name in os.listdir(FOLDER):
        with open(os.path.join(FOLDER, name)) as file:
            yield float(file.read())


def main():
    weight = 0.0
    for value in rows():
        weight = 0.9 * weight + 0.1 * value
    with open("metrics.json", "w") as file:
        json.dump({"weight": weight}, file)
    print(weight)


if __name__ == "__main__":
    main()
