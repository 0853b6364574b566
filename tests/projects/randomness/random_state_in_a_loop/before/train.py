from sklearn.ensemble import RandomForestClassifier

for seed in range(3):
    model = RandomForestClassifier(random_state=seed).fit(X, y)
    print(model.score(X, y))
