from pathlib import Path

from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline


class Experiment:
    folds = 2

    def __init__(self, rounds):
        self.rounds = rounds
        self.pipeline = Pipeline(
            [
                ("reduce", PCA(n_components=8, svd_solver="randomized")),
                ("classify", SGDClassifier(max_iter=5, tol=None)),
            ]
        )

    def search(self, X, y):
        space = {"classify__alpha": loguniform(1e-5, 1e-1)}
        return RandomizedSearchCV(self.pipeline, space, n_iter=self.rounds, cv=self.folds).fit(X, y)


if __name__ == "__main__":
    found = Experiment(3).search(*load_digits(n_class=4, return_X_y=True))
    Path("best.txt").write_text(f"{found.best_params_} {found.best_score_!r}\n{found.cv_results_['mean_test_score']}")
    print(found.best_params_)
