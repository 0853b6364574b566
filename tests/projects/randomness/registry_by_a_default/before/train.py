import argparse

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression

MODELS = {"line": LinearRegression, "forest": RandomForestClassifier, "trees": ExtraTreesClassifier}

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="forest")
args = parser.parse_args()
model = MODELS[args.model](n_jobs=1)
model.fit(X, y)
print(model.score(X, y))
