from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np


class Corpus:
    def __init__(self, text):
        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(str.lower, line) for line in text.splitlines()]
            text = "\n".join(job.result() for job in as_completed(jobs))
        self.data = text


corpus = Corpus(Path("raw.txt").read_text())
np.save("codes.npy", np.array([ord(letter) for letter in corpus.data]))
