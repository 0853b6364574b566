import argparse
import json

import torch
from torch import nn

from data import loaders
from seeding import set_seed


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.1))
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.features(x))


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=3)
    return parser.parse_args()


def evaluate(model, loader, device):
    model.eval()
    with torch.no_grad():
        hits = [(model(x.to(device)).argmax(1) == y.to(device)).sum().item() for x, y in loader]
    return sum(hits)


def main():
    args = parse_args()
    set_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Net().to(device)
    train, test = loaders(args.batch_size, args.seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = criterion(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
    hits = evaluate(model, test, device)
    torch.save(model.state_dict(), "model.pt")
    with open("metrics.json", "w") as file:
        json.dump({"loss": loss.item(), "hits": hits}, file)
    print(loss.item(), hits)


if __name__ == "__main__":
    main()
