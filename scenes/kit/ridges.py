"""Distributions under one another on one axis, each a filled outline: how values spread in every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Line, VGroup, VMobject

from scenes.kit.layout import Look, Region
from scenes.kit.scales import tick_texts
from scenes.kit.text import Label, text_width

#: Bins between the outermost values of an array, so that narrow ridges are drawn narrow.
BINS = 51
#: How high a ridge may rise, in rows; the free space beside names, in units.
RISE, GAP = 0.98, 0.16
#: The least half width of a ridge, in values.
NARROWEST = 1e-6


class Ridges(VGroup):
    """One ridge per array, all drawn to the same height; values beyond `reach` are counted at the ends.

    `names` stand before the ridges, `texts` after them. Shapes: each array (n,), any n.
    """

    def __init__(
        self, look: Look, region: Region, names: Sequence[str], reach: float, ticks: Sequence[float],
        role: str, widest: str = "0.0000", heading: str = "spread",
    ) -> None:  # fmt: skip
        self.look, self.reach, self.role = look, reach, role
        em = look.em("tiny")
        left = region.left + max(text_width(name, em) for name in names) + GAP
        right = region.right - text_width(widest, em, "bold") - GAP
        self.area = Region(left, region.bottom + 1.35 * em, right, region.top)
        self.pitch = self.area.height / (len(names) + RISE - 1)
        self.shapes = VGroup(*[VMobject() for _ in names])
        self.names = VGroup(*[self._name(i, name) for i, name in enumerate(names)])
        self.labels = [Label(look, "", "tiny", role, "bold") for _ in names]
        self.grid = VGroup(*[self._upright(tick) for tick in ticks])
        texts = tick_texts(np.asarray(ticks, float))
        self.ticks = VGroup(*[self._tick(tick, text) for tick, text in zip(ticks, texts, strict=True)])
        self.heading = Label(look, heading, "tiny", "muted")
        self.heading.shift((self.area.right + GAP - self.heading.get_left()[0], 0, 0))
        self.heading.on_baseline(max(self.area.top - 0.8 * em, self.row(0) + 0.05 + 1.3 * em))
        super().__init__(self.grid, self.ticks, self.shapes, self.names, *self.labels, self.heading)
        self.set_values([np.zeros(1) for _ in names], [""] * len(names))

    def row(self, index: int) -> float:
        """The y of a ridge's foot."""
        return self.area.top - (index + RISE) * self.pitch

    def across(self, value: Any) -> Any:
        """The x of a value or of many."""
        return self.area.left + (value + self.reach) / (2 * self.reach) * self.area.width

    def _name(self, index: int, name: str) -> Label:
        label = Label(self.look, name, "tiny", "muted")
        label.shift((self.area.left - GAP - label.get_right()[0], 0, 0))
        return label.on_baseline(self.row(index) + 0.05)

    def _upright(self, tick: float) -> Line:
        x = self.across(tick)
        line = Line((x, self.area.bottom, 0), (x, self.area.top, 0))
        return line.set_stroke(self.look.color("faint"), self.look.stroke("hair"))

    def _tick(self, tick: float, text: str) -> Label:
        label = Label(self.look, text, "tiny", "muted").move_to((self.across(tick), 0, 0))
        return label.on_baseline(self.area.bottom - 1.1 * label.em)

    def set_values(self, values: Sequence[np.ndarray], texts: Sequence[str] | None = None) -> Ridges:
        """Other distributions in place; without texts, the numbers stay."""
        self.counts, self.edges = [], []
        for i, array in enumerate(values):
            end = min(max(float(np.abs(array).max()), NARROWEST), self.reach)
            edges = np.linspace(-end, end, BINS + 1)
            counts, _ = np.histogram(np.clip(array, -end, end), edges)
            self.counts.append(counts)
            self.edges.append(edges)
            x = self.across((edges[1:] + edges[:-1]) / 2)
            y = self.row(i) + counts / max(counts.max(), 1) * RISE * self.pitch * 0.94
            feet = [
                (x, self.row(i), 0.0) for x in (self.area.left, *self.across(edges[[0, -1]]), self.area.right)
            ]
            line = [*feet[:2], *zip(x, y, np.zeros_like(x), strict=True), *feet[2:]]
            shape = self.shapes[i].set_points_as_corners([np.array(point) for point in [*line, line[0]]])
            shape.set_fill(self.look.color(self.role), 0.42)
            shape.set_stroke(self.look.color(self.role), self.look.stroke("thin"))
        for i, text in enumerate(texts or []):
            label = self.labels[i].set_text(text)
            label.shift((self.area.right + GAP - label.get_left()[0], 0, 0)).on_baseline(self.row(i) + 0.05)
        return self
