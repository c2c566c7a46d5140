"""Conv2D: one small kernel per output channel, slid over the image."""

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Init, Layer
from nncore.registry import require, require_count


class Conv2D(Layer):
    """z[f] = Σ over channels and kernel places of W[f] · patch + b[f] (cross-correlation, as PyTorch's
    Conv2d).

    Every patch becomes a column, so that the whole layer is one matrix product. The product's rows are
    channels: z is (filters, n, oh, ow) in memory, seen as (n, filters, oh, ow).

    Shapes: x (n, c, h, w), W (filters, c, kernel, kernel), b (filters,), z (n, filters, oh, ow).
    """

    kind = "conv2d"

    def __init__(
        self,
        filters: int,
        kernel: int = 3,
        stride: int = 1,
        padding: int | str = 0,
        activation: str = "identity",
        init: Init = None,
    ) -> None:
        super().__init__(activation, init)
        require("activation", activation, activation != "softmax", "another than 'softmax'")
        for name, value in (("filters", filters), ("kernel", kernel), ("stride", stride)):
            require_count(name, value)
        if padding == "same":
            require(
                "padding",
                padding,
                kernel % 2 == 1 and stride == 1,
                "a number, unless kernel is odd and stride 1",
            )
            padding = kernel // 2
        if not isinstance(padding, int) or padding < 0:
            raise BadInput(f"padding is {padding!r}; it must be 'same' or a whole number of at least 0.")
        self.filters, self.kernel, self.stride, self.padding = filters, kernel, stride, padding

    def build(self, shape: Shape) -> Shape:
        """Fix W and b for images of `shape`."""
        if len(shape) != 3:
            raise BadInput(
                f"input of shape {shape} is not an image (channels, height, width); use view = 'images'."
            )
        channels, height, width = shape
        k = self.kernel
        self.height, self.width = (
            (size + 2 * self.padding - k) // self.stride + 1 if size + 2 * self.padding >= k else 0
            for size in (height, width)
        )
        if not (self.height and self.width):
            raise BadInput(
                f"kernel {k} does not fit an image of {height}×{width} with padding {self.padding}."
            )
        self.shapes = {"W": (self.filters, channels, k, k), "b": (self.filters,)}
        return (self.filters, self.height, self.width)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """One matrix product of all kernels with all patches."""
        columns = self._columns(x)
        z = self.params["W"].reshape(self.filters, -1) @ columns
        z += self.params["b"][:, None]
        z = z.reshape(self.filters, len(x), self.height, self.width)
        return z.transpose(1, 0, 2, 3), {"columns": columns}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dW = delta columnsᵀ, db = Σ delta; dL/dx puts Wᵀ delta back where each patch came from."""
        rows = delta.transpose(1, 0, 2, 3).reshape(self.filters, -1)
        weights = self.params["W"]
        grads = {"W": (rows @ extra["columns"].T).reshape(weights.shape), "b": rows.sum(axis=1)}
        if not wants_x:
            return None, grads
        return self._put_back(weights.reshape(self.filters, -1).T @ rows, x), grads

    def _columns(self, x: Array) -> Array:
        """(n, c, h, w) -> (c * kernel * kernel, n * oh * ow)."""
        k, pad = self.kernel, self.padding
        n, channels, height, width = x.shape
        padded = x.transpose(1, 0, 2, 3)
        if pad:
            padded = np.zeros((channels, n, height + 2 * pad, width + 2 * pad), x.dtype)
            padded[:, :, pad:-pad, pad:-pad] = x.transpose(1, 0, 2, 3)
        columns = np.empty((channels, k, k, n, self.height, self.width), x.dtype)
        for i in range(k):
            for j in range(k):
                columns[:, i, j] = padded[:, :, *self._places(i, j)]
        return columns.reshape(channels * k * k, -1)

    def _put_back(self, columns: Array, x: Array) -> Array:
        """The transpose of `_columns`: every column added to the patch it was read from."""
        k, pad = self.kernel, self.padding
        n, channels, height, width = x.shape
        columns = columns.reshape(channels, k, k, n, self.height, self.width)
        padded = np.zeros((channels, n, height + 2 * pad, width + 2 * pad), columns.dtype)
        for i in range(k):
            for j in range(k):
                padded[:, :, *self._places(i, j)] += columns[:, i, j]
        return padded[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)

    def _places(self, i: int, j: int) -> tuple[slice, slice]:
        """Where kernel place (i, j) meets the padded image, one pixel per output."""
        s = self.stride
        return slice(i, i + s * (self.height - 1) + 1, s), slice(j, j + s * (self.width - 1) + 1, s)
