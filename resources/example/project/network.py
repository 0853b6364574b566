"""A network with one hidden layer, in plain NumPy."""

import numpy as np


class Network:
    def __init__(self, inputs, hidden, outputs):
        self.first = np.random.randn(inputs, hidden) / np.sqrt(inputs)
        self.second = np.random.randn(hidden, outputs) / np.sqrt(hidden)

    def forward(self, rows):
        self.rows = rows
        self.hidden = np.maximum(rows @ self.first, 0)
        scores = self.hidden @ self.second
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def fit_batch(self, rows, labels, rate):
        """One step of gradient descent; returns the mean cross-entropy."""
        likely = self.forward(rows)
        loss = -np.log(likely[np.arange(len(labels)), labels] + 1e-12).mean()
        likely[np.arange(len(labels)), labels] -= 1
        likely /= len(labels)
        back = (likely @ self.second.T) * (self.hidden > 0)
        self.second -= rate * self.hidden.T @ likely
        self.first -= rate * self.rows.T @ back
        return loss
