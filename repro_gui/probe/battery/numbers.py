"""Cases of reductions, products, sparse and dense linear algebra, transforms and random draws."""

from __future__ import annotations

from .registry import case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .registry import Bench, Build, Run


# ---- sums and norms ----


@case("sum.all", value=40, dtypes=("float32", "bfloat16"))
def _(b: Bench) -> Run:
    values = b.normal(1_000_003)
    return lambda: [values.sum()]


@case("sum.rows", value=20)
def _(b: Bench) -> Run:
    values = b.normal(1024, 1025)
    return lambda: [values.sum(dim=1), values.sum(dim=0)]


@case("mean", value=20)
def _(b: Bench) -> Run:
    values = b.normal(1_000_003)
    return lambda: [values.mean()]


@case("prod", value=8)
def _(b: Bench) -> Run:
    values = b.uniform(100_003) * 0.02 + 0.99
    return lambda: [values.prod()]


@case("norm", value=20)
def _(b: Bench) -> Run:
    values = b.normal(1_000_003)
    return lambda: [values.norm(), values.norm(p=1)]


@case("var", value=15)
def _(b: Bench) -> Run:
    values = b.normal(512, 2049)
    return lambda: [values.var(), values.var(dim=1)]


@case("logsumexp", value=12)
def _(b: Bench) -> Run:
    values = b.normal(512, 2049)
    return lambda: [values.logsumexp(dim=1)]


@case("cumsum", value=35, suspect=True)
def _(b: Bench) -> Run:
    values = b.normal(8, 65_537)
    return lambda: [values.cumsum(dim=1)]


@case("cumsum.backward", value=20, suspect=True)
def _(b: Bench) -> Run:
    return b.gradient(lambda x: x.cumsum(dim=1), b.normal(8, 16_385))


@case("cumprod", value=10)
def _(b: Bench) -> Run:
    values = b.uniform(8, 4097) * 0.02 + 0.99
    return lambda: [values.cumprod(dim=1)]


@case("logcumsumexp", value=8)
def _(b: Bench) -> Run:
    values = b.normal(8, 8193)
    return lambda: [values.logcumsumexp(dim=1)]


@case("dot", value=20)
def _(b: Bench) -> Run:
    left, right = b.normal(1_000_003), b.normal(1_000_003)
    return lambda: [left.dot(right)]


# ---- products of matrices ----


@case("mm", value=45, dtypes=("float32", "bfloat16"))
def _(b: Bench) -> Run:
    left, right = b.normal(384, 512), b.normal(512, 384)
    return lambda: [left @ right]


@case("mm.long_inner", value=35, dtypes=("float32", "bfloat16"))
def _(b: Bench) -> Run:
    left, right = b.normal(16, 65_536), b.normal(65_536, 16)
    return lambda: [left @ right]


@case("mv", value=15)
def _(b: Bench) -> Run:
    matrix, vector = b.normal(1024, 1024), b.normal(1024)
    return lambda: [matrix @ vector]


@case("bmm", value=25)
def _(b: Bench) -> Run:
    left, right = b.normal(16, 128, 64), b.normal(16, 64, 128)
    return lambda: [left.bmm(right)]


@case("baddbmm", value=8)
def _(b: Bench) -> Run:
    start, left, right = b.normal(16, 64, 64), b.normal(16, 64, 64), b.normal(16, 64, 64)
    return lambda: [b.torch.baddbmm(start, left, right)]


@case("addmm", value=10)
def _(b: Bench) -> Run:
    start, left, right = b.normal(256), b.normal(256, 512), b.normal(512, 256)
    return lambda: [b.torch.addmm(start, left, right)]


@case("einsum", value=10)
def _(b: Bench) -> Run:
    left, right = b.normal(8, 64, 64), b.normal(8, 64, 64)
    return lambda: [b.torch.einsum("bij,bkj->bik", left, right)]


@case("linear.backward", value=40, dtypes=("float32", "bfloat16"))
def _(b: Bench) -> Run:
    return b.gradient(b.F.linear, b.normal(512, 256), b.normal(256, 256), b.normal(256))


# ---- sparse ----


def _coo(b: Bench, rows: int = 1024, columns: int = 1024, filled: int = 40_000) -> Any:
    index = b.torch.stack([b.integers(rows, filled), b.integers(columns, filled)])
    # torch 1.13 has no such check and does not know the argument that switches it off; later ones warn without it.
    checks = {} if b.torch.__version__.startswith("1.") else {"check_invariants": False}
    return b.torch.sparse_coo_tensor(index, b.normal(filled), (rows, columns), **checks)


