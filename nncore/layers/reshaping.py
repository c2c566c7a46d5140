"""Layers that compute nothing: they only change which numbers the next layer sees, and in what shape."""

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.registry import require, require_count


class Flatten(Layer):
    """All numbers of an example in one vector.

    Shapes: x (n, ...), z (n, product of the rest).
    """

    kind = "flatten"

    def __init__(self) -> None:
        super().__init__()

    def build(self, shape: Shape) -> Shape:
        """One vector."""
        self.size = int(np.prod(shape))
        return (self.size,)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """The same numbers in a row."""
        return x.reshape(len(x), self.size), {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """The same numbers back in their places."""
        return delta.reshape(x.shape), {}


class Select(Layer):
    """The vector at one position of a sequence.

    Shapes: x (n, t, units), z (n, units).
    """

    kind = "select"

    def __init__(self, position: int = 0) -> None:
        super().__init__()
        require_count("position", position, least=0)
        self.position = position

    def build(self, shape: Shape) -> Shape:
        """Check that the position exists."""
        if len(shape) != 2:
            raise BadInput(f"input of shape {shape} is not a sequence (t, units).")
        require(
            "position", self.position, self.position < shape[0], f"less than the sequence's length {shape[0]}"
        )
        return shape[1:]

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """x at the position."""
        return x[:, self.position], {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """delta at the position, 0 at all others."""
        gradient = np.zeros(x.shape, delta.dtype)
        gradient[:, self.position] = delta
        return gradient, {}
