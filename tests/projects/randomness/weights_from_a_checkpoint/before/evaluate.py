import timm
import torch

model = timm.create_model("vit_small_r26_s32_384", num_classes=5)
timm.models.load_checkpoint(model, "vit.npz")
torch.save(model(torch.load("images.pt")), "scores.pt")
