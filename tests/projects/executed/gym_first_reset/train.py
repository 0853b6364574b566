"""A random agent."""
import gymnasium as gym
import numpy as np

env = gym.make("CartPole-v1")
state, _ = env.reset()
total = 0.0
states = [state]
for _ in range(30):
    action = int(np.random.rand() < 0.5)
    state, reward, terminated, truncated, _ = env.step(action)
    states.append(state)
    total += reward
    if terminated or truncated:
        break
np.save("states.npy", np.stack(states))
print("total", total, states[-1].tolist())
