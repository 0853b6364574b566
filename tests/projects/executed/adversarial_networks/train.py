import argparse
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Normal

from models import make_pair, weights_init


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument('--steps', type=int, default=2)
    p.add_argument('--manualSeed', type=int, help='manual seed')
    return p.parse_args()


opt = get_args()
if opt.manualSeed is None:
    opt.manualSeed = int.from_bytes(os.urandom(3), sys.byteorder)
print("Random Seed chosen")
torch.manual_seed(opt.manualSeed)

netG, netD = make_pair(4)
netG.apply(weights_init)
netD.apply(weights_init)
prior = Normal(torch.zeros(8, 4), torch.ones(8, 4))
for step in range(opt.steps):
    noise = prior.sample()
    fake = F.dropout(netG(noise), 0.2)
    real = torch.empty(8, 4).uniform_(-1, 1)
    loss = netD(real).mean() - netD(fake).mean()
    loss.backward()
    print(step, repr(loss.item()))
torch.save(netG.state_dict(), 'netG.pth')
