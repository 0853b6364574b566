from sklearn.decomposition import PCA

model = PCA(2)
print(model.fit(X))
