"""Dense: every output neuron sees every input."""

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Init, Layer
from nncore.registry import require_count


class Dense(Layer):
    """z = x Wᵀ + b over the last axis: one vector per example, or one per position of a sequence.

    Shapes: x (n, n_in) or (n, t, n_in), W (units, n_in), b (units,), z (n, units) or (n, t, units).
    """

    kind = "dense"

    def __init__(self, units: int, activation: str = "identity", init: Init = None) -> None:
        super().__init__(activation, init)
        require_count("units", units)
        self.units = units

    def build(self, shape: Shape) -> Shape:
        """Fix W and b for inputs of `shape`."""
        if len(shape) not in (1, 2):
            raise BadInput(f"input of shape {shape} is not a vector; put a 'flatten' layer before it.")
        self.shapes = {"W": (self.units, shape[-1]), "b": (self.units,)}
        return (*shape[:-1], self.units)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """z = x Wᵀ + b."""
        z = x @ self.params["W"].T
        z += self.params["b"]
        return z, {}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dW = deltaᵀ x, db = Σ delta, dL/dx = delta W."""
        rows = delta.reshape(-1, self.units)
        grads = {"W": rows.T @ x.reshape(-1, x.shape[-1]), "b": np.add.reduce(rows, axis=0)}
        return (delta @ self.params["W"] if wants_x else None), grads
