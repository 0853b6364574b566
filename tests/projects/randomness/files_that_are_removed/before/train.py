import glob
import os

best = "best.npy"
model.fit(load())
for path in glob.glob("snapshot*"):
    if path != best:
        os.remove(path)
for path in glob.glob("rows*"):
    if path != best:
        model.fit(path)
        os.remove(path)
