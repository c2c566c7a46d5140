"""BatchNorm: each feature brought to mean 0 and variance 1 over the batch, then scaled and shifted."""

from typing import Any

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.registry import require, require_fraction


class BatchNorm(Layer):
    """z = gamma (x - mean) / sqrt(variance + eps) + beta, per feature of a vector or per channel of an image.

    Training uses the batch's mean and (biased) variance; evaluation uses running ones, which `absorb` moves
    by `momentum` towards the batch's mean and unbiased variance (PyTorch's convention).

    Shapes: x (n, units) or (n, c, h, w); gamma, beta, running_mean, running_var (units,) or (c,).
    Source: Ioffe and Szegedy 2015, algorithm 1.
    """

    kind = "batchnorm"

    def __init__(self, momentum: float = 0.1, eps: float = 1e-5, activation: str = "identity") -> None:
        super().__init__(activation)
        require_fraction("momentum", momentum)
        require_fraction("eps", eps)
        require("eps", eps, eps > 0, "above 0")
        self.momentum, self.eps = momentum, eps

    def build(self, shape: Shape) -> Shape:
        """Fix the number of features for examples of `shape`."""
        if len(shape) not in (1, 3):
            raise BadInput(
                f"input of shape {shape} is neither a vector nor an image (channels, height, width)."
            )
        self.axes = (0,) if len(shape) == 1 else (0, 2, 3)
        self.spread = (-1,) if len(shape) == 1 else (-1, 1, 1)
        self.shapes = {"gamma": shape[:1], "beta": shape[:1]}
        self.buffers = {"running_mean": np.zeros(shape[:1]), "running_var": np.ones(shape[:1])}
        return shape

    def init(self, rng: np.random.Generator, dtype: Any) -> None:
        """gamma 1, beta 0, running mean 0, running variance 1."""
        features = self.shapes["gamma"]
        self.params = {"gamma": np.ones(features, dtype), "beta": np.zeros(features, dtype)}
        self.buffers = {"running_mean": np.zeros(features, dtype), "running_var": np.ones(features, dtype)}

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """Normalise by the batch while training, by the running statistics otherwise."""
        extra: Extra = {}
        mean, variance = self.buffers["running_mean"], self.buffers["running_var"]
        if train and x.size:
            mean, variance = x.mean(axis=self.axes), x.var(axis=self.axes)
            extra = {"mean": mean, "variance": variance, "count": x.size // len(mean)}
        inverse = 1 / np.sqrt(variance + self.eps)
        normalized = (x - mean.reshape(self.spread)) * inverse.reshape(self.spread)
        z = normalized * self.params["gamma"].reshape(self.spread)
        z += self.params["beta"].reshape(self.spread)
        return z, extra | {"normalized": normalized, "inverse": inverse}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dgamma = Σ delta x̂, dbeta = Σ delta; dL/dx also passes through the batch's mean and variance."""
        normalized = extra["normalized"]
        dgamma, dbeta = (delta * normalized).sum(axis=self.axes), delta.sum(axis=self.axes)
        scale = (self.params["gamma"] * extra["inverse"]).reshape(self.spread)
        gradient = delta
        if "count" in extra:
            shared = dbeta.reshape(self.spread) + normalized * dgamma.reshape(self.spread)
            gradient = delta - shared / extra["count"]
        return gradient * scale, {"gamma": dgamma, "beta": dbeta}

    def absorb(self, extra: Extra) -> None:
        """running ← (1 - momentum) running + momentum batch."""
        if "count" not in extra:
            return
        count = extra["count"]
        unbiased = extra["variance"] * (count / max(count - 1, 1))
        for name, batch in (("running_mean", extra["mean"]), ("running_var", unbiased)):
            self.buffers[name] *= 1 - self.momentum
            self.buffers[name] += self.momentum * batch
