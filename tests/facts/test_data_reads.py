from __future__ import annotations

from collections.abc import Mapping

import pytest

from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.data_reads import DataRead, ReadKind, data_reads
from repro_gui.facts.program import Program, trace_program
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.tree import FileTree
from repro_gui.knowledge import load_knowledge

HEAD = """
import argparse
import os
import os.path as osp
import pickle
from pathlib import Path
import numpy as np
import pandas as pd
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
parser = argparse.ArgumentParser()
parser.add_argument("--data", default="data/table.csv")
parser.add_argument("--data-dir", default="data")
parser.add_argument("--other", default=None)
parser.add_argument("--given")
args = parser.parse_args()
LogisticRegression().fit([[0], [1]], [0, 1])
"""
DVC_FOLDER = b"outs:\n- md5: 00000000000000000000000000000000.dir\n  hash: md5\n  path: held\n"


def reads(source: str, files: Mapping[str, bytes] | None = None, script: str = "train.py") -> list[DataRead]:
    given = {
        script: (HEAD + source).encode(),
        "data/table.csv": b"a,b\n",
        "data/images/cat/1.png": b"x",
        "data/images/dog/2.png": b"x",
        "data/array.npz": b"x",
        "config.json": b"{}",
        "held.dvc": DVC_FOLDER,
        "README.md": b"Train: `python train.py --given data/array.npz`\n\n```\npython train.py --given data/array.npz\n```\n",
        **(files or {}),
    }
    snapshot = snapshot_of_files("p", given)
    knowledge = load_knowledge()
    program = trace_program(snapshot, knowledge)
    assert isinstance(program, Program)
    assert isinstance(snapshot.tree, FileTree)
    assert isinstance(snapshot.data_files, DataFiles)
    return list(data_reads(program, snapshot.launchers, snapshot.tree, snapshot.data_files, knowledge))


def places(source: str, files: Mapping[str, bytes] | None = None, script: str = "train.py") -> list[tuple[str, str]]:
    return [(read.kind.value, read.path) for read in reads(source, files, script)]


