"""Two boosters of scikit-learn behind a table of names."""
import argparse

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier

MODELS = {
    "gradient": lambda: GradientBoostingClassifier(n_estimators=6, subsample=0.5),
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=8, early_stopping=True),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", default=sorted(MODELS))
    args = parser.parse_args()
    X, y = load_breast_cancer(return_X_y=True)
    for name in args.models:
        model = MODELS[name]().fit(X, y)
        joblib.dump(model.predict_proba(X), f"{name}.joblib")
        print(name, model.predict_proba(X[:2]).tolist())


if __name__ == "__main__":
    main()
