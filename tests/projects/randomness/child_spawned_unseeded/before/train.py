import torch
import torch.multiprocessing as mp


def work(rank, size):
    """One process of several."""
    model = torch.nn.Linear(size, 1)
    model(torch.ones(2, size)).sum().backward()
    torch.save(model.state_dict(), f"model{rank}.pt")


if __name__ == "__main__":
    torch.manual_seed(0)
    mp.spawn(work, args=(3,), nprocs=2)
