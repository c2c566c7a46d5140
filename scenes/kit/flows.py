"""Recorded data flowing through a small network of each kind, all shown in the same three stages.

Stage 1 takes the input in, stage 2 combines it, stage 3 lights the outputs. A flow is drawn at a progress
from 0 (only the input is there) to 3 (the answer is).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, Group, UpdateFromAlphaFunc, linear

from nncore.recording import Recording
from scenes.kit.encodings import activation_rgb, gray_image, shown_scale, signed_image
from scenes.kit.flow_layout import block, flows_down, split, stages
from scenes.kit.layout import Look, Region
from scenes.kit.marks import Arrow
from scenes.kit.network_diagram import NetworkDiagram, strongest
from scenes.kit.network_views import hidden_scale
from scenes.kit.neuron_field import NeuronField
from scenes.kit.pixel_image import PixelImage
from scenes.kit.read_image import ReadImage
from scenes.kit.text import Label
from scenes.kit.token_row import AttentionArcs, TokenRow, carried

STAGES = 3
#: The largest length of an arrow, in units.
LONGEST = 0.7
#: The gap between tiles as a share of their side, and where tiles would be less than so many units.
GAP, SMALL_GAP, SMALL = 0.32, 0.12, 0.55
PULSES = 700


class Flow(Group):
    """One network's data on its way; `progress` runs from 0 to STAGES."""

    progress = 0.0

    def turn_to(self, progress: float) -> Flow:
        """Draw the moment of a progress; in place."""
        self.progress = progress
        for stage in range(STAGES):
            self.draw_stage(stage, float(np.clip(progress - stage, 0.0, 1.0)))
        return self

    def draw_stage(self, stage: int, share: float) -> None:
        """Draw a stage as far as it has come."""
        raise NotImplementedError

    def flowing(self, start: float, stop: float, **kwargs: Any) -> Animation:
        """The motion from one progress to another."""

        def move(flow: Any, alpha: float) -> None:
            flow.turn_to(start + alpha * (stop - start))

        kwargs.setdefault("rate_func", linear)
        return UpdateFromAlphaFunc(self, move, **kwargs)


class Outputs(Group):
    """The outputs as a line of discs with their names; the largest is named in full strength."""

    def __init__(
        self, look: Look, region: Region, values: np.ndarray, names: Sequence[str], down: bool = False
    ) -> None:
        count, best = len(values), int(np.argmax(values))
        length, depth = (region.width, region.height) if down else (region.height, region.width)
        pitch = min(length / count, 0.42)
        along = (np.arange(count) - (count - 1) / 2) * pitch
        x, y, _ = region.center
        at = 0.4 * pitch + 0.05 * depth
        line = (
            [x + along, np.full(count, region.top - at)]
            if down
            else [np.full(count, region.left + at), y - along]
        )
        centers = np.stack(line, axis=1)
        self.discs = NeuronField(look, centers, 0.4 * pitch, values, 1.0, "output")
        self.answer = Label(look, names[best], "body", "output", "bold")
        off = 0.4 * pitch + (0.34 if depth < 0.9 else 0.42)
        self.answer.move_to((*(centers[best] + ([0, -off] if down else [off, 0])), 0))
        super().__init__(self.discs, self.answer)
        self.light(0.0)

    def light(self, share: float) -> None:
        """How far they have lit up; in place."""
        self.discs.lit = share
        self.answer.set_opacity(share)


def arrows(look: Look, places: Sequence[Region], down: bool) -> list[Arrow]:
    """A short arrow between every two places."""
    made = []
    for one, other in pairwise(places):
        gap = one.bottom - other.top if down else other.left - one.right
        middle = np.array([one.center[0], (one.bottom + other.top) / 2, 0.0])
        if not down:
            middle = np.array([(one.right + other.left) / 2, one.center[1], 0.0])
        half = min(0.38 * gap, LONGEST / 2) * np.array([0.0, -1.0, 0.0] if down else [1.0, 0.0, 0.0])
        made.append(Arrow(look, middle - half, middle + half, "muted", 0.06))
    return made


