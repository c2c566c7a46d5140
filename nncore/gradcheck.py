"""Gradient check: one weight's gradient as a product of factors, and measured by nudging that weight.

    dL/dw[j, k] = dL/da[j] · f'(z[j]) · a_prev[k],   dL/da[j] = Σ_i delta_next[i] · W_next[i, j]

Everything is computed in float64 from the recorded weights.
"""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.errors import BadInput
from nncore.network import Network
from nncore.recording import Recording


@dataclass(frozen=True)
class GradientCheck:
    """One weight of a dense layer, one example, one snapshot.

    `carried` holds for each neuron of the next layer its delta times its weight, `from_above` their sum. For
    the last layer, where loss and activation are one, `delta` stands alone: they are empty and NaN.
    """

    layer: int
    index: tuple[int, int]
    step: int
    input: float
    z: float
    slope: float
    carried: Array
    from_above: float
    delta: float
    gradient: float
    nudge: float
    loss: float
    loss_up: float
    loss_down: float

    @property
    def measured(self) -> float:
        """The central difference (L(w + nudge) - L(w - nudge)) / (2 nudge)."""
        return (self.loss_up - self.loss_down) / (2 * self.nudge)

    @property
    def error(self) -> float:
        """How far the two are apart, relative to the larger; 0 where both are 0."""
        largest = max(abs(self.gradient), abs(self.measured))
        return abs(self.gradient - self.measured) / largest if largest else 0.0


def check_gradient(
    recording: Recording, step: int, layer: int, index: tuple[int, int], probe: int, nudge: float = 1e-5
) -> GradientCheck:
    """Follow one weight of a dense layer through the chain rule for one probe, then nudge it.

    Raises: BadInput for a layer that is not dense, or a weight or probe that does not exist.
    """
    network = recording.network(step, "float64")
    if not 1 <= layer <= len(network.layers) or network.layers[layer - 1].kind != "dense":
        dense = [i for i, one in enumerate(network.layers, 1) if one.kind == "dense"]
        raise BadInput(f"layer = {layer}: the dense layers are {', '.join(map(str, dense))}")
    j, k = index
    weights = network.layers[layer - 1].params["W"]
    if not (0 <= j < weights.shape[0] and 0 <= k < weights.shape[1] and 0 <= probe < len(recording.probe_y)):
        raise BadInput(
            f"index = {index}, probe = {probe}: W has {weights.shape}, {len(recording.probe_y)} probes"
        )
    x, y = recording.probe_x[probe : probe + 1], recording.probe_y[probe : probe + 1]
    trace = network.forward(x)
    gradients = network.backward(trace, y)
    z, delta = trace.z[layer][0], gradients.delta[layer][0]
    carried, slope = _carried(network, layer, j, gradients.delta), float("nan")
    if len(carried):
        one = np.ones_like(trace.z[layer])
        activation = network.layers[layer - 1].activation
        slope = float(activation.backward(trace.z[layer], trace.a[layer], one)[0, j])
    up, down = (_nudged_loss(network, weights, index, sign * nudge, x, y) for sign in (1, -1))
    return GradientCheck(
        layer, (j, k), step, float(trace.a[layer - 1][0, k]), float(z[j]), slope, carried,
        float(carried.sum()) if len(carried) else float("nan"), float(delta[j]),
        float(gradients.params[f"{layer}.W"][j, k]), nudge, network.batch_loss(trace, y), up, down,
    )  # fmt: skip


def _carried(network: Network, layer: int, j: int, deltas: list[Array]) -> Array:
    if layer == len(network.layers) or network.layers[layer].kind != "dense":
        return np.empty(0)
    column: Array = network.layers[layer].params["W"][:, j]
    return deltas[layer + 1][0] * column


def _nudged_loss(
    network: Network, weights: Array, index: tuple[int, int], nudge: float, x: Array, y: Array
) -> float:
    before = weights[index]
    weights[index] = before + nudge
    loss = network.loss(x, y)
    weights[index] = before
    return loss
