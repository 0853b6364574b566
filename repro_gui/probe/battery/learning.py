"""Cases of attention, losses, recurrent layers, optimisers and small trainings."""

from __future__ import annotations

from .registry import Unsupported, case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .registry import Bench, Build, Run


# ---- attention ----


def _attention(backend: str | None, *, causal: bool) -> Build:
    def build(b: Bench) -> Run:
        torch = b.torch
        inputs = [b.normal(2, 4, 256, 32) for _ in range(3)]

        def attend(query: Any, key: Any, value: Any) -> Any:
            return b.F.scaled_dot_product_attention(query, key, value, is_causal=causal)

        def chosen(query: Any, key: Any, value: Any) -> Any:
            if backend is None:
                return attend(query, key, value)
            from torch.nn.attention import SDPBackend, sdpa_kernel

            with sdpa_kernel(getattr(SDPBackend, backend)):
                return attend(query, key, value)

        if not hasattr(b.F, "scaled_dot_product_attention"):
            raise Unsupported("torch " + torch.__version__ + " has no scaled_dot_product_attention")
        if backend is not None and not hasattr(torch.nn, "attention"):
            raise Unsupported("torch " + torch.__version__ + " cannot choose a kernel of attention")
        return b.gradient(chosen, *inputs)

    return build


case("attention.backward", value=46, dtypes=("float32", "bfloat16"), suspect=True)(_attention(None, causal=False))
case("attention.causal.backward", value=40, dtypes=("float32", "bfloat16"), suspect=True)(_attention(None, causal=True))
case("attention.math.backward", value=30)(_attention("MATH", causal=False))
case("attention.flash.backward", value=35, dtypes=("bfloat16",), suspect=True)(
    _attention("FLASH_ATTENTION", causal=False)
)
case("attention.efficient.backward", value=35, devices=("cuda",), suspect=True)(
    _attention("EFFICIENT_ATTENTION", causal=False)
)
case("attention.cudnn.backward", value=30, dtypes=("bfloat16",), devices=("cuda",), suspect=True)(
    _attention("CUDNN_ATTENTION", causal=False)
)


@case("multihead_attention.backward", value=30)
def _(b: Bench) -> Run:
    module = b.torch.nn.MultiheadAttention(64, 4, batch_first=True)
    _fill(b, module)
    values = b.normal(4, 96, 64)
    module = module.to(b.device, b.dtype)
    return b.gradient(lambda x: module(x, x, x, need_weights=False)[0], values)


# ---- losses ----


@case("cross_entropy.backward", value=42, dtypes=("float32", "bfloat16"), compiles=True)
def _(b: Bench) -> Run:
    target = b.integers(100, 4096)
    return b.gradient(lambda x: b.F.cross_entropy(x, target).reshape(1), b.normal(4096, 100))


@case("nll_loss2d.backward", value=30, suspect=True)
def _(b: Bench) -> Run:
    target = b.integers(10, 4, 48, 48)
    weight = b.uniform(10)
    return b.gradient(lambda x: b.F.nll_loss(b.F.log_softmax(x, 1), target, weight).reshape(1), b.normal(4, 10, 48, 48))


@case("ctc_loss.backward", value=25, suspect=True)
def _(b: Bench) -> Run:
    torch = b.torch
    target = b.integers(19, 8, 12) + 1
    inputs, targets = torch.full((8,), 50), torch.full((8,), 12)
    return b.gradient(
        lambda x: b.F.ctc_loss(b.F.log_softmax(x, 2), target, inputs, targets).reshape(1), b.normal(50, 8, 20)
    )


@case("bce_with_logits.backward", value=15)
def _(b: Bench) -> Run:
    target = b.uniform(100_003)
    return b.gradient(lambda x: b.F.binary_cross_entropy_with_logits(x, target).reshape(1), b.normal(100_003))


@case("mse_loss.backward", value=15)
def _(b: Bench) -> Run:
    target = b.normal(100_003)
    return b.gradient(lambda x: b.F.mse_loss(x, target).reshape(1), b.normal(100_003))


@case("smooth_l1_loss.backward", value=6)
def _(b: Bench) -> Run:
    target = b.normal(100_003)
    return b.gradient(lambda x: b.F.smooth_l1_loss(x, target).reshape(1), b.normal(100_003))


@case("kl_div.backward", value=6)
def _(b: Bench) -> Run:
    target = b.F.softmax(b.normal(512, 200), 1)
    return b.gradient(
        lambda x: b.F.kl_div(b.F.log_softmax(x, 1), target, reduction="batchmean").reshape(1), b.normal(512, 200)
    )


