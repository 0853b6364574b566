import argparse

import sklearn.ensemble
import torch
import torchvision

parser = argparse.ArgumentParser()
parser.add_argument("--arch", default="resnet18")
args = parser.parse_args()
torch.manual_seed(0)
net = getattr(torchvision.models, args.arch)()
model = getattr(sklearn.ensemble, "RandomForestClassifier")(3)
model.fit(net(X), y)
