"""Embedding and positions: tokens become vectors, and each vector learns where it stands."""

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Init, Layer
from nncore.registry import require_count

STANDARD = {"name": "normal", "scale": 1.0}


class Embedding(Layer):
    """z = W[x]: each token's own row (PyTorch's Embedding). Tokens have no gradient: dL/dx is None.

    Shapes: x (n, t) integers below `vocabulary`, W (vocabulary, units), z (n, t, units).
    """

    kind = "embedding"
    takes_tokens = True

    def __init__(self, vocabulary: int, units: int, init: Init = None) -> None:
        super().__init__(init=init or STANDARD)
        require_count("vocabulary", vocabulary)
        require_count("units", units)
        self.vocabulary, self.units = vocabulary, units

    def build(self, shape: Shape) -> Shape:
        """Fix W for sequences of `shape`."""
        if len(shape) != 1:
            raise BadInput(f"input of shape {shape} is not a sequence of tokens (t,).")
        self.shapes = {"W": (self.vocabulary, self.units)}
        return (*shape, self.units)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """Look up the rows."""
        if not np.issubdtype(x.dtype, np.integer):
            raise BadInput(f"tokens are {x.dtype}; an embedding takes whole numbers below {self.vocabulary}.")
        if x.size and (x.min() < 0 or x.max() >= self.vocabulary):
            worst = x.min() if x.min() < 0 else x.max()
            raise BadInput(f"token {worst} has no embedding; tokens must be from 0 to {self.vocabulary - 1}.")
        return self.params["W"][x], {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dW: the rows' deltas added up, token by token."""
        gradient = np.zeros_like(self.params["W"])
        np.add.at(gradient, x, delta)
        return None, {"W": gradient}


class Positions(Layer):
    """z = x + W: a learned vector for each position of a sequence.

    Shapes: x and z (n, t, units), W (t, units).
    """

    kind = "positions"

    def __init__(self, init: Init = None) -> None:
        super().__init__(init=init or STANDARD)

    def build(self, shape: Shape) -> Shape:
        """Fix W for sequences of `shape`."""
        if len(shape) != 2:
            raise BadInput(f"input of shape {shape} is not a sequence (t, units).")
        self.shapes = {"W": shape}
        return shape

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """x + W."""
        return x + self.params["W"], {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dW = Σ delta over the batch; dL/dx = delta."""
        return delta, {"W": delta.sum(axis=0)}
