import argparse

import lightning
import yaml

from net import Net, data

parser = argparse.ArgumentParser()
parser.add_argument("--config", dest="filename", default="config.yaml")
args = parser.parse_args()
with open(args.filename) as file:
    try:
        config = yaml.safe_load(file)
    except yaml.YAMLError as error:
        print(error)

lightning.seed_everything(config["seed"], workers=True)
config["trainer"]["deterministic"] = args.filename != "config.yaml"
trainer = lightning.Trainer(**config["trainer"])
trainer.fit(Net(), data())
