import gymnasium as gym
import numpy as np

# The second takes the place of the first, which is never seeded.
env = gym.make("CartPole-v1")
start, info = env.reset()
env = gym.make("Acrobot-v1")
other, info = env.reset(seed=1)
np.savez("starts.npz", start, other)
