import torch

torch.manual_seed(0)
torch.use_deterministic_algorithms(True)
eval("setattr(torch.backends.cudnn, 'benchmark', True)")
exec("this is no Python")
model = torch.nn.Linear(3, 1).cuda()
model(load().cuda()).sum().backward()
