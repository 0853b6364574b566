import json

numbers = {3, 1, 2}
json.dump([number * 2 for number in numbers], open("numbers.json", "w"))
json.dump(max(len(word) for word in {"a", "b"}), open("longest.json", "w"))
