"""A stack: layers in a row, the trace of a pass, the way back. A network is one, so is a residual branch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.layers.layer import Extra, Grads, Layer


@dataclass
class Trace:
    """Everything a forward pass computed, by layer number: a[0] = x; z[l], a[l] and extra[l] for l in 1..L.

    z[0] is None. Layers without an activation have z[l] is a[l].
    """

    train: bool
    z: list[Any] = field(default_factory=lambda: [None])
    a: list[Array] = field(default_factory=list)
    extra: list[Extra] = field(default_factory=lambda: [{}])

    def named(self, name: str) -> dict[str, Array]:
        """Every extra called `name`, by its layer: {"2": ..., "3.inner.1": ...}."""
        found: dict[str, Array] = {}
        for number, extra in enumerate(self.extra):
            if name in extra:
                found[str(number)] = extra[name]
            if "inner" in extra:
                inner = extra["inner"].named(name)
                found |= {f"{number}.inner.{key}": value for key, value in inner.items()}
        return found


class Stack:
    """Layers in order, numbered from 1, for examples of one shape."""

    def __init__(self, layers: Sequence[Layer], shape: Shape) -> None:
        self.layers = list(layers)
        self.output_shapes = [shape]
        for number, layer in enumerate(self.layers, 1):
            try:
                shape = layer.build(shape)
            except BadInput as error:
                raise BadInput(f"layers[{number - 1}] ({layer.kind}): {error}") from None
            self.output_shapes.append(shape)

    def each(self) -> Iterator[tuple[str, Layer]]:
        """(key prefix, layer) in order."""
        for number, layer in enumerate(self.layers, 1):
            yield f"{number}.", layer

    def init(self, rng: np.random.Generator, dtype: Any) -> None:
        """Draw all parameters anew, first layer first."""
        for layer in self.layers:
            layer.init(rng, dtype)

    def params(self) -> dict[str, Array]:
        """The parameters themselves (not copies), by key such as "1.W"."""
        return {prefix + name: w for prefix, layer in self.each() for name, w in layer.params.items()}

    def buffers(self) -> dict[str, Array]:
        """What is carried along but not trained, such as running means."""
        return {prefix + name: w for prefix, layer in self.each() for name, w in layer.buffers.items()}

    def shapes(self) -> dict[str, Shape]:
        """The shape of every parameter by key, known before any is drawn."""
        return {prefix + name: shape for prefix, layer in self.each() for name, shape in layer.shapes.items()}

    def forward(self, x: Array, train: bool, rng: np.random.Generator | None) -> Trace:
        """Run all layers and keep what they computed."""
        trace = Trace(train, a=[x])
        for layer in self.layers:
            z, extra = layer.forward(trace.a[-1], train, rng)
            trace.z.append(z)
            trace.a.append(layer.activation.value(z))
            trace.extra.append(extra)
        return trace

    def backward(
        self, trace: Trace, gradient: Array, fused: bool = False, wants_x: bool = True
    ) -> tuple[Array | None, Grads, list[Any]]:
        """dL/dx, the gradients by key, and delta by layer number, from dL/da of the last layer.

        `fused` says that `gradient` already is dL/dz of the last layer.
        """
        grads: Grads = {}
        deltas: list[Any] = [None] * len(trace.a)
        upstream: Array | None = gradient
        for number in range(len(self.layers), 0, -1):
            layer = self.layers[number - 1]
            assert upstream is not None
            if not (fused and number == len(self.layers)):
                upstream = layer.activation.backward(trace.z[number], trace.a[number], upstream)
            deltas[number] = upstream
            x, z, extra = trace.a[number - 1], trace.z[number], trace.extra[number]
            upstream, own = layer.backward(x, z, extra, upstream, wants_x or number > 1)
            for name, g in own.items():
                grads[f"{number}.{name}"] = g
        return upstream, grads, deltas

    def absorb(self, trace: Trace) -> None:
        """Let the layers that keep running statistics take over those of a training pass."""
        for layer, extra in zip(self.layers, trace.extra[1:], strict=True):
            layer.absorb(extra)

    def load(self, arrays: Mapping[str, Array], copy: bool = True) -> None:
        """Set all parameters (and the buffers that are given) by key; their dtype is kept.

        Raises: BadInput for a parameter that is missing or has another shape.
        """
        for prefix, layer in self.each():
            own = {key.removeprefix(prefix): w for key, w in arrays.items() if key.startswith(prefix)}
            layer.load(own, prefix, copy)
