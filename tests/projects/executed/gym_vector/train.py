import gymnasium as gym
import numpy as np

SEED = 12


def collect(envs, steps):
    observations, _ = envs.reset()
    seen = [observations]
    for step in range(steps):
        observations, *_ = envs.step(np.full(envs.num_envs, step % 2))
        seen.append(observations)
    return np.stack(seen)


def main():
    envs = gym.make_vec("CartPole-v1", num_envs=3, vectorization_mode="sync")
    seen = collect(envs, 12)
    envs.close()
    np.save("seen.npy", seen)
    print(seen[-1].tolist())


if __name__ == "__main__":
    main()
