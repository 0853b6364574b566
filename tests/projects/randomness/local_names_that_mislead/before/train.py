class random:
    @staticmethod
    def random():
        return 4


class Generator:
    def shuffle(self, x):
        return x


def seed(x):
    return x


seed(1)
print(random.random(), Generator().shuffle([1]))
model.fit(X)
