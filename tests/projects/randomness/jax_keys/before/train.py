import time

import jax

SEED = 3

key = jax.random.PRNGKey(SEED)
first = jax.random.normal(key, (3,))
again = jax.random.normal(key, (3,))
moving = jax.random.key(int(time.time()))
loss = jax.grad(model)(first + again + jax.random.normal(moving, (3,)))
