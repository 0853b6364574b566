from config import FOREST
from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier(**FOREST).fit(X, y)
print(model.score(X, y))
