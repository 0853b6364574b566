"""Two models on one table, folds in parallel."""

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split


@dataclass
class Config:
    seed: int = 11
    folds: int = 3
    trees: int = 5


def table(config: Config) -> pd.DataFrame:
    rng = np.random.default_rng(config.seed)
    frame = pd.DataFrame(rng.normal(size=(90, 3)), columns=["a", "b", "c"])
    frame["y"] = (frame["a"] + frame["b"] > 0).astype(int)
    frame["city"] = rng.choice(["Rome", "Oslo", "Bern"], len(frame))
    return frame


def encode(frame: pd.DataFrame) -> pd.DataFrame:
    cities = sorted(set(frame["city"]))
    return frame.assign(city=frame["city"].map({city: number for number, city in enumerate(cities)}))


def models(config: Config) -> dict:
    return {
        "forest": RandomForestClassifier(n_estimators=config.trees, random_state=config.seed),
        "linear": LogisticRegression(),
    }


def score(model, X, y, train, test) -> float:
    return float(model.fit(X[train], y[train]).score(X[test], y[test]))


def main(config: Config) -> None:
    frame = encode(table(config))
    X, y = frame[["a", "b", "c", "city"]].to_numpy(), frame["y"].to_numpy()
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, random_state=config.seed)
    folds = StratifiedKFold(n_splits=config.folds, shuffle=True, random_state=config.seed)
    scores = {}
    with ThreadPoolExecutor(2) as pool:
        jobs = {
            pool.submit(score, models(config)[name], X, y, train, test): (name, number)
            for name in models(config)
            for number, (train, test) in enumerate(folds.split(X, y))
        }
        for job in as_completed(jobs):
            scores[jobs[job]] = job.result()
    found = {f"{name} {number}": scores[name, number] for name, number in sorted(scores)}
    with open("scores.json", "w") as file:
        json.dump(found, file)
    print(found)


if __name__ == "__main__":
    main(Config())
