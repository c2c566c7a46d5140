"""Facts of one example's backward pass: every factor of the chain rule, and the nudge that checks it.

All are computed in float64 from the recorded parameters, so that the slope backpropagation gives and the
one measured by nudging a weight can be compared to more digits than float32 holds.
"""

from functools import lru_cache

import numpy as np

from nncore.facts import fact
from nncore.network import Gradients, Network
from nncore.recording import Recording


@fact
def output_error(recording: Recording, probe: int, step: int, unit: int) -> float:
    """dL/dz of an output for one probe: with softmax and cross-entropy, its probability minus its target."""
    return float(probe_gradients(recording, probe, step).delta[-1][0, unit])


@fact
def loss_slope(recording: Recording, probe: int, step: int) -> float:
    """dL/dp of the right class's probability for one probe, -1 / p; the other outputs' is 0."""
    outputs = recording.a(len(recording.spec.layers), step)[probe]
    return -1.0 / float(outputs[int(recording.probe_y[probe])])


@fact
def carried_error(recording: Recording, probe: int, step: int, unit: int, neuron: int) -> float:
    """What one output sends back to one neuron of the layer before: its error times the weight between."""
    layers = len(recording.spec.layers)
    weight = float(recording.param(f"{layers}.W", step)[unit, neuron])
    return output_error(recording, probe, step, unit) * weight


@fact
def neuron_error(recording: Recording, probe: int, step: int, neuron: int) -> float:
    """dL/da of a neuron of the last hidden layer for one probe: what all outputs send back, summed."""
    units = recording.layer_sizes[-1]
    return sum(carried_error(recording, probe, step, unit, neuron) for unit in range(units))


@fact
def relu_slope(recording: Recording, probe: int, step: int, layer: int, neuron: int) -> int:
    """The slope of ReLU at a neuron's recorded z: 1 above zero, else 0."""
    return int(recording.z(layer, step)[probe, neuron] > 0)


@fact
def weight_gradient(recording: Recording, probe: int, step: int, layer: int, row: int, column: int) -> float:
    """dL/dw of one weight for one probe, by backpropagation."""
    return float(probe_gradients(recording, probe, step).params[f"{layer}.W"][row, column])


@fact
def nudged_loss(
    recording: Recording, probe: int, step: int, layer: int, row: int, column: int, nudge: float
) -> float:
    """The loss of one probe with one weight changed by `nudge` and all else as recorded."""
    network = doubled(recording, step)
    network.params()[f"{layer}.W"][row, column] += nudge
    return probe_loss_of(network, recording, probe)


@fact
def difference_quotient(
    recording: Recording, probe: int, step: int, layer: int, row: int, column: int, nudge: float
) -> float:
    """dL/dw of one weight for one probe, measured: the loss up minus the loss down, over twice the nudge."""
    up, down = (nudged_loss(recording, probe, step, layer, row, column, d) for d in (nudge, -nudge))
    return (up - down) / (2 * nudge)


def doubled(recording: Recording, step: int) -> Network:
    """The network of a snapshot with its parameters in float64, its own copy."""
    return recording.network(step, "float64")


def probe_loss_of(network: Network, recording: Recording, probe: int) -> float:
    """The loss of one probe."""
    here = slice(probe, probe + 1)
    return network.batch_loss(network.forward(recording.probe_x[here]), recording.probe_y[here])


@lru_cache(maxsize=8)
def _gradients(recording: Recording, probe: int, step: int) -> Gradients:
    network, here = doubled(recording, step), slice(probe, probe + 1)
    return network.backward(network.forward(recording.probe_x[here]), recording.probe_y[here])


def probe_gradients(recording: Recording, probe: int, step: int) -> Gradients:
    """Every gradient of one probe's loss at a snapshot, in float64."""
    return _gradients(recording, int(probe), int(step))


def weight_loss_curve(
    recording: Recording, probe: int, step: int, place: tuple[int, int, int], nudges: np.ndarray
) -> np.ndarray:
    """The loss of one probe while one weight moves and all else stays as recorded.

    Shapes: place (layer, row, column); nudges (n,) -> (n,).
    """
    layer, row, column = place
    network = doubled(recording, step)
    weight = network.params()[f"{layer}.W"]
    start, losses = float(weight[row, column]), []
    for nudge in nudges:
        weight[row, column] = start + float(nudge)
        losses.append(probe_loss_of(network, recording, probe))
    return np.array(losses)
