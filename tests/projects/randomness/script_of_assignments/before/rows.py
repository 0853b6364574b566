import json

rows = json.load(open("rows.json"))
X, y = rows["X"], rows["y"]
