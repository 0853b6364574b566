class Settings:
    def __init__(self, **values):
        self.__dict__.update(values)


def defaults():
    s = Settings()
    s.system = Settings()
    s.system.seed = None
    s.system.folder = "out"
    return s
