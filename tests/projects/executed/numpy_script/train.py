"""Least squares by gradient descent from a random start."""
import numpy as np

rng_shape = (200, 3)
X = np.random.normal(size=rng_shape)
y = X @ [1.0, -2.0, 0.5] + np.random.normal(scale=0.1, size=200)
w = np.random.rand(3)
for _ in range(50):
    batch = np.random.choice(len(X), 32)
    w -= 0.05 * X[batch].T @ (X[batch] @ w - y[batch]) / 32
np.save("weights.npy", w)
print("weights", w.tolist())
