"""How an optimizer that divides makes a step: numbers in rows, bars that turn from slopes to steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from manim import ManimColor, Rectangle, VGroup, VMobject, interpolate_color

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

#: Regions at least so many times as wide as high have the bars beside the numbers, others above them.
WIDE = 1.5
#: What the names of the rows take of the numbers' width; the steps' bars as a share of the highest slope's.
NAMES, STEPS = 0.44, 0.6
#: A bar's width in shares of its column; the least height of a bar, in units.
BAR, NOTHING = 0.5, 1e-3


class DivisionPanel(VGroup):
    """One column per parameter, one row of numbers per quantity: `rows` are (name, texts, role).

    `heads` and each of `lines` come in one by one; `turn` changes the bars in place, `outlines` stay. Bars
    show sizes without signs: slopes on one scale, steps on another.

    Shapes: slopes, steps (columns,).
    """

    def __init__(
        self, look: Look, region: Region, names: Sequence[str],
        rows: Sequence[tuple[str, Sequence[str], str]], slopes: Sequence[float], steps: Sequence[float],
        role: str,
    ) -> None:  # fmt: skip
        self.look, self.role = look, role
        self.size = "tiny" if region.width < 4 else "label"
        self.slopes = np.abs(slopes) / np.abs(slopes).max()
        self.steps = STEPS * np.abs(steps) / np.abs(steps).max()
        beside = region.width > WIDE * region.height
        table, bars = region.columns(2.2, 1, gap=0.6) if beside else region.rows(1, 1, gap=0.1)[::-1]
        cells = [
            table.left + table.width * (NAMES + (1 - NAMES) * k / len(names)) for k in range(len(names) + 1)
        ]
        self.columns = list(pairwise(cells))
        self.bar_columns = [(c.left, c.right) for c in bars.columns(*[1.0] * len(names), gap=0.1)]
        if not beside:
            self.bar_columns = self.columns
        em = look.em(self.size)
        self.foot, self.room = bars.bottom + 1.3 * em, bars.height - 1.5 * em
        self.heads = VGroup(*self._heads(names))
        pitch = min(table.height / len(rows), 1.8 * em)
        top = table.top if not beside else table.center[1] + len(rows) * pitch / 2
        self.lines = [self._line(*row, top - (i + 0.7) * pitch) for i, row in enumerate(rows)]
        self.bars = VGroup(*[Rectangle(width=1, height=1, stroke_width=0) for _ in names])
        self.turn(0.0)
        # Where the slopes reached stays to be seen when the bars have become steps.
        self.outlines = self.bars.copy().set_fill(opacity=0)
        self.outlines.set_stroke(look.color("gradient"), look.stroke("thin"))
        super().__init__(self.heads, *self.lines, self.outlines, self.bars)

    def _heads(self, names: Sequence[str]) -> list[VMobject]:
        labels: list[VMobject] = []
        for (left, right), name in zip(self.bar_columns, names, strict=True):
            label = Label(self.look, name, self.size, "muted")
            label.move_to(((left + right) / 2, 0, 0))
            labels.append(label.on_baseline(self.foot - 1.0 * label.em))
        return labels

    def _line(self, name: str, texts: Sequence[str], role: str, baseline: float) -> VGroup:
        first = self.columns[0][0] - NAMES / (1 - NAMES) * (self.columns[-1][1] - self.columns[0][0])
        word = Label(self.look, name, self.size, "muted")
        line = VGroup(word.shift((first - word.get_left()[0], 0, 0)))
        for (left, right), text in zip(self.columns, texts, strict=True):
            number = Label(self.look, text, self.size, role)
            half = 0.5 * (right - left) + 1.3 * number.em
            line.add(number.shift((left + half - number.get_right()[0], 0, 0)))
        for label in line:
            label.on_baseline(baseline)
        return line

    def turn(self, share: float) -> None:
        """The bars from the slopes (0) to the steps (1); in place."""
        heights = self.slopes + share * (self.steps - self.slopes)
        start, end = (ManimColor(self.look.color(role)) for role in ("gradient", self.role))
        color = interpolate_color(start, end, share)
        for bar, height, (left, right) in zip(self.bars, heights, self.bar_columns, strict=True):
            half, x = BAR * (right - left) / 2, (left + right) / 2
            top = self.foot + max(float(height) * self.room, NOTHING)
            corners = [(-half, self.foot), (half, self.foot), (half, top), (-half, top), (-half, self.foot)]
            bar.set_points_as_corners([np.array([x + dx, y, 0.0]) for dx, y in corners])
            bar.set_fill(color, 1.0)
