"""Initialisers: the weights a layer starts from.

Drawn in float64 and then rounded, so a float32 and a float64 network of one seed start from the same weights.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.registry import build, require_not_negative

Initializer = Callable[[np.random.Generator, Shape, int, int], Array]


def zeros() -> Initializer:
    """Every weight 0: all neurons of a layer stay the same for ever."""
    return lambda rng, shape, fan_in, fan_out: np.zeros(shape)


def normal(scale: float = 0.01) -> Initializer:
    """Normal with standard deviation `scale`, whatever the layer's size."""
    require_not_negative("init.scale", scale)
    return lambda rng, shape, fan_in, fan_out: rng.normal(0, scale, shape)


def glorot() -> Initializer:
    """Uniform in ±sqrt(6 / (fan_in + fan_out)).

    Source: Glorot and Bengio 2010, equation 16; PyTorch's xavier_uniform_.
    """

    def draw(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        limit = (6 / max(fan_in + fan_out, 1)) ** 0.5
        return rng.uniform(-limit, limit, shape)

    return draw


def he() -> Initializer:
    """Normal with standard deviation sqrt(2 / fan_in).

    Source: He et al. 2015, equation 10; PyTorch's kaiming_normal_.
    """
    return lambda rng, shape, fan_in, fan_out: rng.normal(0, (2 / max(fan_in, 1)) ** 0.5, shape)


INITIALIZERS: dict[str, Callable[..., Initializer]] = {
    "zeros": zeros,
    "normal": normal,
    "glorot": glorot,
    "he": he,
}


def build_initializer(spec: str | Mapping[str, Any]) -> Initializer:
    """The initialiser a layer names: "he", or {"name": "normal", "scale": 1.0}."""
    if isinstance(spec, Mapping):
        options = dict(spec)
        if "name" not in options:
            raise BadInput(f"init is {options!r}; it needs a 'name'.")
        return build("initialiser", options.pop("name"), INITIALIZERS, options)
    return build("initialiser", spec, INITIALIZERS, {})