TABLE = [("file", "data/table.csv")]
PATHS = {
    "literal": ('pd.read_csv("data/table.csv")', TABLE),
    "dotted": ('pd.read_csv("./data/../data/table.csv")', TABLE),
    "keyword": ('pd.read_csv(filepath_or_buffer="data/table.csv")', TABLE),
    "constant": ('DATA = "data/table.csv"\npd.read_csv(DATA)', TABLE),
    "join": ('ROOT = "data"\npd.read_csv(osp.join(ROOT, "table.csv"))', TABLE),
    "pathlib": ('pd.read_csv(Path("data") / "table.csv")', TABLE),
    "beside the script": ('pd.read_csv(Path(__file__).resolve().parent / "data" / "table.csv")', TABLE),
    "two steps": ('HERE = Path(__file__).parent\nDATA = HERE / "data"\npd.read_csv(DATA.joinpath("table.csv"))', TABLE),
    "dirname": ('pd.read_csv(os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "table.csv"))', TABLE),
    "f-string": ('NAME = "table"\npd.read_csv(f"data/{NAME}.csv")', TABLE),
    "plus": ('pd.read_csv("data/" + "table.csv")', TABLE),
    "option": ("pd.read_csv(args.data)", TABLE),
    "option joined": ('pd.read_csv(os.path.join(args.data_dir, "table.csv"))', TABLE),
    "launcher gives it": ("np.load(args.given)", [("file", "data/array.npz")]),
    "parameter": ('def load(path):\n    return pd.read_csv(path)\nload("data/table.csv")', TABLE),
    "default": ('def load(path="data/table.csv"):\n    return pd.read_csv(path)\nload()', TABLE),
    "empty default": (
        'import glob\ndef load(root=""):\n    return [np.load(one) for one in glob.glob(root + "/*.npz")]\nload()',
        [("unknown", "")],
    ),
    "class": (
        (
            "class Set:\n    def __init__(self, root, name):\n        self.root = root\n"
            '        self.frame = pd.read_csv(os.path.join(self.root, name))\nSet("data", name="table.csv")'
        ),
        TABLE,
    ),
    "environment": ('pd.read_csv(os.environ.get("DATA", "data/table.csv"))', TABLE),
    "dictionary": ('PATHS = {"train": "data/table.csv"}\npd.read_csv(PATHS["train"])', TABLE),
    "with open": (
        'with open("data/table.csv") as file:\n    pd.read_csv(file)',
        [("file", "data/table.csv"), ("file", "data/table.csv")],
    ),
    "two": (
        'path = "data/table.csv"\nif args.other:\n    path = "data/none.csv"\npd.read_csv(path)',
        [("file", "data/table.csv"), ("missing", "data/none.csv")],
    ),
    "folder": (
        'import torchvision\ntorchvision.datasets.ImageFolder("data/images")',
        [("folder", "data/images")],
    ),
    "item of a folder": (
        'def item(root, name):\n    return Image.open(os.path.join(root, "cat", name))\nitem("data/images", input())',
        [("folder", "data/images/cat")],
    ),
    "glob": ('import glob\nglob.glob("data/images/*/*.png")', [("folder", "data/images")]),
    "end only": ('pd.read_csv(os.path.join(input(), "table.csv"))', TABLE),
    "not here": ('pd.read_csv("data/none.csv")', [("missing", "data/none.csv")]),
    "outside": ('pd.read_csv("/mnt/x.csv")\nnp.load("~/x.npy")', [("outside", "/mnt/x.csv"), ("outside", "~/x.npy")]),
    "above": ('pd.read_csv("../x.csv")', [("outside", "../x.csv")]),
    "url": ('pd.read_csv("https://example.org/x.csv")', [("url", "https://example.org/x.csv")]),
    "lakefs": ('pd.read_csv("lakefs://repo/main/x.csv")', [("lakefs", "lakefs://repo/main/x.csv")]),
    "storage": ('pd.read_csv("s3://bucket/x.csv")', [("storage", "s3://bucket/x.csv")]),
    "unknown": ("pd.read_csv(input())", [("unknown", "")]),
    "held by DVC": ('np.load("held/a.npy")', [("file", "held/a.npy")]),
    "no default": ("if args.other:\n    pd.read_csv(args.other)", []),
    "must be given": ("pd.read_csv(args.other)", [("unknown", "")]),
    "configuration": ('open("config.json")', []),
    "unpickled": (
        'pickle.load(open("data/array.npz", "rb"))',
        [("file", "data/array.npz"), ("file", "data/array.npz")],
    ),
    "general data": ('open("data/array.npz", "rb").read()', [("file", "data/array.npz")]),
    "format": ('pd.read_csv("{}/{name}.csv".format("data", name="table"))', TABLE),
    "format by number": ('pd.read_csv("{1}/{0}".format("table.csv", "data"))', TABLE),
    "format of something": ('pd.read_csv("data/images/{}/{}".format("cat", input()))', [("folder", "data/images/cat")]),
    "percent": ('pd.read_csv("%s/table.csv" % "data")', TABLE),
    "percent of two": ('pd.read_csv("data/%s.%s" % ("table", "csv"))', TABLE),
    "mapped and made": (
        'np.memmap("data/new.bin", mode="w+", shape=3)\nnp.memmap("data/new.bin")\nnp.memmap("data/old.bin")',
        [("missing", "data/old.bin")],
    ),
    "made under names that are not known": (
        'np.memmap(f"data/{input()}.bin", dtype="int", mode="w+")\nnp.memmap("data/old.bin")\nnp.load("data/array.npz")',
        [("file", "data/array.npz")],
    ),
    "written": ('open("data/new.csv", "w")', []),
    "product": ('np.save("features.npy", 1)\nnp.load("features.npy")', []),
    "made by a method": ('pd.DataFrame().to_csv("new.csv")\npd.read_csv("new.csv")', []),
    "suffix added": ('np.save("new", 1)\nnp.load("new.npy")', []),
    "own weights": ('torch.load(input())\ntorch.load("checkpoints/best.pt")', []),
    "results": ('pd.read_csv("results/scores.csv")', []),
    "bundled": ("from sklearn.datasets import load_iris\nload_iris()", [("bundled", "")]),
    "in a string": ("x = \"pd.read_csv('data/table.csv')\"", []),
    "never called": ('def f():\n    pd.read_csv("data/table.csv")', []),
    "shadowed": ('def f(pd):\n    pd.read_csv("data/table.csv")\nf(print)', []),
    "itself": ('p = "data"\np = p + "/table.csv"\npd.read_csv(p)', [("file", "data/table.csv")]),
}


