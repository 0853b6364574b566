import gymnasium as gym
import numpy as np

env = gym.make("CartPole-v1")
env.reset(seed=7)
starts = [env.reset()[0] for _ in range(5)]
np.save("starts.npy", starts)
