from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

SEED = 3
BASE = {
    "n_estimators": 10,
    "max_depth": 2,
}
FOREST = {**BASE, "bootstrap": True, "random_state": SEED}
TREES = {**BASE, 'random_state': SEED}
CONFIG = {"model": {"n_estimators": 5, "random_state": SEED}}

model = RandomForestClassifier(**FOREST).fit(X, y)
other = ExtraTreesClassifier(**TREES).fit(X, y)
third = ExtraTreesClassifier(**CONFIG["model"]).fit(X, y)
fourth = ExtraTreesClassifier(**(BASE | {"random_state": 0})).fit(X, y)
print(model.score(X, y), other.score(X, y), third.score(X, y), fourth.score(X, y))
