"""MaxPool2D: the largest value of each window stands for the window."""

from collections.abc import Iterator

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.registry import require_count


class MaxPool2D(Layer):
    """z = the maximum over windows of size × size, `stride` apart (by default they touch, none overlap).

    What does not fill a window at the right and lower edge is left out, as in PyTorch.

    Shapes: x (n, c, h, w), z (n, c, oh, ow).
    """

    kind = "maxpool2d"

    def __init__(self, size: int = 2, stride: int | None = None) -> None:
        super().__init__()
        require_count("size", size)
        require_count("stride", size if stride is None else stride)
        self.size, self.stride = size, stride or size

    def build(self, shape: Shape) -> Shape:
        """Fix the output's size for images of `shape`."""
        if len(shape) != 3:
            raise BadInput(f"input of shape {shape} is not an image (channels, height, width).")
        if min(shape[1:]) < self.size:
            raise BadInput(
                f"windows of {self.size}×{self.size} do not fit an image of {shape[1]}×{shape[2]}."
            )
        self.height, self.width = ((side - self.size) // self.stride + 1 for side in shape[1:])
        return (shape[0], self.height, self.width)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """First the maximum over each window's rows, then over its columns."""
        rows = x[:, :, self._places(0, self.height)]
        for i in range(1, self.size):
            rows = np.maximum(rows, x[:, :, self._places(i, self.height)])
        z = rows[:, :, :, self._places(0, self.width)]
        for j in range(1, self.size):
            z = np.maximum(z, rows[:, :, :, self._places(j, self.width)])
        return z, {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """delta goes to the first place of each window that holds its maximum."""
        if not wants_x:
            return None, {}
        gradient = np.zeros_like(x)
        free = np.ones_like(z, bool)
        for places in self._all_places():
            winners = x[:, :, *places] == z
            winners &= free
            free ^= winners
            if self.stride >= self.size:  # no place is in two windows
                np.multiply(delta, winners, out=gradient[:, :, *places])
            else:
                gradient[:, :, *places] += delta * winners
        return gradient, {}

    def _all_places(self) -> Iterator[tuple[slice, slice]]:
        for i in range(self.size):
            for j in range(self.size):
                yield self._places(i, self.height), self._places(j, self.width)

    def _places(self, offset: int, count: int) -> slice:
        """Place `offset` of every window along one axis."""
        return slice(offset, offset + self.stride * (count - 1) + 1, self.stride)
