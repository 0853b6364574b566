"""Cases that send many values into few places, and cases about ties and counts."""

from __future__ import annotations

from .registry import case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .registry import Bench, Build, Run


# ---- index, gather and scatter: many values into few places ----


N, ROWS, WIDTH = 262_144, 64, 4


def _index(b: Bench, n: int = N) -> Any:
    return b.integers(ROWS, n)


@case("getitem.backward", value=50, dtypes=("float32", "bfloat16"), suspect=True, compiles=True)
def _(b: Bench) -> Run:
    index = _index(b)
    return b.gradient(lambda x: x[index], b.normal(ROWS, WIDTH))


@case("index_put.accumulate", value=50, suspect=True)
def _(b: Bench) -> Run:
    # Long enough that two threads meet even where others want the cores too: 0.05 of the runs gave the commonest result,
    # against 0.3 to 0.8 with a quarter of the values.
    target, index, values = b.normal(16, WIDTH), b.integers(16, 4 * N), b.normal(4 * N, WIDTH)
    return lambda: [target.index_put((index,), values, accumulate=True)]


@case("index_put.duplicates", value=40, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS, WIDTH), _index(b), b.normal(N, WIDTH)
    return lambda: [target.index_put((index,), values, accumulate=False)]


@case("put.accumulate", value=40, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS), _index(b), b.normal(N)
    return lambda: [target.clone().put_(index, values, accumulate=True)]


@case("put.duplicates", value=40, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS), _index(b), b.normal(N)
    return lambda: [target.clone().put_(index, values, accumulate=False)]


@case("index_copy.duplicates", value=40, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS, WIDTH), _index(b), b.normal(N, WIDTH)
    return lambda: [target.index_copy(0, index, values)]


@case("index_add", value=40, dtypes=("float32", "bfloat16"), suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS, WIDTH), _index(b), b.normal(N, WIDTH)
    return lambda: [target.index_add(0, index, values)]


@case("index_select.backward", value=40, suspect=True)
def _(b: Bench) -> Run:
    index = _index(b)
    return b.gradient(lambda x: x.index_select(0, index), b.normal(ROWS, WIDTH))


@case("gather.backward", value=40, suspect=True)
def _(b: Bench) -> Run:
    index = _index(b).reshape(-1, 1).expand(-1, WIDTH)
    return b.gradient(lambda x: x.gather(0, index), b.normal(ROWS, WIDTH))


@case("take.backward", value=30, suspect=True)
def _(b: Bench) -> Run:
    index = _index(b)
    return b.gradient(lambda x: x.take(index), b.normal(ROWS))


@case("take_along_dim.backward", value=20, suspect=True)
def _(b: Bench) -> Run:
    index = _index(b)
    return b.gradient(lambda x: b.torch.take_along_dim(x, index, 0), b.normal(ROWS))


@case("scatter.duplicates", value=40, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS, WIDTH), _index(b).reshape(-1, 1).expand(-1, WIDTH), b.normal(N, WIDTH)
    return lambda: [target.scatter(0, index, values)]


@case("scatter_add", value=45, dtypes=("float32", "bfloat16"), suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.normal(ROWS, WIDTH), _index(b).reshape(-1, 1).expand(-1, WIDTH), b.normal(N, WIDTH)
    return lambda: [target.scatter_add(0, index, values)]


def _scatter_reduce(reduce: str) -> Build:
    def build(b: Bench) -> Run:
        target, index, values = b.uniform(ROWS), _index(b), b.uniform(N) + 0.5
        return lambda: [target.scatter_reduce(0, index, values, reduce=reduce)]

    return build


for _reduce in ("sum", "mean", "prod", "amax"):
    case("scatter_reduce." + _reduce, value=35, suspect=True)(_scatter_reduce(_reduce))


@case("index_reduce.mean", value=25, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.uniform(ROWS, WIDTH), _index(b), b.uniform(N, WIDTH)
    return lambda: [target.index_reduce(0, index, values, "mean")]


@case("index_reduce.prod", value=25, suspect=True)
def _(b: Bench) -> Run:
    target, index, values = b.uniform(ROWS, WIDTH), _index(b, 4096), b.uniform(4096, WIDTH) + 0.5
    return lambda: [target.index_reduce(0, index, values, "prod")]


@case("masked_select.backward", value=15)
def _(b: Bench) -> Run:
    mask = b.integers(2, 512, 512).bool()
    return b.gradient(lambda x: x.masked_select(mask), b.normal(512, 512))


@case("masked_scatter.backward", value=15)
def _(b: Bench) -> Run:
    mask = b.integers(2, 512, 512).bool()
    return b.gradient(lambda x, s: x.masked_scatter(mask, s), b.normal(512, 512), b.normal(512 * 512))


@case("repeat_interleave.backward", value=30, suspect=True)
def _(b: Bench) -> Run:
    return b.gradient(lambda x: x.repeat_interleave(2048, 0), b.normal(ROWS, WIDTH))


@case("embedding.backward", value=48, dtypes=("float32", "bfloat16"), suspect=True)
def _(b: Bench) -> Run:
    index = b.integers(256, 32_768)
    return b.gradient(lambda w: b.F.embedding(index, w), b.normal(256, 32))


def _embedding_bag(mode: str) -> Build:
    def build(b: Bench) -> Run:
        index, offsets = b.integers(256, 32_768), b.torch.arange(0, 32_768, 16, device=b.device)
        return b.gradient(lambda w: b.F.embedding_bag(index, w, offsets, mode=mode), b.normal(256, 32))

    return build


for _mode in ("sum", "mean", "max"):
    case("embedding_bag." + _mode + ".backward", value=30, suspect=True)(_embedding_bag(_mode))

# ---- order and counting ----


@case("sort.ties", value=10)
def _(b: Bench) -> Run:
    values = b.integers(16, 100_000)
    return lambda: list(values.sort())


@case("topk.ties", value=15)
def _(b: Bench) -> Run:
    values = b.integers(16, 100_000).to(b.dtype)
    return lambda: list(values.topk(1000))


@case("median.ties", value=25)
def _(b: Bench) -> Run:
    values = b.integers(16, 256, 513).to(b.dtype)
    return lambda: list(values.median(dim=1))


@case("mode.ties", value=8)
def _(b: Bench) -> Run:
    values = b.integers(16, 128, 257)
    return lambda: list(values.mode(dim=1))


@case("kthvalue.ties", value=10)
def _(b: Bench) -> Run:
    values = b.integers(16, 128, 513).to(b.dtype)
    return lambda: list(values.kthvalue(100, dim=1))


@case("unique", value=10)
def _(b: Bench) -> Run:
    values = b.integers(500, 100_000)
    return lambda: list(b.torch.unique(values, return_inverse=True, return_counts=True))


@case("argmax.ties", value=12)
def _(b: Bench) -> Run:
    values = b.integers(4, 256, 1024).to(b.dtype)
    return lambda: [values.argmax(dim=1)]


@case("bincount", value=12)
def _(b: Bench) -> Run:
    values = _index(b)
    return lambda: [b.torch.bincount(values, minlength=ROWS)]


@case("bincount.weights", value=30, suspect=True)
def _(b: Bench) -> Run:
    index, weights = _index(b), b.normal(N)
    return lambda: [b.torch.bincount(index, weights, minlength=ROWS)]


@case("histc", value=25, suspect=True)
def _(b: Bench) -> Run:
    values = b.normal(N)
    return lambda: [b.torch.histc(values, bins=64, min=-3, max=3)]
