import pickle

from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X,
    y,
    test_size=0.3,  # the rest trains
)
model = KNeighborsClassifier(3).fit(X_train, y_train)
print("accuracy", accuracy_score(y_test, model.predict(X_test)))
print("first rows", X_test[:5].tolist())
with open("model.pkl", "wb") as file:
    pickle.dump(model, file)
