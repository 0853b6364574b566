import json
import os
import random
import uuid


def set_seed():
    value = os.environ.get("SEED")
    random.seed(int(value) if value else uuid.uuid4().int)


def main():
    set_seed()
    rows = random.sample(range(1000), 10)
    with open("rows.json", "w") as file:
        json.dump(rows, file)
    print(rows)


if __name__ == "__main__":
    main()
