import json

labels = ["b", "a", "c"]
classes = {label: number for number, label in enumerate(set(labels))}
json.dump(classes, open("classes.json", "w"))
model.fit([classes[label] for label in labels])
