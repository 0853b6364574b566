import torch

torch.manual_seed(0)
eval("setattr(torch.backends.cudnn, 'deterministic', True)")
setattr(torch.backends.cudnn, "benchmark", False)
exec("torch.use_deterministic_algorithms(True)")
model = torch.nn.Linear(3, 1).cuda()
model(load().cuda()).sum().backward()
