from common import fix, rows

if __name__ == "__main__":
    fix()
    model.fit(rows())
