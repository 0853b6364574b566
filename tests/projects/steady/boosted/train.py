"""Boosting libraries seed themselves; the data seeds itself too."""

import json

import lightgbm as lgb
import xgboost as xgb
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_score

X, y = load_diabetes(return_X_y=True)
tree_parameters = {"num_leaves": 5, "bagging_fraction": 0.5, "bagging_freq": 1, "num_threads": 1, "verbosity": -1}
booster = lgb.train(tree_parameters, lgb.Dataset(X, y), num_boost_round=5)
model = xgb.XGBRegressor(n_estimators=5, max_depth=2, subsample=0.5, n_jobs=1).fit(X, y)
scores = cross_val_score(HistGradientBoostingRegressor(max_iter=3, random_state=1), X, y, cv=KFold(3))
result = [booster.predict(X[:4]).tolist(), model.predict(X[:4]).tolist(), scores.tolist()]
with open("metrics.json", "w") as file:
    json.dump(result, file)
print(result)
