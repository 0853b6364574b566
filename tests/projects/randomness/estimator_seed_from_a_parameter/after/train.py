import argparse

from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold


def forest(n=10, random_state=42):
    return RandomForestClassifier(n, random_state=random_state)


class Trainer:
    def __init__(self, folds, seed = 42):
        self.folds = folds
        self.seed = seed

    def run(self, X, y):
        for train, test in KFold(self.folds, shuffle=True, random_state=self.seed).split(X):
            print(forest().fit(X[train], y[train]).score(X[test], y[test]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int)
    parser.add_argument("--state", type=int, default=42)
    args = parser.parse_args()
    Trainer(3).run(X, y)
    print(RandomForestClassifier(args.trees, random_state=args.state).fit(X, y).score(X, y))
