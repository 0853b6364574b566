from sklearn.ensemble import RandomForestClassifier

from rows import X, y

model = RandomForestClassifier(n_estimators=10).fit(X, y)
score = model.score(X, y)
