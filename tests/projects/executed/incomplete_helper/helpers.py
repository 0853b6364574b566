import torch


def set_seed(value):
	if torch.cuda.is_available():
		torch.cuda.manual_seed_all(value)
	torch.manual_seed(value)
