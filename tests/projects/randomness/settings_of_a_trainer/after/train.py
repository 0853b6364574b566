import argparse

import lightning
import yaml

from net import Net, data
import torch

torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False

parser = argparse.ArgumentParser()
parser.add_argument("--config", dest="filename", default="config.yaml")
args = parser.parse_args()
with open(args.filename) as file:
    try:
        config = yaml.safe_load(file)
    except yaml.YAMLError as error:
        print(error)

lightning.seed_everything(config["seed"], workers=True)
print(config["model"])
trainer = lightning.Trainer(**config["trainer"], deterministic=True)
trainer.fit(Net(), data())
