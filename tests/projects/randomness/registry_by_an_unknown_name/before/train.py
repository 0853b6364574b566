import sys

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression

MODELS = {"line": LinearRegression, "forest": RandomForestClassifier, "trees": ExtraTreesClassifier}

make = MODELS.get(sys.argv[1])
model = make(n_jobs=1)
model.fit(X, y)
print(model.score(X, y))
