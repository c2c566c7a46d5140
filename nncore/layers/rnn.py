"""RNN: a state that reads a sequence one step at a time."""

import numpy as np

from nncore.activations import ACTIVATIONS
from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Init, Layer
from nncore.registry import require, require_count


class RNN(Layer):
    """h_t = f(x_t W_xᵀ + h_{t-1} W_hᵀ + b), from h = 0 (PyTorch's RNN with one bias); f is tanh or ReLU.

    z is the last state, or all of them with output = "all". The trace keeps all as extra["hidden"].

    Shapes: x (n, t, n_in), W_x (units, n_in), W_h (units, units), b (units,), hidden (n, t, units).
    """

    kind = "rnn"

    def __init__(self, units: int, activation: str = "tanh", output: str = "last", init: Init = None) -> None:
        require("activation", activation, activation in ("tanh", "relu"), "'tanh' or 'relu'")
        require("output", output, output in ("last", "all"), "'last' or 'all'")
        require_count("units", units)
        super().__init__(init=init)
        self.units, self.output, self.inner = units, output, ACTIVATIONS[activation]

    def build(self, shape: Shape) -> Shape:
        """Fix the weights for sequences of `shape`."""
        if len(shape) != 2:
            raise BadInput(
                f"input of shape {shape} is not a sequence (t, n_in); for images use view = 'rows'."
            )
        self.shapes = {"W_x": (self.units, shape[1]), "W_h": (self.units, self.units), "b": (self.units,)}
        return (shape[0], self.units) if self.output == "all" else (self.units,)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """One step after the other; what comes from x is computed for all steps at once."""
        from_x = x.swapaxes(0, 1) @ self.params["W_x"].T
        from_x += self.params["b"]
        recurrent = self.params["W_h"].T
        hidden = np.empty_like(from_x)  # (t, n, units)
        state = np.zeros(from_x.shape[1:], from_x.dtype)
        for step, pre in enumerate(from_x):
            state = hidden[step] = self.inner.value(pre + state @ recurrent)
        every = hidden.swapaxes(0, 1)
        return (every if self.output == "all" else state), {"hidden": every}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """Backpropagation through time: to its own delta each state adds what the next one sends back."""
        hidden = extra["hidden"].swapaxes(0, 1)  # (t, n, units)
        slopes = self.inner.derivative(hidden, hidden)  # type: ignore[misc]  # relu's h > 0 is its z > 0
        pre_deltas = np.empty_like(hidden)
        carried = np.zeros_like(hidden[0]) if self.output == "all" else delta
        for step in range(len(hidden) - 1, -1, -1):
            if self.output == "all":
                carried = carried + delta[:, step]
            np.multiply(carried, slopes[step], out=pre_deltas[step])
            carried = pre_deltas[step] @ self.params["W_h"]
        rows = pre_deltas.reshape(-1, self.units)
        before = pre_deltas[1:].reshape(-1, self.units).T @ hidden[:-1].reshape(-1, self.units)
        inputs = x.swapaxes(0, 1).reshape(-1, x.shape[2])
        grads = {"W_x": rows.T @ inputs, "W_h": before, "b": rows.sum(axis=0)}
        return (pre_deltas @ self.params["W_x"]).swapaxes(0, 1) if wants_x else None, grads
