import functools

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

SEED = 2
seeded = functools.partial(RandomForestClassifier, n_estimators=10, random_state=0)
unseeded = functools.partial(ExtraTreesClassifier, n_estimators=10)
unseen = functools.partial(ExtraTreesClassifier, **load())

print(seeded().fit(X, y).score(X, y))
print(unseeded(random_state=SEED).fit(X, y).score(X, y))
print(unseen().fit(X, y).score(X, y))
