import argparse
import json

import gymnasium as gym
import numpy as np


class Agent:
    def __init__(self, actions, states, epsilon):
        self.values = np.zeros((states, actions))
        self.epsilon = epsilon

    def act(self, state):
        if np.random.random() < self.epsilon:
            return np.random.randint(self.values.shape[1])
        return int(np.argmax(self.values[state]))

    def learn(self, state, action, reward, following):
        target = reward + 0.9 * self.values[following].max()
        self.values[state, action] += 0.5 * (target - self.values[state, action])


def main(args):
    env = gym.make("Taxi-v4" if False else "FrozenLake-v1", is_slippery=True)
    env = gym.wrappers.TimeLimit(env, max_episode_steps=25)
    agent = Agent(env.action_space.n, env.observation_space.n, args.epsilon)
    visited = []
    for episode in range(args.episodes):
        state, info = env.reset()
        done = False
        while not done:
            action = agent.act(state)
            following, reward, terminated, truncated, info = env.step(action)
            agent.learn(state, action, reward, following)
            state, done = following, terminated or truncated
            visited.append(int(state))
    json.dump(visited, open("visited.json", "w"))
    print(visited)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=5)
    parser.add_argument("--epsilon", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=7)
    main(parser.parse_args())
