import json
import os

labels = {"a", "b"}
numbers = {1, 2, 3}
words = [word for word in set("x y z".split())]
first = sorted(labels)
count = len(list(labels))
seen = "a" in labels
for number in numbers:
    print(number)
for label in labels:
    print(label)
pairs = dict(zip(labels, range(2)))
names = os.listdir(".")
names.sort()
paths = [name for name in os.listdir("data") if name in set(names)]
total = len(os.listdir("data"))
json.dump([words, first, pairs, paths], open("metrics.json", "w"))