@case("cosine_similarity.backward", value=6)
def _(b: Bench) -> Run:
    return b.gradient(b.F.cosine_similarity, b.normal(1024, 128), b.normal(1024, 128))


# ---- recurrent ----


def _recurrent(name: str) -> Build:
    def build(b: Bench) -> Run:
        module = getattr(b.torch.nn, name)(32, 48, num_layers=2, batch_first=True)
        _fill(b, module)
        return b.module_gradient(module, b.normal(8, 24, 32))

    return build


for _name in ("LSTM", "GRU", "RNN"):
    case(f"{_name.lower()}.backward", value=28)(_recurrent(_name))

# ---- optimisers ----


def _optimiser(name: str, **options: float) -> Build:
    def build(b: Bench) -> Run:
        torch = b.torch
        start, gradients = b.normal(256, 256), [b.normal(256, 256) for _ in range(3)]

        def run() -> list[Any]:
            weight = torch.nn.Parameter(start.clone())
            optimiser = getattr(torch.optim, name)([weight], lr=1e-2, **options)
            for gradient in gradients:
                weight.grad = gradient.clone()
                optimiser.step()
            return [weight]

        return run

    return build


case("optimiser.sgd", value=16)(_optimiser("SGD", momentum=0.9))
case("optimiser.adam", value=18)(_optimiser("Adam"))
case("optimiser.adamw", value=18)(_optimiser("AdamW"))


@case("clip_grad_norm", value=14)
def _(b: Bench) -> Run:
    gradients = [b.normal(512, 512), b.normal(1000)]

    def run() -> list[Any]:
        parameters = [b.torch.nn.Parameter(gradient.clone()) for gradient in gradients]
        for parameter in parameters:
            parameter.grad = parameter.detach().clone()
        return [b.torch.nn.utils.clip_grad_norm_(parameters, 1.0)]

    return run


# ---- small trainings ----


def _fill(b: Bench, module: Any) -> None:
    """Give a module weights that depend on nothing but the case's seed."""
    with b.torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(b.normal(*parameter.shape).cpu() * 0.1)


def _train(b: Bench, make: Callable[[], Any], inputs: Any, target: Any, steps: int = 4) -> Run:
    torch = b.torch
    kept: list[Any] = []

    def run() -> list[Any]:
        made = make().to(b.device, b.dtype)
        module, model = made, made
        if b.is_compiling:
            # Compiled once: a new module would be compiled anew. Its start is the same draw as without.
            kept[:] = kept or [made, b.prepared(made)]
            module, model = kept
            module.load_state_dict(made.state_dict())
        optimiser = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
        losses = []
        for _ in range(steps):
            optimiser.zero_grad(set_to_none=True)
            loss = b.F.cross_entropy(model(inputs), target)
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return [*losses, *module.parameters()]

    return run


# After the operations that are known to vary: where threads wait for cores these take a second each.
@case("train.mlp", value=29, compiles=True)
def _(b: Bench) -> Run:
    nn = b.torch.nn
    return _train(
        b,
        lambda: nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.1), nn.Linear(128, 10)),
        b.normal(256, 64),
        b.integers(10, 256),
    )


@case("train.cnn", value=29)
def _(b: Bench) -> Run:
    nn = b.torch.nn

    def make() -> Any:
        return nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )

    return _train(b, make, b.normal(16, 3, 32, 32), b.integers(10, 16))


@case("train.transformer", value=27)
def _(b: Bench) -> Run:
    nn = b.torch.nn
    tokens = b.integers(200, 8, 48)

    class Model(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(200, 48)
            self.block = nn.TransformerEncoderLayer(48, 4, 96, batch_first=True)
            self.head = nn.Linear(48, 10)

        def forward(self, values: Any) -> Any:
            return self.head(self.block(self.embedding(values)).mean(dim=1))

    return _train(b, Model, tokens, b.integers(10, 8))


class _Pairs:
    """A data set whose items carry a draw from each worker's generator, as augmentations do."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self._torch.randn(8) + index, index % 4


@case("train.loader_workers", value=26, devices=("cpu",))
def _(b: Bench) -> Run:
    torch = b.torch

    def run() -> list[Any]:
        loader = torch.utils.data.DataLoader(
            _Pairs(torch), batch_size=16, shuffle=True, num_workers=2, generator=torch.Generator().manual_seed(7)
        )
        return [values for batch in loader for values in batch]

    return run
