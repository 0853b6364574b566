import json
import random

import gymnasium as gym
import numpy as np

SEED = 5


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)


def choose(values, epsilon):
    if random.random() < epsilon:
        return random.randrange(len(values))
    return int(np.argmax(values))


def episode(env, table, epsilon=0.4):
    state, _ = env.reset()
    visited = [state]
    for _ in range(20):
        action = choose(table[state], epsilon)
        following, reward, terminated, truncated, _ = env.step(action)
        table[state, action] += 0.5 * (reward + 0.9 * table[following].max() - table[state, action])
        state = following
        visited.append(int(state))
        if terminated or truncated:
            break
    return visited


def main():
    seed_all(SEED)
    env = gym.make("FrozenLake-v1")
    env.reset(seed=SEED)
    table = np.random.uniform(0, 0.01, (env.observation_space.n, env.action_space.n))
    visited = [episode(env, table) for _ in range(4)]
    np.save("table.npy", table)
    with open("visited.json", "w") as file:
        json.dump(visited, file)
    print(visited)


if __name__ == "__main__":
    main()
