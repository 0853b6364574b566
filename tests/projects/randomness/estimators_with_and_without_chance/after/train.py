import lightgbm
import xgboost as xgb
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC

models = [
    LogisticRegression(),
    LogisticRegression(solver="sag", random_state=42),
    Ridge(),
    SVC(),
    SVC(probability=True, random_state=42),
    RandomForestClassifier(random_state=42),
    RandomForestClassifier(random_state=0),
    PCA(2, svd_solver="full"),
    xgb.XGBClassifier(),
    lightgbm.LGBMClassifier(),
]
for model in models:
    model.fit(X, y)
