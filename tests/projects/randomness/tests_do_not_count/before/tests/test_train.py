import random

from seeds import fix


def test_it():
    fix()
