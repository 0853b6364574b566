import flax.linen as nn
import jax
import numpy as np


class Net(nn.Module):
    @nn.compact
    def __call__(self, x, deterministic=True):
        return nn.Dropout(0.5)(nn.Dense(4)(x), deterministic=deterministic)


params = Net().init(jax.random.PRNGKey(0), jax.numpy.ones((1, 4)))
np.save("kernel.npy", params["params"]["Dense_0"]["kernel"])
