import torch


class Trainer:
    def __init__(self):
        torch.manual_seed(2)
        self.model = torch.nn.Linear(3, 1)

    def run(self):
        self.model(torch.randn(2, 3)).sum().backward()


if __name__ == "__main__":
    Trainer().run()
