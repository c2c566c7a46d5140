"""Dropout: while training, numbers are dropped at random, so that no neuron can rely on another."""

import numpy as np

from nncore.arrays import Array
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.registry import require_fraction


class Dropout(Layer):
    """z = x mask / (1 - rate) while training, z = x otherwise.

    `rate` is the probability of being dropped (PyTorch's p). The trace keeps the mask (True: kept)
    as extra["mask"].

    Source: Srivastava et al. 2014, in the inverted form.
    """

    kind = "dropout"

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        require_fraction("rate", rate)
        self.rate = rate

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """Draw a mask and scale what it keeps."""
        if not train:
            return x, {}
        if rng is None:
            raise BadInput("dropout while training needs a random generator; pass rng.")
        mask = rng.random(x.shape, np.float32) >= self.rate  # float32 draws: one mask for both precisions
        return self._masked(x, mask), {"mask": mask}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """delta mask / (1 - rate)."""
        return (self._masked(delta, extra["mask"]) if extra else delta), {}

    def _masked(self, x: Array, mask: Array) -> Array:
        kept = x * mask
        kept *= 1 / (1 - self.rate)
        return kept
