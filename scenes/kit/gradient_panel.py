"""A deep network's recorded gradients: each layer's neurons and edges as light, over a bar for each layer.

Light and bars are on log scales, the same for all panels of a scene. Layer by layer they can be revealed
from the output back, the way the gradient runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manim import Group, Line, Rectangle, VGroup, VMobject

from nncore.recording import Recording
from scenes.kit.duel import moment
from scenes.kit.edge_field import EdgeField
from scenes.kit.layout import Look, Region
from scenes.kit.neuron_field import NeuronField
from scenes.kit.plots import Frame
from scenes.kit.scales import Scale
from scenes.kit.text import Label, text_width

#: At most so many neurons of a layer are drawn, its first ones; a disc's radius in shares of their distance.
SHOWN, RADIUS = 10, 0.36
#: A bar's width in shares of the room for one layer; the optical density of an edge at full strength.
BAR, STRENGTH = 0.6, 0.8
#: The optical density of every edge, whatever its gradient: the network is there before the light.
WIRES = 0.14
#: Room under the bars for names, over them for the scale's name and a number, beside their ticks, in units.
FEET, OVER, GAP = 0.4, 0.58, 0.1


@dataclass(frozen=True)
class LogLevels:
    """Brightness of a gradient: 0 up to `low` (so for zero), 1 from `high` on, in powers of ten between."""

    low: float
    high: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            level = np.log10(np.abs(values) / self.low) / np.log10(self.high / self.low)
        return np.clip(level, 0.0, 1.0).astype(np.float32)

    @classmethod
    def of(cls, recordings: list[Recording]) -> LogLevels:
        """From the weak to the strong end of all gradients between drawn layers."""
        parts = [
            np.abs(r.grad(key, int(step))).ravel()
            for r in recordings
            for step in (r.steps[0], r.steps[len(r.steps) // 2], r.steps[-1])
            for key in r.layout.keys
            if key.endswith(".W") and not key.startswith("1.")
        ]
        values = np.concatenate(parts)
        values = values[values > 0]
        return cls(float(np.quantile(values, 0.06)), float(np.quantile(values, 0.99)))


class GradientPanel(Group):
    """One recording's layers, gradients at a snapshot; `turn_to` and `reveal` change them in place.

    Shapes: norms (K,): the gradient norm of each layer's weights, as recorded.
    """

    def __init__(
        self, look: Look, region: Region, recording: Recording, norms: Scale, levels: LogLevels
    ) -> None:
        self.look, self.recording, self.levels, self.norm_scale = look, recording, levels, norms
        self.sizes = recording.layer_sizes[1:]
        self.drawn = [min(size, SHOWN) for size in self.sizes]
        top, bottom = region.rows(1, 1.75 if look.aspect == "9:16" else 1.5, gap=0.1)
        ticks = text_width(f"{norms.low:g}", look.em("tiny")) + GAP
        self.bar_room = bottom
        self.frame = Frame(
            Region(bottom.left + ticks, bottom.bottom + FEET, bottom.right, bottom.top - OVER),
            *self._scales(),
        )
        self.axes = self._axes()
        self.centers = self._places(top)
        self.step, self.revealed = 0.0, float(len(self.sizes))
        self._known: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        every = np.concatenate(self.centers)
        self.discs = NeuronField(look, every, self.radius, np.zeros(len(every)), 1.0, "gradient", glow=0.3)
        starts, ends = self._edge_ends()
        self.light = EdgeField(look, starts, ends, np.zeros(len(starts)), 1.0, STRENGTH, 2.0, "gradient")
        self.wires = EdgeField(look, starts, ends, np.ones(len(starts)), 1.0, WIRES, role="muted")
        self.bars = VGroup(*[Rectangle(width=1, height=1, stroke_width=0) for _ in self.sizes])
        super().__init__(self.wires, self.light, self.discs, self.axes, self.bars)
        self.turn_to(0.0)

    # --- places ------------------------------------------------------------------------------------------

    def _scales(self) -> tuple[Scale, Scale]:
        return Scale(0.5, len(self.sizes) + 0.5), self.norm_scale

    def _axes(self) -> VGroup:
        """A faint line at every power of ten, a base line, and the first and the last layer's names."""
        x, y = self._scales()
        axes = VGroup()
        for tick in 10.0 ** np.arange(np.log10(y.low), np.log10(y.high) + 0.5):
            line = Line(self.frame.point(x.low, tick), self.frame.point(x.high, tick))
            base = tick <= y.low * 1.01
            line.set_stroke(
                self.look.color("muted" if base else "faint"), self.look.stroke("thin" if base else "hair")
            )
            axes.add(line)
        axes.add(*self._powers(), self._title())
        for layer in (1, len(self.sizes)):
            label = Label(self.look, f"layer {layer}", "tiny", "muted")
            at = self.frame.point(layer, y.low)[0]
            at = float(
                np.clip(at, self.frame.area.left + label.width / 2, self.frame.area.right - label.width / 2)
            )
            axes.add(label.move_to((at, 0, 0)).on_baseline(self.frame.area.bottom - 0.3))
        return axes

    def _powers(self) -> list[Label]:
        """The numbers of the powers of ten, as many as find room."""
        y = self.norm_scale
        count = round(np.log10(y.high / y.low))
        em = self.look.em("tiny")
        every = next(n for n in (1, 2, 3, 4) if n * self.frame.area.height / count > 1.05 * em or n == 4)
        labels = []
        for power in range(0, count + 1, every):
            at = self.frame.point(self._scales()[0].low, y.low * 10.0**power)
            label = Label(self.look, f"{y.low * 10.0**power:g}", "tiny", "muted")
            label.shift((at[0] - GAP - label.get_right()[0], 0, 0))
            labels.append(label.on_baseline(at[1] - 0.33 * em))
        return labels

    def _title(self) -> Label:
        """What the bars' scale is of, where the later plot has it too."""
        title = Label(self.look, "size of the gradient", "tiny", "muted")
        title.shift((self.bar_room.left - title.get_left()[0], 0, 0))
        return title.on_baseline(self.bar_room.top - 0.75 * title.em)

    def _places(self, room: Region) -> list[np.ndarray]:
        """The discs of each layer over its bar. Shapes: (n, 2) each."""
        pitch = min(room.height / max(self.drawn), 0.24)
        self.radius = RADIUS * pitch
        places = []
        for layer, n in enumerate(self.drawn, 1):
            x = self.frame.point(layer, self.norm_scale.low)[0]
            y = room.center[1] - (np.arange(n) - (n - 1) / 2) * pitch
            places.append(np.stack([np.full(n, x), y], axis=1))
        return places

    def _edge_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends of all edges between drawn layers, in the order of their weights."""
        starts, ends = [], []
        for before, after in zip(self.centers[:-1], self.centers[1:], strict=True):
            starts.append(np.tile(before, (len(after), 1)))
            ends.append(np.repeat(after, len(before), axis=0))
        return np.concatenate(starts), np.concatenate(ends)

    # --- values ------------------------------------------------------------------------------------------

    def _snapshot(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(levels of the edges, levels of the neurons, gradient norms of the layers) at a snapshot."""
        if index not in self._known:
            rec, step = self.recording, int(self.recording.steps[index])
            numbers = range(1, len(self.sizes) + 1)
            weights = [rec.grad(f"{n}.W", step)[:SHOWN, :SHOWN] for n in numbers[1:]]
            edges = np.concatenate([self.levels(each).ravel() for each in weights])
            neurons = np.concatenate([self.levels(rec.grad(f"{n}.b", step)[:SHOWN]) for n in numbers])
            at = min(step, rec.n_steps - 1)
            norms = np.array([rec.series(f"grad_norm {n}.W")[at] for n in numbers])
            self._known[index] = (edges, neurons, norms)
        return self._known[index]

    def turn_to(self, step: float) -> GradientPanel:
        """Show the gradients at a step; between two snapshots they move evenly on the log scale."""
        i, share = moment(self.recording, step)
        edges, neurons, norms = self._snapshot(i)
        if share > 0:
            edges2, neurons2, norms2 = self._snapshot(i + 1)
            edges, neurons = edges * (1 - share) + edges2 * share, neurons * (1 - share) + neurons2 * share
            norms = norms ** (1 - share) * norms2**share
        self.edge_levels, self.neuron_levels, self.norms = edges, neurons, norms
        return self.reveal(self.revealed)

    def reveal(self, layers: float) -> GradientPanel:
        """Show the last `layers` layers only (a fraction: the next one in part); in place."""
        self.revealed = layers
        count = len(self.sizes)
        amount = np.clip(layers - (count - np.arange(1, count + 1)), 0, 1)
        per_edge = [
            np.full(a * b, s) for a, b, s in zip(self.drawn[1:], self.drawn, amount[1:], strict=False)
        ]
        per_disc = [np.full(n, s) for n, s in zip(self.drawn, amount, strict=True)]
        self.light.values = (self.edge_levels * np.concatenate(per_edge)).astype(np.float32)
        self.discs.values = (self.neuron_levels * np.concatenate(per_disc)).astype(np.float32)
        for layer, (bar, norm, share) in enumerate(zip(self.bars, self.norms, amount, strict=True), 1):
            self._set_bar(bar, layer, norm, share)
        return self

    def _set_bar(self, bar: VMobject, layer: int, norm: float, share: float) -> None:
        half = BAR / 2
        low = self.frame.point(layer - half, self.norm_scale.low)
        high = self.frame.point(layer + half, max(norm, self.norm_scale.low))
        top = low[1] + max(share * (high[1] - low[1]), 1e-4)
        corners = [(low[0], low[1]), (high[0], low[1]), (high[0], top), (low[0], top), (low[0], low[1])]
        bar.set_points_as_corners([np.array([*corner, 0.0]) for corner in corners])
        bar.set_fill(self.look.color("gradient"), 1.0 if share > 0 and norm > self.norm_scale.low else 0.0)

    @property
    def bar_half(self) -> float:
        """Half a bar's width, in units."""
        return BAR / 2 * self.frame.area.width / len(self.sizes)

    def bar_top(self, layer: int) -> np.ndarray:
        """The middle of a bar's upper end, as recorded."""
        return self.frame.point(layer, max(float(self.norms[layer - 1]), self.norm_scale.low))
