import nets
from registry import MODELS

NAME = "linear"

if __name__ == "__main__":
    model = MODELS[NAME](3)
    model(load()).sum().backward()
