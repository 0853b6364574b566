import blobfile as bf
import numpy as np


def files(folder):
    found = []
    for entry in sorted(bf.listdir(folder)):
        path = bf.join(folder, entry)
        if bf.isdir(path):
            found.extend(files(path))
        else:
            found.append(path)
    return found


np.save("all.npy", np.array([np.load(path) for path in files("data")]))
