"""Attention: every position asks all positions a question, and takes from each as much as it answers."""

import numpy as np

from nncore.activations import softmax, softmax_backward
from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Init, Layer
from nncore.registry import require_count


class Attention(Layer):
    """z = softmax(q kᵀ / √units) v W_oᵀ, where q = x W_qᵀ, k = x W_kᵀ, v = x W_vᵀ: one head, no biases.

    The trace keeps the weights as extra["attention"]: row i says how much position i takes from each.

    Shapes: x and z (n, t, d); W_q, W_k, W_v (units, d); W_o (d, units); attention (n, t, t).
    Source: Vaswani et al. 2017, equation 1.
    """

    kind = "attention"

    def __init__(self, units: int, init: Init = None) -> None:
        super().__init__(init=init)
        require_count("units", units)
        self.units = units

    def build(self, shape: Shape) -> Shape:
        """Fix the weights for sequences of `shape`."""
        if len(shape) != 2:
            raise BadInput(f"input of shape {shape} is not a sequence (t, units).")
        self.shapes = dict.fromkeys(("W_q", "W_k", "W_v"), (self.units, shape[1]))
        self.shapes["W_o"] = (shape[1], self.units)
        return shape

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """Questions, keys and values; weights; mixture; back to the width of x."""
        q, k, v = (x @ self.params[name].T for name in ("W_q", "W_k", "W_v"))
        scores = q @ k.swapaxes(1, 2)
        scores *= self.units**-0.5
        weights = softmax(scores)
        mixed = weights @ v
        return mixed @ self.params["W_o"].T, {"attention": weights, "q": q, "k": k, "v": v, "mixed": mixed}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """Each product's two factors in turn, from the last to the first."""
        q, k, v, weights = extra["q"], extra["k"], extra["v"], extra["attention"]
        mixed = delta @ self.params["W_o"]
        scores = softmax_backward(weights, mixed @ v.swapaxes(1, 2))
        scores *= self.units**-0.5
        backwards = {
            "W_q": scores @ k,
            "W_k": scores.swapaxes(1, 2) @ q,
            "W_v": weights.swapaxes(1, 2) @ mixed,
        }
        grads = {name: _summed(g, x) for name, g in backwards.items()}
        grads["W_o"] = _summed(delta, extra["mixed"])
        if not wants_x:
            return None, grads
        return sum(g @ self.params[name] for name, g in backwards.items()), grads


def _summed(delta: Array, x: Array) -> Array:
    """deltaᵀ x over all positions of all examples."""
    return delta.reshape(-1, delta.shape[2]).T @ x.reshape(-1, x.shape[2])