@pytest.mark.parametrize(("source", "expected"), PATHS.values(), ids=PATHS)
def test_paths_that_the_program_reads(source: str, expected: list[tuple[str, str]]) -> None:
    assert places(source) == expected


def test_path_from_the_folder_of_the_script() -> None:
    files = {"src/data/near.csv": b"x"}
    assert places('pd.read_csv("data/near.csv")', files, script="src/train.py") == [("file", "src/data/near.csv")]
    assert places('pd.read_csv("../data/table.csv")', files, script="src/train.py") == [("file", "data/table.csv")]


def test_words_that_a_launcher_gives() -> None:
    files = {"Makefile": b"train:\n\tpython train.py data table.csv\n", "README.md": b"# Project\n"}
    assert places("import sys\npd.read_csv(os.path.join(sys.argv[1], sys.argv[2]))", files) == TABLE


def test_path_in_another_module() -> None:
    files = {
        "config.py": b'DATA = "data/table.csv"\n',
        "loading.py": b"import pandas\nimport config\n\ndef load():\n    return pandas.read_csv(config.DATA)\n",
    }
    (read,) = reads("from loading import load\nload()", files)
    assert (read.kind, read.path, read.location.path, read.location.line) == (
        ReadKind.FILE,
        "data/table.csv",
        "loading.py",
        5,
    )


def test_hub_with_and_without_a_commit() -> None:
    commit = "a" * 40
    found = reads(
        f'from datasets import load_dataset\nload_dataset("glue", "mrpc")\nload_dataset("squad", revision="{commit}")\n'
        'load_dataset("squad", revision="main")\nload_dataset("csv", data_files="data/table.csv")\n'
    )
    assert [(read.kind, read.path, read.revision, read.is_pinned_by_call) for read in found] == [
        (ReadKind.HUB, "glue", "", False),
        (ReadKind.HUB, "squad", commit, True),
        (ReadKind.HUB, "squad", "main", False),
        (ReadKind.FILE, "data/table.csv", "", False),
    ]


def test_files_of_a_set_on_the_hub_lie_in_that_set() -> None:
    found = reads(
        "import sys\nfrom datasets import load_dataset\n"
        'load_dataset("org/robots", data_files="data/*/*.parquet")\nload_dataset(sys.argv[1], data_files="data/*.parquet")\n'
    )
    assert [read.kind for read in found] == [ReadKind.HUB, ReadKind.HUB]


def test_download_that_the_library_checks() -> None:
    found = reads(
        "from torchvision import datasets, transforms\n"
        'datasets.MNIST("store", train=True, download=True)\ndatasets.MNIST("data/images")\n'
        'datasets.MNIST("./store", train=False)\n'
    )
    assert [(read.kind, read.path, read.is_checked) for read in found] == [
        (ReadKind.DOWNLOAD, "store", True),
        (ReadKind.FOLDER, "data/images", False),
    ]


EXTRACTED = """
import tarfile, urllib.request
from zipfile import ZipFile
def load():
    Path("datasets").mkdir(exist_ok=True)
    urllib.request.urlretrieve("https://example.org/a.tgz", "datasets/a.tgz")
    with tarfile.open("datasets/a.tgz") as archive:
        archive.extractall(path="datasets")
    return [pd.read_csv(Path("datasets/a") / name) for name in ("x.csv", "y.csv")]
load()
"""


def test_what_the_program_unpacks_is_its_product() -> None:
    found = reads(EXTRACTED, {"datasets/README.txt": b"x"})
    # The address stays as it is written, and nothing of what the archive holds is asked for.
    assert [(read.kind, read.path) for read in found] == [(ReadKind.DOWNLOAD, "https://example.org/a.tgz")]


