import hydra
import numpy as np


@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(cfg):
    if cfg.seed is not None:
        np.random.seed(cfg.seed)
    model.fit(np.random.rand(3))


if __name__ == "__main__":
    main()