@case("sparse.mm", value=22, suspect=True)
def _(b: Bench) -> Run:
    left, right = _coo(b), b.normal(1024, 64)
    return lambda: [b.torch.sparse.mm(left, right)]


@case("sparse.mm.backward", value=18, suspect=True)
def _(b: Bench) -> Run:
    left, right = _coo(b).coalesce(), b.normal(1024, 64)
    return b.gradient(lambda x: b.torch.sparse.mm(left, x), right)


@case("sparse.coalesce", value=18, suspect=True)
def _(b: Bench) -> Run:
    matrix = _coo(b, 64, 64)
    return lambda: [matrix.clone().coalesce().values()]


@case("sparse.bmm", value=18, suspect=True)
def _(b: Bench) -> Run:
    matrix, right = _coo(b, 256, 256).to_dense().reshape(4, 64, 256).to_sparse(), b.normal(4, 256, 32)
    return lambda: [b.torch.bmm(matrix, right)]


@case("sparse.csr.mm", value=12, suspect=True)
def _(b: Bench) -> Run:
    matrix, right = _coo(b).coalesce().to_sparse_csr(), b.normal(1024, 64)
    return lambda: [matrix @ right]


@case("to_dense.duplicates", value=10, suspect=True)
def _(b: Bench) -> Run:
    matrix = _coo(b, 64, 64)
    return lambda: [matrix.to_dense()]


# ---- linear algebra and Fourier ----


def _linalg(function: str, *, definite: bool, right: bool) -> Build:
    def build(b: Bench) -> Run:
        matrix = b.normal(96, 96)
        if definite:
            matrix = matrix @ matrix.T + 96 * b.torch.eye(96, device=b.device, dtype=b.dtype)
        operation = getattr(b.torch.linalg, function)
        other = b.normal(96, 8)

        def run() -> list[Any]:
            found = operation(matrix, other) if right else operation(matrix)
            return [found] if isinstance(found, b.torch.Tensor) else list(found)

        return run

    return build


for _name, _definite, _right in (
    ("svd", False, False),
    ("eigh", True, False),
    ("qr", False, False),
    ("inv", True, False),
    ("det", True, False),
    ("cholesky", True, False),
    ("solve", True, True),
    ("lstsq", True, True),
):
    # The default driver of lstsq reads pivots that nobody set: what was in that memory before changes its bits.
    case("linalg." + _name, value=12, suspect=_name == "lstsq")(_linalg(_name, definite=_definite, right=_right))


@case("fft.backward", value=14)
def _(b: Bench) -> Run:
    return b.gradient(lambda x: b.torch.fft.irfft(b.torch.fft.rfft(x)), b.normal(64, 2048))


@case("fft2", value=8)
def _(b: Bench) -> Run:
    values = b.normal(4, 128, 128)
    return lambda: [b.torch.view_as_real(b.torch.fft.fft2(values))]


# ---- random numbers: the same seed must give the same numbers ----


def _draw(draw: Callable[[Bench], Any]) -> Build:
    return lambda b: lambda: [draw(b)]


for _name, _function in (
    ("rand", lambda b: b.torch.rand(100_003, device=b.device, dtype=b.dtype)),
    ("randn", lambda b: b.torch.randn(100_003, device=b.device, dtype=b.dtype)),
    ("randint", lambda b: b.torch.randint(0, 1000, (100_003,), device=b.device)),
    ("randperm", lambda b: b.torch.randperm(50_000, device=b.device)),
    ("bernoulli", lambda b: b.torch.full((100_003,), 0.3, device=b.device, dtype=b.dtype).bernoulli()),
    ("multinomial", lambda b: b.torch.linspace(1, 2, 1000, device=b.device).multinomial(500)),
    ("exponential", lambda b: b.torch.empty(100_003, device=b.device, dtype=b.dtype).exponential_()),
    ("dropout", lambda b: b.F.dropout(b.torch.ones(100_003, device=b.device, dtype=b.dtype), 0.5)),
):
    case("random." + _name, value=14)(_draw(_function))


@case("random.initialisers", value=14)
def _(b: Bench) -> Run:
    init = b.torch.nn.init

    def run() -> list[Any]:
        weights = [b.torch.empty(128, 128, device=b.device, dtype=b.dtype) for _ in range(3)]
        init.kaiming_uniform_(weights[0])
        init.xavier_normal_(weights[1])
        init.orthogonal_(weights[2])
        return weights

    return run
