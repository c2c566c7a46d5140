"""What scenes draw on a network diagram again and again: its weights, a probe's output bars, its gradient."""

from __future__ import annotations

import numpy as np

from nncore.recording import Recording
from nncore.sources import Source
from scenes.kit.edge_field import EdgeField, PulseField
from scenes.kit.encodings import shown_scale
from scenes.kit.network_diagram import LINE_OF_DISCS, NetworkDiagram, strongest
from scenes.kit.output_bars import OutputBars
from scenes.kit.recorded_scene import RecordedScene

#: Optical density of a weight at full scale, by layer: many thin wires, then few.
WIRES = {1: 0.012, 2: 0.25}
GRADIENTS = {1: 0.35, 2: 0.9}
#: How much of an edge's light is left among the neurons of a block; in how many stretches it fades to that.
INSIDE, FADES = 0.12, 12


def hidden_scale(rec: Recording, layer: int = 1) -> float:
    """The activation at which a hidden neuron is fully lit, one for the whole recording."""
    ends = [rec.a(layer, int(step)) for step in (rec.steps[0], rec.steps[-1])]
    return shown_scale(np.stack(ends), 0.98)


def weight_light(net: NetworkDiagram, rec: Recording, layer: int, step: int) -> EdgeField:
    """All weights into a layer as light, on one scale for the whole recording."""
    scale = shown_scale(rec.param(f"{layer}.W", int(rec.steps[-1])))
    return net.edges(layer, rec.param(f"{layer}.W", step), scale, WIRES[layer])


def probability_bars(
    scene: RecordedScene, net: NetworkDiagram, probe: int, step: int, marked: int
) -> OutputBars:
    """A probe's recorded output probabilities as bars beside the outputs, `marked` in colour."""
    last = len(net.sizes) - 1
    values, place = scene.rec.a(last, step)[probe], net.layers[-1]
    units = range(len(values))
    texts = [scene.shown(Source("a", str(last), step, (probe, k)), "{:.0%}") for k in units]
    names = [str(k) for k in units]
    room = net.tail_region
    return OutputBars(scene.look, place.centers, place.radius, room, names, values, net.down, texts, marked)


def gradient_light(
    net: NetworkDiagram, layer: int, values: np.ndarray, count: int
) -> tuple[EdgeField, PulseField]:
    """The `count` largest gradients into a layer as light, and pulses that run back (phase 1 to 0).

    Toward a block of neurons the light fades, so that in it nothing looks like an edge between its neurons.
    Shapes: values (n_layer, n_before).
    """
    keep = strongest(values, count)
    part, scale = np.ravel(values)[keep], float(np.abs(values).max())
    corners, shares = _stretches(net, layer, keep)
    light = EdgeField(
        net.look, np.concatenate(corners[:-1]), np.concatenate(corners[1:]),
        np.concatenate([share * part for share in shares]), scale, GRADIENTS[layer], role="gradient",
    )  # fmt: skip
    pulses = net.pulses(layer, part, scale, keep, role="gradient")
    pulses.phase, pulses.radius = 1.0, 0.042
    return light, pulses


def _stretches(net: NetworkDiagram, layer: int, keep: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Where the kept edges are cut, from start to end, and the share of light of each stretch.

    Shapes: corners each (n, 2), one more than shares.
    """
    starts, ends = net.edge_ends(layer, keep)
    before, after = net.layers[layer - 1].region, net.layers[layer].region
    axis, out, into = (1, before.bottom, after.top) if net.down else (0, before.right, after.left)
    way = ends - starts
    first, last = (np.clip((at - starts[:, axis]) / way[:, axis], 0, 1)[:, None] for at in (out, into))
    cuts = np.linspace(0, 1, FADES + 1)
    middles = (cuts[:-1] + cuts[1:]) / 2
    to_block = middles if net.sizes[layer] > LINE_OF_DISCS else 1 - middles
    shares = [INSIDE, *(1 - (1 - INSIDE) * to_block**2), INSIDE]
    return [starts, *(starts + (first + cut * (last - first)) * way for cut in cuts), ends], np.array(shares)
