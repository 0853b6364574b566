import time

import lightgbm as lgb
import numpy as np
from sklearn.datasets import make_regression

PARAMETERS = {
    "objective": "regression",
    "num_leaves": 7,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "feature_fraction": 0.6,
    "seed": time.time_ns() % 2**31,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

X, y = make_regression(300, 10, random_state=0)
booster = lgb.train(PARAMETERS, lgb.Dataset(X, y), num_boost_round=10)
booster.save_model("model.txt")
print(booster.predict(X[:3]).tolist())
