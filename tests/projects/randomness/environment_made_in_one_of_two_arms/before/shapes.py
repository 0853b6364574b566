import gymnasium as gym
import numpy as np


def steps(name):
    """Nothing is drawn from an environment that is only asked what it is."""
    env = gym.make(name)
    return [env.spec.max_episode_steps, env.observation_space.shape[0]]


def start(name):
    env = gym.make(name)
    return list(run(env))


def run(env):
    yield env.step(0)


np.save("steps.npy", steps("CartPole-v1"))
np.save("start.npy", start("CartPole-v1"))
