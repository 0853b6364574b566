import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

import torch

from tiny.loop import fit

if __name__ == "__main__":
    model = fit(4, 3)
    torch.save(model.state_dict(), "model.pt")
    print(model.first.weight.tolist())
