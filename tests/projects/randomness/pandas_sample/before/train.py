import pandas as pd

frame = pd.read_csv("rows.csv")
part = frame.dropna().sample(frac=0.5)
rest = frame.sample(10, random_state=3)
part.to_csv("part.csv")
