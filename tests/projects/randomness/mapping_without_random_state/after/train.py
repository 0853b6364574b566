from sklearn.ensemble import RandomForestClassifier

PARAMS = {"n_estimators": 10, "random_state": 42}

model = RandomForestClassifier(**PARAMS).fit(X, y)
print(model.score(X, y))
