import gym
import numpy as np

env = gym.make("CartPole-v0")
env.seed(42)
starts = []
for episode in range(3):
    state = env.reset()
    starts.append(state)
np.save("starts.npy", starts)
