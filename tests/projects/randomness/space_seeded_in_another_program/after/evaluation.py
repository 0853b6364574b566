from collections.abc import Callable

import gymnasium as gym


def evaluate(make_env: Callable, kind: str):
    if kind == "c51":
        from c51 import make_env
    envs = gym.vector.SyncVectorEnv([make_env("CartPole-v1", 0)])
    envs.single_action_space.seed(42)
    envs.reset(seed=1)
    return envs.step([envs.single_action_space.sample()])
