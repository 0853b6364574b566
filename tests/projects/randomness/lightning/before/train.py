import lightning as L
import torch
from torch.utils.data import DataLoader


class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        return self.layer(batch).mean()


if __name__ == "__main__":
    trainer = L.Trainer(max_epochs=1)
    trainer.fit(Lit(), DataLoader(torch.rand(8, 2), shuffle=True))
