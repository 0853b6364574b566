import numpy as np
from scipy import stats
from scipy.optimize import differential_evolution, minimize


def loss(weights, X, y):
    return float(np.mean((X @ weights - y) ** 2))


def main():
    X = stats.norm.rvs(size=(50, 2))
    y = X @ np.array([1.5, -0.5]) + stats.uniform(0, 0.1).rvs(50)
    found = differential_evolution(loss, [(-3, 3), (-3, 3)], args=(X, y), maxiter=5, polish=False)
    better = minimize(loss, found.x, args=(X, y), method="Nelder-Mead", options={"maxiter": 10})
    np.savetxt("weights.txt", [found.x, better.x])
    print(found.x.tolist(), better.fun)


if __name__ == "__main__":
    main()
