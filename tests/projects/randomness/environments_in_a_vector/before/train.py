import gymnasium as gym
import numpy as np


def make(number):
    def thunk():
        return gym.make("CartPole-v1")

    return thunk


envs = gym.vector.SyncVectorEnv([make(number) for number in range(2)])
observations, infos = envs.reset(seed=1)
np.save("starts.npy", observations)
