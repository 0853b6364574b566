"""The same network in PyTorch, for machines with a GPU."""

import torch

from features import standardise
from train import DATA, read_measurements

torch.backends.cudnn.benchmark = True


def main():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows, labels = read_measurements(DATA)
    rows = torch.tensor(standardise(rows), dtype=torch.float32, device=device)
    labels = torch.tensor(labels, device=device)
    network = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2)).to(device)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    for epoch in range(30):
        for batch in torch.randperm(len(rows), device=device).split(64):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(rows[batch]), labels[batch])
            loss.backward()
            optimiser.step()
    print(f"loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
