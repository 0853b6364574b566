import gymnasium as gym
import numpy as np


class Scaled(gym.ObservationWrapper):
    def reset(self, **kwargs):
        return self.env.reset(**kwargs)

    def observation(self, observation):
        return observation / 10


env = Scaled(gym.make("CartPole-v1"))
observation, info = env.reset()
np.save("start.npy", observation)
