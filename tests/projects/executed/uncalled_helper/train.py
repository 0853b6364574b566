"""Run me."""

import json

from project.data import rows


def main() -> None:
    order = rows(20).tolist()
    with open("metrics.json", "w") as file:
        json.dump({"order": order, "mean": sum(order) / len(order)}, file)
    print(order)


if __name__ == "__main__":
    main()