def test_what_a_method_of_the_path_makes_is_a_product() -> None:
    assert places("Path('made').mkdir()\npd.read_csv('made/a.csv')") == []
    assert places("p = Path('made.csv')\np.write_text('a')\npd.read_csv('made.csv')") == []
    assert places("Path('made').exists()\npd.read_csv('made/a.csv')") == [("missing", "made/a.csv")]


PREPARE = b"""import argparse, os
from PIL import Image
def main(args):
    os.makedirs(args.output_dir)
    Image.open(os.path.join(args.image_dir, "a")).save(os.path.join(args.output_dir, "a"))
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--image_dir", default="raw")
    parser.add_argument("--output_dir", default="./data/small/")
    main(parser.parse_args())
"""


def test_what_another_program_of_the_project_makes_is_a_product() -> None:
    source = "Image.open(os.path.join('data/small', sys.argv[1]))"
    assert places(source) == [("missing", "data/small")]
    assert places(source, {"prepare.py": PREPARE}) == []
    # What a test writes is nobody's data.
    assert places(source, {"tests/test_prepare.py": PREPARE}) == [("missing", "data/small")]


FETCHES = {
    "wget -P": ("wget -P fetched https://example.org/a.csv", "fetched/a.csv"),
    "wget -O": ("wget -q -O fetched/b.csv https://example.org/a.csv", "fetched/b.csv"),
    "curl": ("curl -L https://example.org/a.csv -o fetched/b.csv", "fetched/b.csv"),
    "plain": ("wget https://example.org/a.csv", "a.csv"),
    "unpacked": ("wget -P raw https://example.org/a.zip\nunzip raw/a.zip -d raw", "raw/sub/a.csv"),
    "store": ("aws s3 sync s3://bucket/x fetched/", "fetched/a.csv"),
}


@pytest.mark.parametrize(("script", "path"), FETCHES.values(), ids=FETCHES)
def test_what_a_script_of_the_project_fetches_stands_for_what_is_read(script: str, path: str) -> None:
    (found,) = reads(f"pd.read_csv('{path}')", {"get.sh": script.encode() + b"\n"})
    assert (found.kind, found.location.path, found.is_checked) == (ReadKind.DOWNLOAD, "get.sh", False)
    assert found.path.startswith(("https://example.org/a", "s3://bucket/x"))
    (compared,) = reads(f"pd.read_csv('{path}')", {"get.sh": script.encode() + b"\nsha256sum --check sums\n"})
    assert compared.is_checked


def test_a_folder_of_folders_that_another_program_fills() -> None:
    source = "np.memmap(os.path.join('sets', sys.argv[1], 'train.bin'), dtype='u2', mode='r')"
    prepare = b"""import os, numpy as np
for split in ("train", "val"):
    np.memmap(os.path.join(os.path.dirname(__file__), f"{split}.bin"), dtype="u2", mode="w+", shape=(1,))
"""
    assert places(source, {"sets/a/prepare.py": prepare}) == []
    assert places(source, {"sets/a/notes.py": b"x = 1\n"}) == [("folder", "sets")]


@pytest.mark.parametrize("script", ["wget --spider https://e.org/a.csv", "curl https://e.org/a.csv", "echo wget a.csv"])
def test_commands_that_keep_nothing(script: str) -> None:
    assert places("pd.read_csv('a.csv')", {"get.sh": script.encode()}) == [("missing", "a.csv")]


def test_commands_that_python_starts() -> None:
    source = "os.system('wget -P fetched https://example.org/a.csv')\npd.read_csv('fetched/a.csv')"
    assert places(source) == [("download", "https://example.org/a.csv")]
    source = (
        "import subprocess\nsubprocess.run(['curl', '-o', 'a.csv', 'https://example.org/a.csv'])\npd.read_csv('a.csv')"
    )
    assert places(source) == [("download", "https://example.org/a.csv")]


def test_the_kernel_of_a_notebook_works_in_its_folder() -> None:
    notebook = (
        b'{"cells": [{"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": '
        b"\"import pandas as pd\\nfrom sklearn.svm import SVC\\nSVC().fit(pd.read_csv('../raw/a.csv'), 1)\"}], "
        b'"metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    found = reads("", {"study/notebooks/a.ipynb": notebook})
    assert [(read.kind, read.path) for read in found] == [(ReadKind.MISSING, "study/raw/a.csv")]
