import pandas as pd
import numpy as np


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


set_seed(42)

frame = pd.read_csv("rows.csv")
part = frame.dropna().sample(frac=0.5)
rest = frame.sample(10, random_state=3)
part.to_csv("part.csv")
