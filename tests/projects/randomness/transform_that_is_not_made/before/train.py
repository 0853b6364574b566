import argparse

from augment import augmented

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--augment", action="store_true")
    args = parser.parse_args()
    data = load()
    if args.augment:
        data.transform = augmented(3)
    model.fit(data)
