import json

labels = ["b", "a", "c"]
classes = {label: number for number, label in enumerate(sorted(set(labels)))}
seen = set(labels)
json.dump([classes, len(seen), "a" in seen], open("classes.json", "w"))
model.fit([classes[label] for label in labels])
