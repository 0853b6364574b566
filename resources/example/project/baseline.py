"""Logistic regression on the same measurements, to compare with."""

from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

from features import standardise
from train import DATA, read_measurements


def main():
    rows, labels = read_measurements(DATA)
    train_rows, test_rows, train_labels, test_labels = train_test_split(standardise(rows), labels, test_size=0.2)
    model = SGDClassifier(loss="log_loss").fit(train_rows, train_labels)
    print(f"accuracy {model.score(test_rows, test_labels):.4f}")


if __name__ == "__main__":
    main()
