"""Losses: how wrong the outputs are, and in which direction, value and gradient side by side.

Every loss is a mean over the batch. Cross-entropies are computed from the logits z of the last layer, never
from the probabilities, so they stay exact for large values; they name the activation that turns logits into
outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore.activations import sigmoid, softmax
from nncore.arrays import Array


@dataclass(frozen=True)
class Loss:
    """One loss: `each` example's loss (n,), and the `gradient` of their mean.

    `link` is the activation the loss is fused with: `outputs` then means z of the last layer, otherwise a.
    """

    name: str
    unit: str
    link: str | None
    each: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]

    def value(self, outputs: Array, y: Array) -> float:
        """The mean over the batch; NaN for an empty one.

        Shapes: outputs (n, units), y (n,) labels or (n, units) targets.
        """
        each = self.each(outputs, y)
        return float(each.mean(dtype=np.float64)) if each.size else float("nan")


def targets(y: Array, outputs: Array) -> Array:
    """`y` in the shape and type of the outputs: integer labels for several outputs become one-hot rows."""
    if y.ndim == 1 and outputs.shape[-1] > 1 and np.issubdtype(y.dtype, np.integer):
        rows = np.zeros(outputs.shape, outputs.dtype)
        rows[np.arange(len(y)), y] = 1
        return rows
    return y.astype(outputs.dtype, copy=False).reshape(outputs.shape)


def mse(a: Array, y: Array) -> Array:
    """Mean over the outputs of (a - y)² (PyTorch's MSELoss, mean over all elements)."""
    return ((a - targets(y, a)) ** 2).mean(axis=1)


def mse_gradient(a: Array, y: Array) -> Array:
    """2 (a - y) / number of elements."""
    return (a - targets(y, a)) * (2 / max(a.size, 1))


def binary_cross_entropy(z: Array, y: Array) -> Array:
    """max(z, 0) - z y + log(1 + exp(-|z|)), the mean over the outputs (PyTorch's BCEWithLogitsLoss)."""
    each = np.maximum(z, 0) - z * targets(y, z) + np.log1p(np.exp(-np.abs(z)))
    return each.mean(axis=1)


def binary_cross_entropy_gradient(z: Array, y: Array) -> Array:
    """(sigmoid(z) - y) / number of elements."""
    return (sigmoid(z) - targets(y, z)) / max(z.size, 1)


def cross_entropy(z: Array, y: Array) -> Array:
    """log(sum(exp(z))) - z[y] (PyTorch's CrossEntropyLoss)."""
    highest = z.max(axis=1)
    with np.errstate(over="ignore"):  # see softmax
        spread = np.exp(z - highest[:, None]).sum(axis=1)
        return np.log(spread) + (highest - z[np.arange(len(y)), y])


def cross_entropy_gradient(z: Array, y: Array) -> Array:
    """(softmax(z) - one-hot(y)) / n."""
    delta = softmax(z)
    delta[np.arange(len(y)), y] -= 1
    delta /= max(len(y), 1)
    return delta


LOSSES: dict[str, Loss] = {
    "mse": Loss("mse", "squared error, mean over outputs", None, mse, mse_gradient),
    "binary_cross_entropy": Loss(
        "binary_cross_entropy", "nats", "sigmoid", binary_cross_entropy, binary_cross_entropy_gradient
    ),
    "cross_entropy": Loss("cross_entropy", "nats", "softmax", cross_entropy, cross_entropy_gradient),
}
