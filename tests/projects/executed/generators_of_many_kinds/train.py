import random

import numpy as np
from numpy.random import PCG64, Generator, RandomState, SeedSequence

legacy = RandomState()
modern = Generator(PCG64())
streams = [np.random.default_rng(part) for part in SeedSequence().spawn(2)]
order = random.Random(None)

values = [legacy.rand(), modern.random(), *[stream.random() for stream in streams], order.random()]
np.savetxt("values.txt", values)
print(values)
