from sklearn.ensemble import RandomForestClassifier


def fit(X, y, random_state=None):
    return RandomForestClassifier(random_state=42).fit(X, y)


print(fit(X, y).score(X, y))
