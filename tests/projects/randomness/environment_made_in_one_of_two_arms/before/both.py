import sys

import gymnasium as gym
import numpy as np

if sys.argv[1:]:
    env = gym.make(sys.argv[1])
else:
    env = gym.make("CartPole-v1")
start, info = env.reset()
np.save("start.npy", start)