class DenseFlow(Flow):
    """Every pixel to every hidden neuron, every hidden neuron to every output."""

    def __init__(self, look: Look, region: Region, rec: Recording, probe: int) -> None:
        step = int(rec.steps[-1])
        body, end = split(region)
        down = flows_down(region)
        x, hidden, y = rec.probe_x[probe], rec.a(1, step)[probe], rec.a(2, step)[probe]
        shape = rec.dataset().image_shape
        net = NetworkDiagram(look, body, rec.layer_sizes[:2], shape, tail=0.13, down=down)
        self.outputs = Outputs(look, end, y, [str(k) for k in range(len(y))], down)
        parts = rec.param("1.W", step) * x.ravel()
        keep = strongest(parts, PULSES)
        scale = float(np.abs(parts).max())
        self.pulses = net.pulses(1, parts.ravel()[keep], scale, keep)
        self.light = net.edges(1, parts.ravel()[keep], scale, 0.7, keep)
        self.hidden = net.neurons(1, hidden, hidden_scale(rec))
        image = net.image(x)
        # Output edges start at the hidden block and end at the outputs' discs.
        onward = rec.param("2.W", step) * hidden
        late = strongest(onward, PULSES)
        j, k = np.divmod(late, len(hidden))
        ends = (net.layers[1].centers[k], self.outputs.discs.geometry.value[j])
        self.onward = type(self.light)(look, *ends, onward.ravel()[late], float(np.abs(onward).max()), 0.5)
        super().__init__(self.light, self.onward, self.pulses, image, self.hidden, self.outputs)
        self.turn_to(0.0)

    def draw_stage(self, stage: int, share: float) -> None:
        if stage == 0:
            self.pulses.phase, self.light.opacity = share, share
        elif stage == 1:
            self.hidden.lit, self.onward.opacity = min(2 * share, 1.0), max(2 * share - 1, 0.0)
        else:
            self.outputs.light(share)


