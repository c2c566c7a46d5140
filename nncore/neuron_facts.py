"""Facts of single neurons: which is looked at and why, its parts, and its output with one weight turned."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from nncore.activations import ACTIVATIONS
from nncore.errors import BadInput, did_you_mean
from nncore.facts import fact
from nncore.recording import Recording

Function = Callable[[np.ndarray], np.ndarray]


@fact
def neuron_on_the_edge(recording: Recording, probe: int, step: int, layer: int = 1) -> int:
    """Of a layer's neurons that fire for a probe, the one whose sum is closest to zero."""
    z = recording.z(layer, step)[probe]
    return int(np.where(z > 0, z, np.inf).argmin())


def contributions(recording: Recording, probe: int, step: int, layer: int, neuron: int) -> np.ndarray:
    """Weight times input for every input of a neuron, in float64. Shapes: (n_in,)."""
    before = np.asarray(recording.a(layer - 1, step)[probe], dtype=np.float64).ravel()
    return recording.param(f"{layer}.W", step)[neuron].astype(np.float64) * before


def largest_inputs(parts: np.ndarray, count: int) -> np.ndarray:
    """The inputs with the largest |weight × input|, largest first; ties in index order."""
    return np.argsort(-np.abs(parts), kind="stable")[:count]


@fact
def contribution(
    recording: Recording, probe: int, step: int, neuron: int, source: int, layer: int = 1
) -> float:
    """Weight times input of one input of a neuron."""
    return float(contributions(recording, probe, step, layer, neuron)[source])


@fact
def largest_contributions(
    recording: Recording, probe: int, step: int, neuron: int, count: int, layer: int = 1
) -> float:
    """What the `count` inputs with the largest |weight × input| add up to."""
    parts = contributions(recording, probe, step, layer, neuron)
    return float(parts[largest_inputs(parts, count)].sum())


@fact
def other_contributions(
    recording: Recording, probe: int, step: int, neuron: int, count: int, layer: int = 1
) -> float:
    """What all other inputs of the neuron add up to."""
    parts = contributions(recording, probe, step, layer, neuron)
    return float(np.delete(parts, largest_inputs(parts, count)).sum())


@fact
def inputs_left_out(recording: Recording, count: int, layer: int = 1) -> int:
    """How many inputs of a neuron are not among the `count` shown."""
    return recording.layer_sizes[layer - 1] - count


@fact
def largest_weight(recording: Recording, step: int, layer: int = 1) -> float:
    """The largest |weight| of a layer at a snapshot."""
    return float(np.abs(recording.param(f"{layer}.W", step)).max())


@fact
def product_with_weight(
    recording: Recording, probe: int, step: int, source: int, weight: float, layer: int = 1
) -> float:
    """What an input would add to a neuron's sum if its weight were `weight`."""
    return weight * float(recording.a(layer - 1, step)[probe].ravel()[source])


@fact
def neuron_sum_with_weight(
    recording: Recording, probe: int, step: int, neuron: int, source: int, weight: float, layer: int = 1
) -> float:
    """A neuron's z if the weight from one input were `weight`, everything else as recorded."""
    x = float(recording.a(layer - 1, step)[probe].ravel()[source])
    recorded = float(recording.param(f"{layer}.W", step)[neuron, source])
    return float(recording.z(layer, step)[probe, neuron]) + (weight - recorded) * x


@fact
def neuron_output_with_weight(
    recording: Recording, probe: int, step: int, neuron: int, source: int, weight: float, layer: int = 1
) -> float:
    """A neuron's output if the weight from one input were `weight`, everything else as recorded."""
    z = neuron_sum_with_weight(recording, probe, step, neuron, source, weight, layer)
    spec = recording.spec.layers[layer - 1]
    return float(ACTIVATIONS[spec.get("activation", "identity")].value(np.array([z]))[0])


def curve(name: str) -> tuple[Function, Function]:
    """(f, f') of a scalar activation as functions of z. Raises: BadInput with the closest name."""
    known = [n for n, a in ACTIVATIONS.items() if a.derivative is not None]
    if name not in known:
        raise BadInput(f"{name!r} has no curve.{did_you_mean(name, known)} Known: {', '.join(known)}")
    activation = ACTIVATIONS[name]
    return activation.value, lambda z: activation.backward(z, activation.value(z), np.ones_like(z))


@fact
def activation_lowest(recording: Recording, activation: str) -> float:
    """The lowest value an activation takes: GELU's is -0.170, found by a bounded search; ReLU's is 0."""
    value, _ = curve(activation)
    return float(value(np.array([activation_lowest_at(recording, activation)]))[0])


@fact
def activation_lowest_at(recording: Recording, activation: str) -> float:
    """Where in -6..6 an activation is lowest: GELU at z = -0.752."""
    value, _ = curve(activation)
    found = minimize_scalar(
        lambda z: float(value(np.array([z]))[0]), bounds=(-6, 6), method="bounded", options={"xatol": 1e-9}
    )
    return float(found.x)


@fact
def steepest_slope(recording: Recording, activation: str) -> float:
    """The largest slope of an activation: sigmoid's is 0.25, tanh's 1."""
    z = np.linspace(-6, 6, 12001)
    return float(curve(activation)[1](z).max())


@fact
def silent_neurons(recording: Recording, probe: int, step: int, layer: int = 1) -> int:
    """Neurons of a layer whose sum is not positive for a probe: ReLU passes nothing on."""
    return int((recording.z(layer, step)[probe] <= 0).sum())


@fact
def dial_weight(recording: Recording, step: int, notch: int, notches: int, layer: int = 1) -> float:
    """The weight at a notch (0 to `notches`) of a dial from minus to plus the layer's largest |weight|."""
    return largest_weight(recording, step, layer) * (2 * notch / notches - 1)
