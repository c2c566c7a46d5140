"""The network: a stack of layers with a loss at its end.

`forward` keeps every z and a in a trace; `backward` turns that trace into every gradient. Nothing else is
remembered between the two, so a pass can be recorded, repeated or thrown away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nncore.arrays import Array, Shape, keep_freed_memory
from nncore.datasets import Dataset
from nncore.errors import BadInput
from nncore.layers import Embedding, Layer, Stack, Trace, build_layers
from nncore.losses import LOSSES, Loss
from nncore.registry import look_up, require

EVALUATION_BATCH = 1024


@dataclass
class Gradients:
    """What a backward pass found: by parameter, for the input, and delta[l] = dL/dz of layer l.

    delta[0] is None, and so is x where it was declined or where the examples are tokens.
    """

    params: dict[str, Array]
    x: Array | None
    delta: list[Any]


class Network:
    """Layers 1..L for examples of one shape, and the loss they are trained by."""

    def __init__(self, layers: Sequence[Layer], loss: str | Loss, sample_shape: Shape) -> None:
        require("layers", list(layers), len(layers) > 0, "at least one layer")
        self.loss_function = look_up("loss", loss, LOSSES) if isinstance(loss, str) else loss
        self.stack = Stack(layers, tuple(sample_shape))
        self.sample_shape = tuple(sample_shape)
        self.dtype: Any = np.dtype(np.float32)
        self._check_end()
        keep_freed_memory()

    @property
    def layers(self) -> list[Layer]:
        """The layers in order; layer l of the text is `layers[l - 1]`."""
        return self.stack.layers

    @property
    def output_shapes(self) -> list[Shape]:
        """The shape of one example after layer 0 (the input), 1, ..., L."""
        return self.stack.output_shapes

    @property
    def n_outputs(self) -> int:
        """How many numbers the network answers with."""
        return self.output_shapes[-1][0]

    def init(self, rng: np.random.Generator, dtype: Any = np.float32) -> "Network":
        """Draw all parameters anew; returns the network itself."""
        self.dtype = np.dtype(dtype)
        self.stack.init(rng, self.dtype)
        return self

    def params(self) -> dict[str, Array]:
        """The parameters themselves, by key: "1.W", "1.b", nested "3.inner.1.W"."""
        return self.stack.params()

    def buffers(self) -> dict[str, Array]:
        """What is carried along but not trained: running means and variances of batch normalisation."""
        return self.stack.buffers()

    def load(self, arrays: Mapping[str, Array], copy: bool = True) -> "Network":
        """Set all parameters (and given buffers) by key; the network takes over their dtype.

        Raises: BadInput for a key that is missing or unknown, or an array of another shape.
        """
        known = self.stack.shapes()
        unknown = set(arrays) - set(known) - set(self.stack.buffers())
        require("parameters", sorted(unknown), not unknown, f"among {', '.join(known)}")
        self.stack.load(arrays, copy)
        self.dtype = next((w.dtype for w in self.params().values()), self.dtype)
        return self

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> Trace:
        """Every layer's z and a for a batch; `rng` decides what dropout drops while training.

        Shapes: x (n, *sample_shape).
        Raises: BadInput for examples of another shape.
        """
        x = self._as_input(x)
        return self.stack.forward(x, train, rng)

    def backward(self, trace: Trace, y: Array, input_gradient: bool = True) -> Gradients:
        """The gradient of the batch loss for every parameter, every z and (unless declined) the input."""
        fused = self.loss_function.link is not None
        gradient = self.loss_function.gradient(trace.z[-1] if fused else trace.a[-1], y)
        x, params, delta = self.stack.backward(trace, gradient, fused, input_gradient)
        return Gradients(params, x, delta)

    def absorb(self, trace: Trace) -> None:
        """After a training step: running statistics take over the batch's (forward changes nothing)."""
        self.stack.absorb(trace)

    def batch_loss(self, trace: Trace, y: Array) -> float:
        """The loss of a batch whose forward pass is done."""
        return self.loss_function.value(self._outputs(trace), y)

    def loss(self, x: Array, y: Array) -> float:
        """The mean loss over any number of examples, in evaluation mode; NaN for none."""
        each = [self.loss_function.each(self._outputs(t), y[part]) for part, t in self._passes(x)]
        return float(np.concatenate(each).mean(dtype=np.float64)) if each else float("nan")

    def predict(self, x: Array) -> Array:
        """y_hat: the last layer's activations, in evaluation mode.

        Shapes: (n, *sample_shape) -> (n, n_outputs).
        """
        outputs = [trace.a[-1] for _, trace in self._passes(x)]
        return np.concatenate(outputs) if outputs else np.empty((0, self.n_outputs), self.dtype)

    def accuracy(self, x: Array, y: Array) -> float:
        """The share of examples whose label is the largest output, or the rounded one where there is one.

        NaN for no examples, and for targets that are not labels.
        """
        if not len(y) or not np.issubdtype(y.dtype, np.integer):
            return float("nan")
        return float((labels_of(self.predict(x)) == y).mean())

    def _outputs(self, trace: Trace) -> Array:
        return trace.a[-1] if self.loss_function.link is None else trace.z[-1]

    def _passes(self, x: Array) -> Iterator[tuple[slice, Trace]]:
        for start in range(0, len(x), EVALUATION_BATCH):
            part = slice(start, start + EVALUATION_BATCH)
            yield part, self.forward(x[part])

    def _as_input(self, x: Array) -> Array:
        x = np.asarray(x)
        if x.shape[1:] != self.sample_shape:
            raise BadInput(f"x has examples of shape {x.shape[1:]}; the network takes {self.sample_shape}.")
        return x if self.layers[0].takes_tokens else x.astype(self.dtype, copy=False)

    def _check_end(self) -> None:
        last, link = self.layers[-1].activation.name, self.loss_function.link
        for i, layer in enumerate(self.layers[1:], 1):
            require(f"layers[{i}].type", layer.kind, not layer.takes_tokens, "the first layer, or none")
        require("the last layer's output shape", self.output_shapes[-1], len(self.output_shapes[-1]) == 1,
                "a vector; add a 'flatten' or 'select' layer")  # fmt: skip
        if link is not None:
            field = f"layers[{len(self.layers) - 1}].activation"
            require(field, last, last == link, f"'{link}' for the loss '{self.loss_function.name}'")