class ConvFlow(Flow):
    """The picture, the maps of the first layer's filters, the maps of the second's, the outputs."""

    def __init__(self, look: Look, region: Region, rec: Recording, probe: int) -> None:
        step = int(rec.steps[-1])
        body, end = split(region)
        first, second = rec.a(1, step)[probe], rec.a(3, step)[probe]
        down = flows_down(region)
        lines = (2, 2) if down else (4, 4)
        blocks = [(-(-len(maps) // n), n) for maps, n in zip((first, second), lines, strict=True)]
        sizes = [(0.9, 0.9), *[(0.25 * across, 0.25 * high) for across, high in blocks]]
        if down:
            sizes = [(1.0, 1.0), *[(0.4 * across, 0.4 * high) for across, high in blocks]]
        places = stages(body, sizes, down)
        image = PixelImage(look, gray_image(look, rec.probe_x[probe, 0]), places[0])
        scales = [shown_scale(rec.a(layer, step), 0.98) for layer in (1, 3)]
        self.maps = [
            [PixelImage(look, _opaque(activation_rgb(look, one, scale)), place)
             for one, place in zip(maps, block(room, len(maps), n), strict=True)]
            for maps, scale, room, n in zip((first, second), scales, places[1:], lines, strict=True)
        ]  # fmt: skip
        y = rec.a(len(rec.spec.layers), step)[probe]
        self.outputs = Outputs(look, end, y, [str(k) for k in range(len(y))], down)
        super().__init__(image, *arrows(look, places, down), *self.maps[0], *self.maps[1], self.outputs)
        self.turn_to(0.0)

    def draw_stage(self, stage: int, share: float) -> None:
        if stage < len(self.maps):
            for place, image in enumerate(self.maps[stage]):
                image.opacity = float(np.clip(share * len(self.maps[stage]) - place, 0, 1))
        else:
            self.outputs.light(share)


class RecurrentFlow(Flow):
    """The picture row by row, the memory after each row, the outputs after the last."""

    def __init__(self, look: Look, region: Region, rec: Recording, probe: int) -> None:
        step = int(rec.steps[-1])
        body, end = split(region)
        down = flows_down(region)
        wide = 1.9 if down else float(np.clip(body.width / body.height - 1.6, 1.4, 2.3))
        left, right = stages(body, [(1.0, 1.0), (wide, 1.0)], down)
        x = rec.probe_x[probe].reshape(rec.probe_x.shape[1], -1)
        self.digit = ReadImage(look, gray_image(look, x), left, 0.22)
        memory = rec.hidden(1, step)[probe]
        self.memory = ReadImage(look, signed_image(look, memory[:, likeness_order(memory)], 1.0), right)
        y = rec.a(len(rec.spec.layers), step)[probe]
        self.outputs = Outputs(look, end, y, [str(k) for k in range(len(y))], down)
        super().__init__(self.digit, *arrows(look, [left, right], down), self.memory, self.outputs)
        self.turn_to(0.0)

    def draw_stage(self, stage: int, share: float) -> None:
        if stage == STAGES - 1:
            self.outputs.light(share)
            return
        rows = len(self.digit.whole)
        read = float(np.clip(self.progress / (STAGES - 1), 0, 1)) * rows
        self.digit.read_to(read)
        self.memory.read_to(read)


class AttentionFlow(Flow):
    """A row of tokens, what the first looks at, what it brings back, the outputs."""

    def __init__(
        self, look: Look, region: Region, rec: Recording, probe: int, words: Sequence[str], layer: int = 3
    ) -> None:
        step = int(rec.steps[-1])
        body, end = split(region)
        down = flows_down(region)
        names = rec.dataset().class_names
        weights = rec.attention(layer, step)[probe, 0]
        gap = GAP if body.width / len(words) > SMALL * (1 + GAP) else SMALL_GAP
        side = min((0.42 if gap == GAP else 0.48) * body.height, body.width / (len(words) * (1 + gap)), 0.9)
        low = body.center[1] - 0.6 * side - 0.2 * body.height
        band = Region(body.left, low, body.right, low + side)
        row = TokenRow(look, band, words, ["accent", *["faint"] * (len(words) - 1)], side, "tiny", gap)
        room = (body.top - low - side) * 0.9
        self.arcs = AttentionArcs(look, row, 0, weights, room)
        self.weights, self.chosen = weights, int(np.argmax(weights))
        self.carried = carried(look, words[self.chosen], max(0.7 * side, 0.42))
        y = rec.a(len(rec.spec.layers), step)[probe]
        self.outputs = Outputs(look, end, y, names, down)
        super().__init__(row, self.arcs, self.carried, self.outputs)
        self.turn_to(0.0)

    def draw_stage(self, stage: int, share: float) -> None:
        if stage == 0:
            self.arcs.set_weights(self.weights * share)
        elif stage == 1:
            path = self.arcs[self.chosen]
            self.carried.move_to(path.point_from_proportion(1.0 - share))
            self.carried.set_opacity(float(np.clip(6 * min(share, 1 - share), 0, 1)))
        else:
            self.outputs.light(share)


def likeness_order(memory: np.ndarray) -> np.ndarray:
    """The columns of a memory in an order that puts those beside each other that go up and down together.

    Shapes: (rows, units) -> (units,).
    """
    _, _, directions = np.linalg.svd(memory - memory.mean(axis=0), full_matrices=False)
    return np.argsort(np.arctan2(directions[1], directions[0]), kind="stable")


def _opaque(color: np.ndarray) -> np.ndarray:
    return np.concatenate([color, np.ones((*color.shape[:-1], 1))], axis=-1)
