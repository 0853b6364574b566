"""One fault for each check, planted in the clean project, and how it is mended."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec

from repro_gui.facts.determinism import Determinism, ModeResult, ModeState, ProbedCase, Verdict
from repro_gui.facts.rebuild import Rebuild, RebuildSource, RebuildState
from repro_gui.gather.lookups.hub_cache import hub_cache_folder
from repro_gui.own_folders import rebuild_file, write_whole
from repro_gui.text import text
from repro_gui.worker.probe_project import keep_probe
from tests.checks.clean_project import DIGEST, GIT_SERVER, IMAGE, PACKAGES, PYTHON, TAG, notebook
from tests.git_repositories import run_git, write_files
from tests.lakefs_server import lakefs_in_use

Plant = Callable[[Path], None]


class Fault(msgspec.Struct, frozen=True):
    """A fault that exactly one check finds.

    `is_committed` says that it is committed and pushed like any work; else it lies in the work tree, and `mend` takes it away
    by hand where the check has no fix. `unclear` are checks that cannot tell while it is there; the row says why. After the fix
    come the fixes of `then`, and `finish` by hand: what a fix leaves to others. `no_fix` says why a fix of the check cannot be
    tried here.

    `remains` are the checks that a new audit still finds right after the fix, exactly those, each with why that is right;
    `then` and `finish` are for them. `within` makes, for as long as the row runs, what the fix asks.
    """

    check: str
    plant: Plant
    is_committed: bool = True
    mend: Plant | None = None
    unclear: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    finish: Plant | None = None
    remains: Mapping[str, str] = {}
    within: Callable[[], AbstractContextManager[None]] = nullcontext
    no_fix: str = ""


# What cannot be planted in this project, with the reason.
NOT_PLANTED: dict[str, str] = {}


def edit(path: str, *changes: tuple[str, str]) -> Plant:
    """Replace texts in a file; each stands there exactly once."""

    def plant(root: Path) -> None:
        target = root / path
        content = target.read_text()
        for old, new in changes:
            assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {path}"
            content = content.replace(old, new)
        target.write_text(content)

    return plant


def write(files: dict[str, str | bytes]) -> Plant:
    """Write files."""
    return lambda root: write_files(root, files)


def remove(*paths: str) -> Plant:
    """Remove files or folders."""

    def plant(root: Path) -> None:
        for path in paths:
            target = root / path
            shutil.rmtree(target) if target.is_dir() else target.unlink()

    return plant


def cut(path: str, start: str, end: str = "") -> Plant:
    """Take a part of a text away, up to another one or to the end."""

    def plant(root: Path) -> None:
        before, found, after = (root / path).read_text().partition(start)
        assert found
        (root / path).write_text(before + (end + after.partition(end)[2] if end else ""))

    return plant


def both(*plants: Plant) -> Plant:
    """One after the other."""

    def plant(root: Path) -> None:
        for one in plants:
            one(root)

    return plant


def train(*changes: tuple[str, str]) -> Plant:
    """Edit the program."""
    return edit("train.py", *changes)


# ---- code ----


def _forget(root: Path) -> None:
    run_git(root, "rm", "--quiet", "--cached", "network.py")


def _commit_forgotten(root: Path) -> None:
    _forget(root)
    run_git(root, "commit", "--quiet", "--message", "Forget a module")
    run_git(root, "push", "--quiet", "origin", "HEAD:main")


def _ignore(root: Path) -> None:
    _forget(root)
    (root / ".gitignore").write_text((root / ".gitignore").read_text() + "net*\n")


def _leave_submodule_out(root: Path) -> None:
    library = root.parent / f"{root.name}-library"
    run_git(root.parent, "init", "--quiet", "--initial-branch=main", str(library))
    write_files(library, {"notes.md": "# Notes\n"})
    run_git(library, "add", "--all")
    run_git(library, "commit", "--quiet", "--message", "Notes")
    allowed = ("-c", "protocol.file.allow=always")
    run_git(root, *allowed, "submodule", "--quiet", "add", str(library), "library")
    run_git(root, "commit", "--quiet", "--message", "Add a submodule")
    run_git(root, "push", "--quiet", "origin", "HEAD:main")
    run_git(root, "submodule", "--quiet", "deinit", "--force", "library")


def _bring_submodule(root: Path) -> None:
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")


def _commit_only(root: Path) -> None:
    (root / "network.py").write_text((root / "network.py").read_text() + "\n# Eight are enough.\n")
    run_git(root, "commit", "--quiet", "--all", "--message", "Say why")


def _name_commit_of_run(root: Path) -> None:
    (tag,) = (root / "mlruns").glob("*/*/tags/mlflow.source.git.commit")
    tag.write_text(run_git(root, "rev-parse", "HEAD").strip())


def _push(root: Path) -> None:
    run_git(root, "push", "--quiet", "origin", "HEAD:main")


CODE = (
    Fault("ignored-import", _ignore),
    Fault(
        "missing-import",
        both(write({"parts/__init__.py": ""}), train(("from network", "from parts.layers import Layer\nfrom network"))),
    ),
    Fault("missing-submodule", _leave_submodule_out, is_committed=False, mend=_bring_submodule),
    Fault(
        "no-repository",
        remove(".git"),
        is_committed=False,
        unclear=("run-without-commit",),
        finish=_name_commit_of_run,
        remains={
            "run-without-commit": "the history is gone, and with it the commit that the run names; no fix may invent it"
        },
    ),
    Fault("uncommitted-change", edit("network.py", ("8)", "9)"), ("(8", "(9")), is_committed=False),
    Fault("untracked-source", _commit_forgotten, is_committed=False),
    Fault("hard-coded-path", train(('"data/train.csv"', '"/home/anna/wheat/data/train.csv"'))),
    Fault("large-file-in-git", write({"archive/table.npy": b"0" * 12_000_000})),
    Fault("no-run-instructions", cut("README.md", "## Reproduce")),
    Fault("notebook-out-of-order", write({"look.ipynb": notebook((2, 1))})),
    Fault("unpushed-commit", _commit_only, is_committed=False, mend=_push),
    Fault("code-not-parsed", write({"old.py": "print 'wheat'\n"})),
)

# ---- data ----


def _fetch_from_hub(_root: Path) -> None:
    """What the hub's client leaves on a machine that fetched the model."""
    folder = hub_cache_folder(os.environ) / "models--team--wheat"
    write_files(folder, {"refs/main": "5" * 40, f"snapshots/{'5' * 40}/config.json": "{}"})