def labels_of(y_hat: Array) -> Array:
    """The label each row of outputs stands for.

    Shapes: (n, units) -> (n,) int64.
    """
    if y_hat.shape[1] == 1:
        return (y_hat[:, 0] >= 0.5).astype(np.int64)
    return y_hat.argmax(axis=1)


class NetworkSpec(Protocol):
    """The part of a RunSpec that decides the network."""

    @property
    def layers(self) -> Sequence[Mapping[str, Any]]:
        """Descriptions of the layers."""

    @property
    def loss(self) -> str:
        """The name of the loss."""


def build_network(spec: NetworkSpec, dataset: Dataset) -> Network:
    """The network a spec describes for the examples of a dataset, without parameters yet.

    Raises: BadInput where the layers do not fit each other, the examples or the labels.
    """
    network = Network(build_layers(spec.layers), spec.loss, dataset.sample_shape)
    _check_outputs(network, dataset)
    _check_tokens(network, dataset)
    return network


def _check_outputs(network: Network, dataset: Dataset) -> None:
    """As many outputs as classes, or one for two classes or for a number to predict."""
    outputs, classes, loss = network.n_outputs, dataset.n_classes, network.loss_function.name
    field = f"layers[{len(network.layers) - 1}].units"
    if not classes:
        require("loss", loss, loss == "mse", f"'mse': '{dataset.name}' has numbers to predict, not classes")
        require(field, outputs, outputs == 1, "1, for the number to predict")
    elif outputs > 1 or loss == "cross_entropy" or classes != 2:
        require(field, outputs, outputs == classes, f"{classes}, one for each class of '{dataset.name}'")


def _check_tokens(network: Network, dataset: Dataset) -> None:
    """Every token of the dataset has its row in the embedding."""
    first = network.layers[0]
    if not isinstance(first, Embedding):
        return
    whole = np.issubdtype(dataset.x_train.dtype, np.integer)
    require("layers[0].type", "embedding", whole, f"another: '{dataset.name}' has no tokens, but numbers")
    most = max(int(x.max(initial=0)) for x in (dataset.x_train, dataset.x_test))
    fits = first.vocabulary > most
    require("layers[0].vocabulary", first.vocabulary, fits, f"at least {most + 1} for '{dataset.name}'")
