"""The loss over two single weights, all others as recorded at one step: the ground a step stands on.

At the recorded weights the slice of a step's own batch has the recorded batch loss, and its slopes are the
two recorded gradients. Exact at every point: nothing is interpolated, everything is float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.arrays import Array
from nncore.derived import derived
from nncore.errors import BadInput
from nncore.layers import Dense
from nncore.network import Network
from nncore.recording import Recording

VERSION = 1
BLOCK = 1 << 21  # numbers per block of stacked outputs


@dataclass(frozen=True)
class Weight:
    """One element of one parameter: Weight("2.W", (3, 67)) leads from neuron 67 to neuron 3 of layer 2."""

    key: str
    index: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", tuple(int(i) for i in self.index))

    @property
    def layer(self) -> int:
        """The number of the layer it belongs to."""
        return int(self.key.split(".")[0])


def steepest_weights(recording: Recording, step: int = 0, number: int = 2) -> list[Weight]:
    """The weights whose recorded gradient at `step` is largest in size, the largest first; no biases."""
    found = []
    for key, grad in recording.grads(step).items():
        if grad.ndim < 2:
            continue
        order = np.argsort(-np.abs(grad), axis=None, kind="stable")[:number]
        found += [(abs(float(grad.flat[i])), Weight(key, np.unravel_index(i, grad.shape))) for i in order]
    return [weight for _, weight in sorted(found, key=lambda each: -each[0])[:number]]


def weight_slice(
    recording: Recording, step: int, weights: Sequence[Weight], x: Array, y: Array, examples: str = "batch"
) -> Array:
    """The loss with weights[0] set to each of `x` and weights[1] to each of `y`, kept in the cache.

    `examples`: "batch" is the batch of that step, "train" the training set; both in evaluation mode.
    Shapes: x (X,), y (Y,) -> (Y, X).
    Raises: BadInput for two times the same weight, an unknown choice of examples, or a step without snapshot.
    """
    if len(weights) != 2 or weights[0] == weights[1]:
        raise BadInput(f"a slice is over two different weights, not {list(weights)}")
    if examples not in ("batch", "train"):
        raise BadInput(f"examples = {examples!r}: must be batch or train")
    args: dict[str, Any] = {
        "step": int(step), "weights": [[w.key, list(w.index)] for w in weights], "examples": examples,
        "x": np.asarray(x, float).tolist(), "y": np.asarray(y, float).tolist(),
    }  # fmt: skip
    found = derived(
        "slice",
        VERSION,
        [recording.digest],
        args,
        lambda: {"loss": _compute(recording, step, weights, x, y, examples)},
    )
    return found["loss"]


def _compute(
    recording: Recording, step: int, weights: Sequence[Weight], x: Array, y: Array, which: str
) -> Array:
    network = recording.network(step)
    network.load({k: w.astype(np.float64) for k, w in (network.params() | network.buffers()).items()})
    data = recording.dataset()
    rows = recording.batch(step) if which == "batch" else slice(None)
    inputs, targets = data.x_train[rows], data.y_train[rows]
    if np.issubdtype(inputs.dtype, np.floating):
        inputs = inputs.astype(np.float64)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    first, second = weights
    same = first.layer == second.layer and isinstance(network.layers[first.layer - 1], Dense)
    losses = (stacked_losses if same else plain_losses)(network, inputs, targets, weights, points)
    return losses.reshape(len(y), len(x))


def plain_losses(network: Network, x: Array, y: Array, weights: Sequence[Weight], points: Array) -> Array:
    """One forward pass per point, from the first layer that changes. Shapes: points (N, 2) -> (N,)."""
    start = min(weight.layer for weight in weights) - 1
    before, params = _run(network, x, 0, start)[1], network.params()
    losses = np.empty(len(points))
    for i, point in enumerate(points):
        for weight, value in zip(weights, point, strict=True):
            params[weight.key][weight.index] = value
        losses[i] = network.loss_function.value(_outputs(network, before, start), y)
    return losses


def stacked_losses(network: Network, x: Array, y: Array, weights: Sequence[Weight], points: Array) -> Array:
    """Two weights of one dense layer: its z is linear in them, and many points go through the rest together.

    Shapes: points (N, 2) -> (N,).
    """
    place = weights[0].layer - 1
    layer, params = network.layers[place], network.params()
    before = _run(network, x, 0, place)[1]
    base = layer.forward(before, False, None)[0]
    moves = points - [params[weight.key][weight.index] for weight in weights]
    inputs = [
        before[..., weight.index[1]] if len(weight.index) == 2 else np.ones(before.shape[:-1])
        for weight in weights
    ]
    losses, size = [], max(1, BLOCK // base.size)
    for start in range(0, len(points), size):
        part = moves[start : start + size]
        z = np.repeat(base[None], len(part), axis=0)
        for weight, value, move in zip(weights, inputs, part.T, strict=True):
            z[..., weight.index[0]] += move.reshape(-1, *[1] * value.ndim) * value
        z = z.reshape(-1, *base.shape[1:])
        last = z if place == len(network.layers) - 1 else None
        a = layer.activation.value(z) if last is None or network.loss_function.link is None else z
        outputs = a if last is not None else _outputs(network, a, place + 1)
        each = network.loss_function.each(outputs, np.concatenate([y] * len(part)))
        losses.append(each.reshape(len(part), -1).mean(axis=1))
    return np.concatenate(losses)


def _run(network: Network, a: Array, start: int, stop: int) -> tuple[Array, Array]:
    z = a
    for layer in network.layers[start:stop]:
        z = layer.forward(a, False, None)[0]
        a = layer.activation.value(z)
    return z, a


def _outputs(network: Network, a: Array, start: int) -> Array:
    """What the loss takes of the last layer: z where it is fused with the activation, otherwise a."""
    z, a = _run(network, a, start, len(network.layers))
    return a if network.loss_function.link is None else z
