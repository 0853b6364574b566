import gymnasium as gym
import numpy as np


def make(name):
    return gym.make(name)


def rollout(env, steps):
    observation, _ = env.reset()
    rewards = []
    for _ in range(steps):
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        rewards.append([reward, *observation])
        if terminated or truncated:
            break
    return rewards


if __name__ == "__main__":
    rewards = rollout(make("Pendulum-v1"), 20)
    np.savetxt("rewards.csv", rewards)
    print(rewards[-1])
