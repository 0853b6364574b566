import os
import torch

torch.manual_seed(1)
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
torch.use_deterministic_algorithms(True)
torch.backends.cudnn.deterministic = True
if torch.cuda.is_available():
    torch.cuda.manual_seed_all(1)
model = torch.nn.Linear(2, 2).cuda()
model(torch.rand(1, 2, device="cuda")).sum().backward()
