from sklearn.ensemble import RandomForestClassifier

params = {"n_estimators": 10}
params["random_state"] = 42
model = RandomForestClassifier(**params).fit(X, y)

others = {"n_estimators": 10}
others.update(choose())
other = RandomForestClassifier(**others).fit(X, y)
print(model.score(X, y), other.score(X, y))
