"""Boosted trees: the library has a seed of its own, the rows and the split have none."""
import json

import numpy as np
import xgboost as xgb
from sklearn.model_selection import train_test_split


def rows(count):
    features = np.random.standard_normal((count, 5))
    target = features[:, 0] * 2 - features[:, 1] ** 2
    return features, target


def main():
    X, y = rows(200)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25)
    model = xgb.XGBRegressor(n_estimators=15, max_depth=3, subsample=0.7, n_jobs=1)
    model.fit(X_train, y_train)
    error = float(np.mean((model.predict(X_test) - y_test) ** 2))
    with open("metrics.json", "w") as file:
        json.dump({"mse": error}, file)
    print("mse", error)


if __name__ == "__main__":
    main()
