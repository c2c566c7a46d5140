"""Residual: layers that add to their input instead of replacing it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Backward, Extra, Forward, Layer
from nncore.layers.stack import Stack
from nncore.registry import require


class Residual(Layer):
    """z = x + inner(x); the inner layers' keys are nested ("3.inner.1.W"), their trace is extra["inner"].

    After a backward pass extra["inner_delta"] holds dL/dz of the inner layers.

    Source: He et al. 2016, equation 1.
    """

    kind = "residual"

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        require("layers", list(layers), len(layers) > 0, "at least one layer")
        self.inner_layers = layers

    def build(self, shape: Shape) -> Shape:
        """Build the inner layers, which must keep the shape."""
        self.inner = Stack(self.inner_layers, shape)
        found = self.inner.output_shapes[-1]
        if found != shape:
            raise BadInput(
                f"the inner layers make {found} of {shape}; what is added must have the same shape."
            )
        self.shapes = _nested(self.inner.shapes())
        self._collect()
        return shape

    def init(self, rng: np.random.Generator, dtype: Any) -> None:
        """Draw the inner layers' parameters."""
        self.inner.init(rng, dtype)
        self._collect()

    def load(self, arrays: Mapping[str, Array], prefix: str = "", copy: bool = True) -> None:
        """Set the inner layers' parameters."""
        super().load(arrays, prefix, copy=False)  # its checks name the full key
        own = {key.removeprefix("inner."): w for key, w in arrays.items()}
        self.inner.load(own, copy)
        self._collect()

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """x + inner(x)."""
        trace = self.inner.forward(x, train, rng)
        return x + trace.a[-1], {"inner": trace}

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """delta goes both ways: straight to x, and through the inner layers."""
        gradient, grads, extra["inner_delta"] = self.inner.backward(extra["inner"], delta, wants_x=wants_x)
        return (delta + gradient if gradient is not None else None), _nested(grads)

    def absorb(self, extra: Extra) -> None:
        """Let the inner layers take over the batch's statistics."""
        self.inner.absorb(extra["inner"])

    def _collect(self) -> None:
        self.params, self.buffers = _nested(self.inner.params()), _nested(self.inner.buffers())


def _nested(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {f"inner.{key}": value for key, value in entries.items()}
