import argparse

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

MODELS = {"forest": RandomForestClassifier, "trees": ExtraTreesClassifier}

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="forest", choices=sorted(MODELS))
args = parser.parse_args()
model = MODELS[args.model](n_jobs=1)
model.fit(X, y)
print(model.score(X, y))
