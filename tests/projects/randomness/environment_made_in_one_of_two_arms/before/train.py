import sys

import gymnasium as gym
import numpy as np
import suite


def make(name, seed):
    if name.startswith("dm"):
        env = suite.load(name)
        env = suite.Clipped(env)
    else:
        env = gym.make(name)
    if sys.argv[1:]:
        env = gym.wrappers.RecordEpisodeStatistics(env)
    env.reset(seed=seed)
    return env


np.save("start.npy", make("CartPole-v1", 3).unwrapped.state)
