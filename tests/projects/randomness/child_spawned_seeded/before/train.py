import torch
import torch.multiprocessing as mp


def work(rank, size):
    torch.manual_seed(rank)
    model = torch.nn.Linear(size, 1)
    model(torch.ones(2, size)).sum().backward()
    torch.save(model.state_dict(), f"model{rank}.pt")


if __name__ == "__main__":
    mp.spawn(work, args=(3,), nprocs=2)
