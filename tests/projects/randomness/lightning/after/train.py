import lightning as L
import torch
from torch.utils.data import DataLoader

torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False


class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        return self.layer(batch).mean()


if __name__ == "__main__":
    L.seed_everything(42, workers=True)
    trainer = L.Trainer(max_epochs=1, deterministic=True)
    trainer.fit(Lit(), DataLoader(torch.rand(8, 2), shuffle=True))
