"""Cases of convolution, pooling, padding, interpolation, normalisation and activation."""

from __future__ import annotations

import math

from .registry import case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .registry import Bench, Build, Run


# ---- convolutions ----


def _convolution(dimensions: int, groups: int = 1, *, transposed: bool = False) -> Build:
    def build(b: Bench) -> Run:
        shape = {1: (8, 32, 256), 2: (8, 32, 24, 24), 3: (2, 16, 10, 10, 10)}[dimensions]
        channels = shape[1]
        weight = b.normal(channels, channels // groups, *(3,) * dimensions)
        name = "conv{}{}d".format("_transpose" if transposed else "", dimensions)
        function = getattr(b.F, name)
        return b.gradient(
            lambda x, w, c: function(x, w, c, padding=1, groups=groups), b.normal(*shape), weight, b.normal(channels)
        )

    return build


for _d in (1, 2, 3):
    case(f"conv{_d}d.backward", value=44, dtypes=("float32", "bfloat16") if _d == 2 else ("float32",))(_convolution(_d))
    case(f"conv_transpose{_d}d.backward", value=25)(_convolution(_d, transposed=True))
case("conv2d.groups.backward", value=25)(_convolution(2, groups=32))

# ---- pooling ----


def _pool(name: str, dimensions: int, *arguments: int, **options: int) -> Build:
    def build(b: Bench) -> Run:
        shape = {1: (8, 16, 512), 2: (8, 16, 48, 48), 3: (2, 8, 16, 16, 16)}[dimensions]
        function = getattr(b.F, name)
        return b.gradient(lambda x: function(x, *arguments, **options), b.normal(*shape))

    return build


for _d in (2, 3):
    case(f"max_pool{_d}d.backward", value=35, suspect=True)(_pool(f"max_pool{_d}d", _d, 3, stride=1, padding=1))
    case(f"avg_pool{_d}d.backward", value=25, suspect=True)(_pool(f"avg_pool{_d}d", _d, 3, stride=1, padding=1))
    case(f"adaptive_avg_pool{_d}d.backward", value=30, suspect=True)(_pool(f"adaptive_avg_pool{_d}d", _d, 7))
    case(f"adaptive_max_pool{_d}d.backward", value=25, suspect=True)(_pool(f"adaptive_max_pool{_d}d", _d, 7))


def _fractional(dimensions: int) -> Build:
    def build(b: Bench) -> Run:
        shape = {2: (4, 8, 32, 32), 3: (2, 4, 12, 12, 12)}[dimensions]
        samples = b.uniform(shape[0], shape[1], dimensions)
        function = getattr(b.F, f"fractional_max_pool{dimensions}d")
        return b.gradient(
            lambda x: function(x, 2, output_ratio=(0.6,) * dimensions, _random_samples=samples), b.normal(*shape)
        )

    return build


def _unpool(dimensions: int) -> Build:
    def build(b: Bench) -> Run:
        shape = {1: (8, 16, 512), 2: (8, 8, 32, 32), 3: (2, 4, 12, 12, 12)}[dimensions]
        function = getattr(b.F, f"max_unpool{dimensions}d")
        values = b.normal(*shape)
        cells = math.prod(shape[2:])
        # Many inputs of one output cell, as overlapping windows make them.
        index = b.integers(cells // 4, *shape)
        return lambda: [function(values, index, 2)]

    return build


for _d in (2, 3):
    case(f"fractional_max_pool{_d}d.backward", value=15, suspect=True)(_fractional(_d))
for _d in (1, 2, 3):
    case(f"max_unpool{_d}d.duplicates", value=15, suspect=True)(_unpool(_d))

# ---- padding, interpolation, sampling ----


def _pad(mode: str, dimensions: int) -> Build:
    def build(b: Bench) -> Run:
        shape = {1: (8, 16, 512), 2: (8, 16, 48, 48), 3: (2, 8, 12, 12, 12)}[dimensions]
        return b.gradient(lambda x: b.F.pad(x, (2,) * 2 * dimensions, mode=mode), b.normal(*shape))

    return build


for _d in (1, 2, 3):
    case(f"reflection_pad{_d}d.backward", value=22, suspect=True)(_pad("reflect", _d))
    case(f"replication_pad{_d}d.backward", value=22, suspect=True)(_pad("replicate", _d))


def _interpolate(mode: str, dimensions: int) -> Build:
    def build(b: Bench) -> Run:
        shape = {1: (8, 16, 256), 2: (8, 16, 24, 24), 3: (2, 8, 10, 10, 10)}[dimensions]
        return b.gradient(lambda x: b.F.interpolate(x, scale_factor=2.5, mode=mode), b.normal(*shape))

    return build


for _mode, _d in (("nearest", 2), ("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3), ("area", 2)):
    case(f"interpolate.{_mode}.backward", value=30, suspect=True)(_interpolate(_mode, _d))


@case("grid_sample.backward", value=28, suspect=True)
def _(b: Bench) -> Run:
    grid = b.uniform(4, 64, 64, 2) * 0.2
    return b.gradient(lambda x: b.F.grid_sample(x, grid, align_corners=False), b.normal(4, 8, 16, 16))


@case("grid_sample3d.backward", value=12, suspect=True)
def _(b: Bench) -> Run:
    grid = b.uniform(2, 12, 12, 12, 3) * 0.2
    return b.gradient(lambda x: b.F.grid_sample(x, grid, align_corners=False), b.normal(2, 4, 8, 8, 8))


@case("unfold_fold.backward", value=10, suspect=True)
def _(b: Bench) -> Run:
    return b.gradient(lambda x: b.F.fold(b.F.unfold(x, 3), (32, 32), 3), b.normal(4, 8, 32, 32))


# ---- normalisation and activations ----


@case("layer_norm.backward", value=35, dtypes=("float32", "bfloat16"), compiles=True)
def _(b: Bench) -> Run:
    return b.gradient(lambda x, w, c: b.F.layer_norm(x, (256,), w, c), b.normal(512, 256), b.normal(256), b.normal(256))


@case("batch_norm.backward", value=35)
def _(b: Bench) -> Run:
    return b.gradient(
        lambda x, w, c: b.F.batch_norm(x, None, None, w, c, training=True),
        b.normal(16, 32, 16, 16),
        b.normal(32),
        b.normal(32),
    )


@case("group_norm.backward", value=20)
def _(b: Bench) -> Run:
    return b.gradient(lambda x, w, c: b.F.group_norm(x, 8, w, c), b.normal(16, 32, 16, 16), b.normal(32), b.normal(32))


@case("instance_norm.backward", value=10)
def _(b: Bench) -> Run:
    return b.gradient(b.F.instance_norm, b.normal(16, 32, 16, 16))


@case("softmax.backward", value=20, compiles=True)
def _(b: Bench) -> Run:
    return b.gradient(lambda x: b.F.softmax(x, 1), b.normal(512, 1000))


@case("gelu.backward", value=10)
def _(b: Bench) -> Run:
    return b.gradient(b.F.gelu, b.normal(200_003))


@case("prelu.backward", value=10)
def _(b: Bench) -> Run:
    return b.gradient(b.F.prelu, b.normal(16, 32, 16, 16), b.normal(32))


@case("glu.backward", value=5)
def _(b: Bench) -> Run:
    return b.gradient(b.F.glu, b.normal(1024, 256))