def _fill_in_sheet(root: Path) -> None:
    path = root / "DATA.md"
    path.write_text(path.read_text().replace("Source: …", "Source: <https://doi.org/10.5281/zenodo.1234567>"))


def _name_no_remote(root: Path) -> None:
    (root / ".dvc/config").write_text("")


DATA = (
    Fault("changed-data", write({"data/labels.csv": "kind\nwheat\nrye\n"}), is_committed=False),
    Fault(
        "missing-lfs-object",
        write({"grown.bin": f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 12345\n"}),
    ),
    Fault("stale-pipeline", edit("prepare.py", ('row["kind"] == "weed"', 'row["kind"] != "wheat"'))),
    Fault("unpinned-split", train((", random_state=options.seed", ""), ("    np.random.seed(seed)\n", ""))),
    Fault(
        "unversioned-data",
        both(
            train(("data/train.csv", "data/more.csv")),
            write({"data/more.csv": "length,kind\n1.0,0\n", ".gitignore": "*.csv\n"}),
        ),
    ),
    Fault(
        "moving-hub-revision",
        both(
            _fetch_from_hub,
            train(
                ("from network", "from transformers import AutoModel\n\nfrom network"),
                ("    network = make", '    AutoModel.from_pretrained("team/wheat")\n    network = make'),
            ),
        ),
    ),
    Fault(
        "moving-lakefs-ref",
        train(
            (
                "    network = make",
                '    print(pd.read_parquet("lakefs://prices/main/more.parquet"))\n    network = make',
            )
        ),
        within=lakefs_in_use,
    ),
    Fault("no-data-remote", _name_no_remote),
    Fault(
        "no-data-source",
        cut("README.md", "## Data", "## Reproduce"),
        finish=_fill_in_sheet,
        remains={"no-data-source": "the fix writes a sheet with blanks; only a person knows what belongs into them"},
    ),
    Fault(
        "unordered-files",
        train(
            (
                "    network = make",
                '    more = [np.load(os.path.join("data", name)) for name in os.listdir("data") if name.endswith(".npy")]\n    print(np.mean(more))\n    network = make',
            )
        ),
    ),
    Fault(
        "unverified-download",
        both(
            write(
                {
                    "more.csv": "length,kind\n1.0,0\n",
                    ".gitignore": ".venv/\nmlruns/\n__pycache__/\n/network.pt\n/more.csv\n",
                }
            ),
            train(
                ("import random\n", "import random\nimport urllib.request\n"),
                (
                    "    frame = ",
                    '    urllib.request.urlretrieve("https://example.org/more.csv", "more.csv")\n    frame = ',
                ),
            ),
        ),
    ),
)

# ---- environment ----


def _install_other(name: str, old: str, new: str) -> Plant:
    """Another version of a package in the environment."""

    def plant(root: Path) -> None:
        site = root / ".venv/lib/python3.11/site-packages"
        metadata = (site / f"{name}-{old}.dist-info").rename(site / f"{name}-{new}.dist-info") / "METADATA"
        metadata.write_text(metadata.read_text().replace(old, new))

    return plant


def _pin_image(root: Path) -> None:
    path = root / "Dockerfile"
    path.write_text(re.sub(r"(?m)^(FROM \S+)", rf"\1@{DIGEST}", path.read_text()))


def _forget_in_lock(name: str) -> Plant:
    def plant(root: Path) -> None:
        path = root / "requirements.txt"
        after = re.sub(rf"(?m)^{name}==.*\n(?: .*\n)*", "", path.read_text())
        assert after != path.read_text()
        path.write_text(after)

    return plant


def _depend_on_branch(root: Path) -> None:
    address = os.environ[GIT_SERVER]
    write_files(root, {"tools/requirements.txt": f"helper @ git+{address}/helper.git@main\n"})


def _use_local_version(root: Path) -> None:
    old = PACKAGES["torch"]
    for name in ("requirements.in", "requirements.txt"):
        edit(name, (f"torch=={old}", f"torch=={old}+cu128"))(root)
    _install_other("torch", old, f"{old}+cu128")(root)


def _copy_list(root: Path) -> None:
    path = root / "Dockerfile"
    path.write_text(
        path.read_text().replace("--require-hashes -r ", "-r ").replace("requirements.txt", "requirements.in")
    )


def _rebuild_in_vain(root: Path) -> None:
    source = RebuildSource("requirements.txt", hashlib.sha256((root / "requirements.txt").read_bytes()).hexdigest())
    rebuild = Rebuild(
        RebuildState.NOT_INSTALLED,
        "2026-01-01T12:00:00+00:00",
        (source,),
        is_lock=True,
        python=PYTHON,
        why_not=text("numpy is not on the index"),
    )
    write_whole(rebuild_file(root), rebuild.to_json())


def _probe_gpu(root: Path) -> None:
    """What a probe on a machine with a GPU keeps of it; the machine is made up."""
    fingerprint = {
        "gpu_driver": "580.65.06",
        "cuda_driver": "13.0",
        "gpus": [{"model": "NVIDIA A100"}],
        "torch": {"torch": PACKAGES["torch"], "cuda": "12.8", "cudnn": 91002},
    }
    keep_probe(root, Determinism(when="2026-01-01T12:00:00+00:00", fingerprint=fingerprint))


ENVIRONMENT = (
    Fault("mlproject-incomplete", remove("python_env.yaml")),
    Fault("moving-base-image", edit("Dockerfile", (f"@{DIGEST}", ""))),
    Fault("python-versions-disagree", write({".python-version": "3.12.4\n"})),
    Fault(
        "environment-differs",
        _install_other("numpy", "2.3.4", "2.3.2"),
        is_committed=False,
        mend=_install_other("numpy", "2.3.2", "2.3.4"),
    ),
    Fault(
        "no-container",
        remove("Dockerfile"),
        finish=_pin_image,
        remains={
            "moving-base-image": "the tag is a full one; only a registry knows its digest, and a fix of its own asks"
        },
    ),
    Fault(
        "no-dependency-list",
        both(
            remove("requirements.in", "requirements.txt", "MLproject", "python_env.yaml"),
            edit("Dockerfile", ("COPY requirements.txt .\nRUN pip install --require-hashes -r requirements.txt\n", "")),
            edit("README.md", (".venv/bin/pip install --require-hashes -r requirements.txt\n", "")),
        ),
        then=("no-lock",),
        remains={"no-lock": "a list is not a lock, which takes an index to ask"},
    ),
    Fault(
        "python-not-pinned",
        both(
            remove(".python-version"),
            edit("python_env.yaml", (f'python: "{PYTHON}"\n', "")),
            edit("Dockerfile", (f"{IMAGE}:{TAG}", "team/base:1")),
        ),
    ),
    Fault("stale-lock", _forget_in_lock("requests")),
    Fault(
        "undeclared-import",
        both(
            _forget_in_lock("requests"),
            edit("requirements.in", (f"requests=={PACKAGES['requests']}\n", "")),
            train(
                ("import torch\n", "import requests\nimport torch\n"),
                ("    network = make", '    requests.get("https://example.org")\n    network = make'),
            ),
        ),
        then=("stale-lock",),
        remains={"stale-lock": "what is written into the list is not in the lock yet, which takes an index to ask"},
    ),
    Fault("unpinned-dependency", write({"tools/requirements.txt": "rich\n"})),
    Fault("moving-git-dependency", _depend_on_branch),
    Fault("local-version-without-index", _use_local_version),
    Fault(
        "no-lock",
        both(remove("requirements.txt"), edit("python_env.yaml", ("requirements.txt", "requirements.in")), _copy_list),
    ),
    Fault(
        "unsuitable-pin",
        write(
            {
                "tools/pyproject.toml": '[project]\nname = "tools"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["numpy"]\n',
                "tools/uv.lock": f'version = 1\nrequires-python = ">=3.9"\n\n[[package]]\nname = "numpy"\nversion = "{PACKAGES["numpy"]}"\nsource = {{ registry = "https://index.example.org/simple" }}\nwheels = [\n    {{ url = "https://files.example.org/numpy-{PACKAGES["numpy"]}-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:aa" }},\n]\n',
            }
        ),
    ),
    Fault("rebuild-fails", _rebuild_in_vain, is_committed=False, mend=lambda root: rebuild_file(root).unlink()),
    Fault("gpu-stack-not-recorded", both(remove("gpu-stack.json"), _probe_gpu)),
    Fault(
        "unpinned-container-package",
        edit(
            "Dockerfile",
            ("COPY requirements.txt .\n", "RUN apt-get update && apt-get install -y ffmpeg\nCOPY requirements.txt .\n"),
        ),
    ),
)


# ---- randomness ----

_EXTRA = "    network = make"
RANDOMNESS = (
    Fault("autotuned-kernels", train(("benchmark = False", "benchmark = True"))),
    Fault(
        "late-seed",
        train(("    set_seed(options.seed)\n", ""), ("    with mlflow", "    set_seed(options.seed)\n    with mlflow")),
    ),
    Fault(
        "moving-seed",
        train(
            ("import random\n", "import random\nimport time\n"),
            ("    set_seed(options.seed)", "    set_seed(int(time.time()))"),
        ),
    ),
    Fault("nondeterministic-algorithms", train(("    torch.use_deterministic_algorithms(True)\n", ""))),
    Fault("uncalled-seed", train(("    set_seed(options.seed)\n", ""))),
    Fault(
        "unseeded-estimator",
        train(
            ("import random\n", "import random\n"),
            ("from torch.utils", "from sklearn.ensemble import RandomForestClassifier\nfrom torch.utils"),
            ("    np.random.seed(seed)\n", ""),
            (_EXTRA, '    RandomForestClassifier(n_estimators=9).fit(train[["length"]], train["kind"])\n' + _EXTRA),
        ),
    ),
    Fault("unseeded-generator", train((_EXTRA, "    print(np.random.default_rng().permutation(9))\n" + _EXTRA))),
    Fault("unseeded-library", train(("    torch.manual_seed(seed)\n", ""))),
    Fault(
        "nondeterministic-operation",
        train(
            (
                _EXTRA,
                "    print(torch.bincount(torch.ones(9, dtype=torch.long, device=device), weights=torch.rand(9, device=device)))\n"
                + _EXTRA,
            )
        ),
    ),
    Fault("optional-seed", train(('"--seed", type=int, default=42', '"--seed", type=int'))),
    Fault(
        "unordered-results",
        train(
            ("import os\n", "import os\nfrom concurrent.futures import ProcessPoolExecutor, as_completed\n"),
            (
                _EXTRA,
                '    with ProcessPoolExecutor() as pool:\n        parts = [one.result() for one in as_completed([pool.submit(np.sqrt, n) for n in range(9)])]\n    np.save("parts.npy", np.array(parts))\n'
                + _EXTRA,
            ),
        ),
    ),
    Fault(
        "unordered-set",
        train(
            ("import argparse\n", "import argparse\nimport json\n"),
            (
                _EXTRA,
                '    names = {n: i for i, n in enumerate(set(open("README.md").read().split()))}\n    json.dump(names, open("names.json", "w"))\n'
                + _EXTRA,
            ),
        ),
    ),
    Fault(
        "unseeded-environment",
        train(
            ("import mlflow\n", "import gymnasium\nimport mlflow\n"),
            (_EXTRA, '    field = gymnasium.make("CartPole-v1")\n    print(field.reset())\n' + _EXTRA),
        ),
    ),
    Fault(
        "unseeded-loader",
        write(
            {
                "order.py": 'import torch\nfrom torch.utils.data import DataLoader\n\ntorch.set_num_threads(2)\ntorch.save(list(DataLoader(list(range(9)), shuffle=True)), "order.pt")\n'
            }
        ),
    ),
    Fault("reduced-precision", train((_EXTRA, "    torch.backends.cuda.matmul.allow_tf32 = True\n" + _EXTRA))),
    Fault("threads-not-recorded", train(("    torch.set_num_threads(2)\n", ""))),
)

# ---- tracking ----


def _take(pattern: str) -> Plant:
    """Take one file or folder of the records out of the project."""

    def plant(root: Path) -> None:
        (found,) = root.glob(pattern)
        kept = root.with_name(f"{root.name}-taken") / found.relative_to(root)
        kept.parent.mkdir(parents=True)
        found.rename(kept)

    return plant


def _put_back(root: Path) -> None:
    taken = root.with_name(f"{root.name}-taken")
    for kept in taken.rglob("*"):
        if not (root / kept.relative_to(taken)).exists():
            kept.rename(root / kept.relative_to(taken))


def _write_numbers_down(root: Path) -> None:
    path = root / "train.py"
    code = path.read_text()
    start, end = code.index("def get_options"), code.index("def main")
    code = code[:start] + code[end:]
    for old, new in (
        ("import argparse\n", ""),
        ("    options = get_options()\n", ""),
        ("options.seed", "SEED"),
        ("options.lr", "0.1"),
        ("options.epochs", "3"),
        ("vars(options)", '{"seed": SEED, "lr": 0.1}'),
        ("def set_seed", "SEED = 42\n\n\ndef set_seed"),
    ):
        assert old in code, old
        code = code.replace(old, new)
    path.write_text(code)


def _without_tracker(root: Path) -> None:
    train(
        ("import mlflow\n", ""),
        ("    with mlflow.start_run():\n        mlflow.log_params(vars(options))\n", "    if options:\n"),
        ('        mlflow.log_metric("loss", loss.item())\n', ""),
    )(root)


TRACKING = (
    Fault("no-tracker", _without_tracker),
    Fault("parameters-not-logged", train(("        mlflow.log_params(vars(options))\n", ""))),
    Fault("seed-not-logged", train(("vars(options)", '{"lr": options.lr, "epochs": options.epochs}'))),
    Fault(
        "tracking-off-by-default",
        train(
            ("    return parser", '    parser.add_argument("--track", action="store_true")\n    return parser'),
            ("        mlflow.log_params", "        if options.track:\n            mlflow.log_params"),
        ),
    ),
    Fault("hard-coded-hyperparameters", _write_numbers_down),
    Fault("no-recorded-run", _take("mlruns"), is_committed=False, mend=_put_back),
    Fault("run-without-commit", _take("mlruns/*/*/tags/mlflow.source.git.commit"), is_committed=False, mend=_put_back),
    Fault("run-without-data-version", _take("mlruns/*/*/params/data_sha256"), is_committed=False, mend=_put_back),
    Fault(
        "run-without-environment", _take("mlruns/*/*/artifacts/requirements.txt"), is_committed=False, mend=_put_back
    ),
)

# ---- proof ----


def _probe(root: Path) -> None:
    varied = ModeResult(ModeState.RAN, repeats=20, distinct=3, digest="aa", seconds=0.001)
    steady = ModeResult(ModeState.RAN, repeats=20, distinct=1, digest="aa", seconds=0.002)
    case = ProbedCase(
        "take.backward",
        "cpu",
        "float32",
        Verdict.STABLE_UNDER_FLAG,
        {"default": varied, "strict": steady},
        repeats=20,
        distinct=3,
        price=2.0,
    )
    keep_probe(root, Determinism(when="2026-01-01T12:00:00+00:00", cases=(case,)))


PROOF = (
    Fault(
        "unstable-on-this-machine",
        both(train((_EXTRA, "    print(torch.take(torch.rand(9), torch.tensor([1])))\n" + _EXTRA)), _probe),
    ),
)

FAULTS = (*CODE, *DATA, *ENVIRONMENT, *RANDOMNESS, *TRACKING, *PROOF)
