import gymnasium as gym
import numpy as np


def make_env(name, seed):
    def thunk():
        env = gym.make(name)
        env.action_space.seed(seed)
        return env

    return thunk


if __name__ == "__main__":
    envs = gym.vector.SyncVectorEnv([make_env("CartPole-v1", number) for number in range(2)])
    envs.reset(seed=0)
    rewards = [envs.step(envs.single_action_space.sample() for _ in range(2))[1] for _ in range(9)]
    np.save("rewards.npy", np.array(rewards))
