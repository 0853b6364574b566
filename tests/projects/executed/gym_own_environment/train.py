import json

from environment import Walk


def main():
    env = Walk()
    places = []
    for _ in range(2):
        place, _ = env.reset()
        for step in range(5):
            place, reward, *_ = env.step(int(place[0] < 0))
            places.append([float(place[0]), reward])
    json.dump(places, open("places.json", "w"))
    print(places)


if __name__ == "__main__":
    main()
