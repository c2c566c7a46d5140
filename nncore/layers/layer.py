"""What every layer is: shapes first, then parameters, then z forward and gradients backward.

A layer keeps no memory of a pass. What backward needs comes back to it from the trace: its input x, its z,
and `extra`, the dictionary it returned beside z (a dropout mask, attention weights, hidden states).
Activations are applied outside.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from nncore.activations import ACTIVATIONS, Activation
from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.initializers import build_initializer
from nncore.registry import look_up

Extra = dict[str, Any]
Grads = dict[str, Array]
Forward = tuple[Array, Extra]
Backward = tuple[Array | None, Grads]
Init = str | Mapping[str, Any] | None

RECTIFIERS = ("relu", "gelu")


class Layer:
    """The base of all layers: no parameters, and z decided by `forward`."""

    kind: ClassVar[str]
    takes_tokens: ClassVar[bool] = False
    """True where x is whole numbers that must stay so."""
    shapes: dict[str, Shape]
    """The shape of each parameter, known once `build` has seen the input's shape."""

    def __init__(self, activation: str = "identity", init: Init = None) -> None:
        self.activation: Activation = look_up("activation", activation, ACTIVATIONS)
        self.initializer = build_initializer(init or ("he" if activation in RECTIFIERS else "glorot"))
        self.shapes = {}
        self.params: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}

    def build(self, shape: Shape) -> Shape:
        """The shape of one output example for one input example of `shape`; fixes the parameters' shapes.

        Raises: BadInput where the input cannot fit.
        """
        return shape

    def init(self, rng: np.random.Generator, dtype: Any) -> None:
        """Draw the parameters anew."""
        for name, shape in self.shapes.items():
            self.params[name] = self.start(name, shape, rng).astype(dtype)

    def start(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        """The first value of one parameter: weights are drawn, vectors start at 0."""
        if len(shape) < 2:
            return np.zeros(shape)
        area = int(np.prod(shape[2:]))  # a kernel's height times width
        return self.initializer(rng, shape, shape[1] * area, shape[0] * area)

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Forward:
        """z for a batch, and what else happened on the way."""
        raise NotImplementedError

    def backward(self, x: Array, z: Array, extra: Extra, delta: Array, wants_x: bool) -> Backward:
        """dL/dx (None unless wanted) and the gradient of every parameter, from delta = dL/dz."""
        raise NotImplementedError

    def load(self, arrays: Mapping[str, Array], prefix: str = "", copy: bool = True) -> None:
        """Set all parameters, and the buffers that are given.

        Raises: BadInput for a parameter that is missing or has another shape.
        """
        for name, shape in self.shapes.items():
            if name not in arrays:
                raise BadInput(f"Parameter '{prefix}{name}' is missing; the network needs it.")
            self.params[name] = _fitting(arrays[name], shape, prefix + name, copy)
        for name, old in self.buffers.items():
            dtype = next(iter(self.params.values())).dtype
            self.buffers[name] = _fitting(arrays.get(name, old), old.shape, prefix + name, copy).astype(dtype)

    def absorb(self, extra: Extra) -> None:
        """Take over the batch statistics of a training pass, in the layers that keep any."""


def _fitting(array: Array, shape: Shape, key: str, copy: bool) -> Array:
    if array.shape != shape:
        raise BadInput(f"Parameter '{key}' has shape {array.shape}; it must be {shape}.")
    return np.array(array) if copy else array
