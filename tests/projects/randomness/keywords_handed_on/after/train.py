from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split


def forest(**kwargs):
    return RandomForestClassifier(n_jobs=1, **kwargs)


def split(X, **options):
    return train_test_split(X, **options)


train, test = split(X, test_size=0.2, random_state=0)
model = forest(n_estimators=20, random_state=42).fit(train)
print(model.score(test))
