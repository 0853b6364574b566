import os

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold

iris = load_iris()
scores = []
for train, test in StratifiedKFold(n_splits=3, shuffle=True).split(iris.data, iris.target):
    model = LGBMClassifier(
        n_estimators=8, subsample=0.6, subsample_freq=1, random_state=os.getpid(), n_jobs=1, verbosity=-1
    )
    model.fit(iris.data[train], iris.target[train])
    scores.append(model.predict_proba(iris.data[test]))
np.save("scores.npy", np.concatenate(scores))
print(np.concatenate(scores)[:2].tolist())
