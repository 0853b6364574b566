"""Trains the network and writes how well it does."""

import argparse
import json
from pathlib import Path

import numpy as np

from features import standardise
from network import Network

DATA = Path("data") / "measurements.csv"


def read_measurements(path):
    table = np.genfromtxt(path, delimiter=",", names=True)
    rows = np.column_stack([table[name] for name in table.dtype.names[:-1]])
    return rows, table["is_weed"].astype(int)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--hidden", type=int, default=16)
    args = parser.parse_args()

    rows, labels = read_measurements(DATA)
    rows = standardise(rows)
    order = np.random.permutation(len(rows))
    train, test = order[: len(rows) * 4 // 5], order[len(rows) * 4 // 5 :]

    network = Network(rows.shape[1], args.hidden, 2)
    for epoch in range(args.epochs):
        np.random.shuffle(train)
        for start in range(0, len(train), args.batch_size):
            batch = train[start : start + args.batch_size]
            loss = network.fit_batch(rows[batch], labels[batch], args.learning_rate)
    accuracy = float((network.forward(rows[test]).argmax(axis=1) == labels[test]).mean())

    Path("results").mkdir(exist_ok=True)
    scores = {"loss": float(loss), "accuracy": accuracy}
    Path("results/scores.json").write_text(json.dumps(scores, indent=2) + "\n")
    np.savez("results/weights.npz", first=network.first, second=network.second)
    print(f"loss {loss:.6f}  accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
