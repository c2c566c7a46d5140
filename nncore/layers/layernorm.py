"""LayerNorm: the features of each example brought to mean 0 and variance 1, whatever the batch."""

from typing import Any

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.registry import require, require_fraction


class LayerNorm(Layer):
    """z = gamma (x - mean) / sqrt(variance + eps) + beta, over the last axis (PyTorch's LayerNorm).

    Shapes: x (n, units) or (n, t, units), gamma and beta (units,).
    Source: Ba, Kiros and Hinton 2016, equation 3.
    """

    kind = "layernorm"

    def __init__(self, eps: float = 1e-5) -> None:
        super().__init__()
        require_fraction("eps", eps)
        require("eps", eps, eps > 0, "above 0")
        self.eps = eps

    def build(self, shape: Shape) -> Shape:
        """Fix the number of features for examples of `shape`."""
        if len(shape) not in (1, 2):
            raise BadInput(f"input of shape {shape} is neither a vector nor a sequence (t, units).")
        self.shapes = {"gamma": shape[-1:], "beta": shape[-1:]}
        return shape

    def init(self, rng: np.random.Generator, dtype: Any) -> None:
        """gamma 1, beta 0."""
        units = self.shapes["gamma"]
        self.params = {"gamma": np.ones(units, dtype), "beta": np.zeros(units, dtype)}

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """Normalise over the last axis."""
        inverse = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + self.eps)
        normalized = (x - x.mean(axis=-1, keepdims=True)) * inverse
        z = normalized * self.params["gamma"] + self.params["beta"]
        return z, {"normalized": normalized, "inverse": inverse}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dgamma = Σ delta x̂, dbeta = Σ delta; dL/dx also passes through mean and variance."""
        normalized = extra["normalized"]
        others = tuple(range(delta.ndim - 1))
        grads = {"gamma": (delta * normalized).sum(axis=others), "beta": delta.sum(axis=others)}
        g = delta * self.params["gamma"]
        shared = g.mean(axis=-1, keepdims=True) + normalized * (g * normalized).mean(axis=-1, keepdims=True)
        return (g - shared) * extra["inverse"], grads
