import functools
import random

import numpy as np

shuffle = functools.partial(np.random.permutation)


def objective(trial):
    np.random.seed(trial.number)
    return model.fit(shuffle(10))


study.optimize(objective)
random.seed(0)
