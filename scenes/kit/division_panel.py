"""How an optimizer that divides makes a step: numbers in rows, slopes and steps as two pairs of bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Rectangle, VGroup, VMobject

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

#: Regions at least so many times as wide as high have the bars beside the numbers, others above them.
WIDE = 1.5
#: A bar's width in shares of its column; the least height of a bar, in units.
BAR, NOTHING = 0.5, 1e-3
#: What the two pairs of bars show.
WORDS = ("slope", "step")


class DivisionPanel(VGroup):
    """One column per parameter, one row of numbers per quantity: `rows` are (name, texts, role).

    `heads`, `slope_bars`, `step_heads` and each of `lines` come in one by one; `turn` grows `step_bars` in
    place. Bars show sizes without signs: slopes on one scale, steps on another.

    Shapes: slopes, steps (columns,).
    """

    def __init__(
        self, look: Look, region: Region, names: Sequence[str],
        rows: Sequence[tuple[str, Sequence[str], str]], slopes: Sequence[float], steps: Sequence[float],
        role: str,
    ) -> None:  # fmt: skip
        self.look = look
        self.size = "tiny" if region.width < 4 else "label"
        self.slopes, self.steps = (np.abs(each) / np.abs(each).max() for each in (slopes, steps))
        beside = region.width > WIDE * region.height
        if beside:
            table, bars = region.columns(1.1, 1, gap=0.35)
        else:
            bars, table = region.rows(1, 1.3, gap=0.2)
        self.lines, over = self._table(table, names, rows)
        em = look.em("tiny")
        self.foot, self.room = bars.bottom + 1.3 * em, bars.height - 2.9 * em
        groups = bars.columns(1, 1, gap=0.3)
        titles = [self._pair_heads(group, names, name) for group, name in zip(groups, WORDS, strict=True)]
        self.heads, self.step_heads = VGroup(over, titles[0]), titles[1]
        self.slope_bars, self.step_bars = (
            VGroup(
                *[Rectangle(width=1, height=1, stroke_width=0).set_fill(look.color(each), 1) for _ in names]
            )
            for each in ("gradient", role)
        )
        self.columns = [group.columns(*[1.0] * len(names), gap=0.1) for group in groups]
        self._grow(self.slope_bars, self.columns[0], self.slopes)
        self.turn(0.0)
        super().__init__(self.heads, self.step_heads, *self.lines, self.slope_bars, self.step_bars)

    def _table(
        self, room: Region, names: Sequence[str], rows: Sequence[tuple[str, Sequence[str], str]]
    ) -> tuple[list[VGroup], VGroup]:
        """(a line per quantity, the names of the columns), the numbers' ends under each other."""
        em = self.look.em(self.size)
        pitch = min(room.height / (len(rows) + 1), 1.8 * em)
        top = float(room.center[1]) + (len(rows) + 1) * pitch / 2
        words = [Label(self.look, name, self.size, "muted") for name, _, _ in rows]
        first = room.left + max(word.width for word in words)
        ends = [first + (room.right - first) * (k + 1) / len(names) for k in range(len(names))]
        lines = []
        for i, (word, (_, texts, role)) in enumerate(zip(words, rows, strict=True), 1):
            word.shift((room.left - word.get_left()[0], 0, 0))
            line = VGroup(
                word, *self._ended([Label(self.look, text, self.size, role) for text in texts], ends)
            )
            for label in line:
                label.on_baseline(top - (i + 0.7) * pitch)
            lines.append(line)
        over = VGroup(*self._ended([Label(self.look, name, "tiny", "muted") for name in names], ends))
        for label in over:
            label.on_baseline(top - 0.7 * pitch)
        return lines, over

    @staticmethod
    def _ended(labels: list[Label], ends: Sequence[float]) -> list[Label]:
        """Labels moved so that each ends at its place."""
        for label, end in zip(labels, ends, strict=True):
            label.shift((end - label.get_right()[0], 0, 0))
        return labels

    def _pair_heads(self, group: Region, names: Sequence[str], title: str) -> VGroup:
        """What a pair of bars shows, over it, and whose each bar is, under it."""
        head = Label(self.look, title, "tiny", "ink")
        head.move_to((group.center[0], 0, 0)).on_baseline(group.top - 0.8 * head.em)
        labels: list[VMobject] = [head]
        for column, name in zip(group.columns(*[1.0] * len(names), gap=0.1), names, strict=True):
            label = Label(self.look, name, "tiny", "muted")
            label.move_to((column.center[0], 0, 0))
            labels.append(label.on_baseline(self.foot - 1.0 * label.em))
        return VGroup(*labels)

    def turn(self, share: float) -> None:
        """The steps' bars grow from nothing (0) to their heights (1); in place."""
        self._grow(self.step_bars, self.columns[1], share * self.steps)

    def _grow(self, bars: VGroup, columns: Sequence[Region], heights: np.ndarray) -> None:
        for bar, height, column in zip(bars, heights, columns, strict=True):
            half, x = BAR * column.width / 2, float(column.center[0])
            top = self.foot + max(float(height) * self.room, NOTHING)
            corners = [(-half, self.foot), (half, self.foot), (half, top), (-half, top), (-half, self.foot)]
            bar.set_points_as_corners([np.array([x + dx, y, 0.0]) for dx, y in corners])
