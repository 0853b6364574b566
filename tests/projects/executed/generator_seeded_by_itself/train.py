import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(6)
generator = torch.Generator()
generator.seed()

train, test = random_split(TensorDataset(torch.arange(20.0)), [15, 5], generator=generator)
loader = DataLoader(train, batch_size=5, shuffle=True, generator=generator)
rows = torch.cat([batch for (batch,) in loader])
torch.save({"rows": rows, "test": list(test.indices)}, "split.pt")
print(rows.tolist(), list(test.indices))
