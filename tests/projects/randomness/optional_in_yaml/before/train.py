import random

import yaml
from omegaconf import OmegaConf
from sklearn.ensemble import RandomForestClassifier


def fit(train):
    if train.seed is not None:
        random.seed(train.seed)
    return random.random()


with open("config/run.yaml") as file:
    settings = yaml.safe_load(file)
cfg = OmegaConf.load("config/run.yaml")
print(fit(cfg.train))
model = RandomForestClassifier(random_state=settings["train"]["state"]).fit(X, y)
print(model.score(X, y))
