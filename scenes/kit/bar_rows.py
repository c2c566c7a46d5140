"""Rows of horizontal bars with a name before and a number after each: scores, exponentials, chances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Rectangle, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label, text_width

GAP = 0.12
#: A bar of zero keeps this length, invisible, so that it can grow.
NOTHING = 1e-4


class BarRows(VGroup):
    """One bar per row of the region, from a common zero line; `set_values` gives them other values in place.

    Shapes: values (n,). Units: a bar of magnitude `scale` fills the room; zero has no length.
    With `signed`, zero is placed so that both signs have room, blue to the right and orange to the left.
    With `above`, names stand over their bars: for regions that are high and narrow.
    """

    def __init__(
        self,
        look: Look,
        region: Region,
        values: np.ndarray,
        texts: Sequence[str],
        scale: float,
        names: Sequence[str] = (),
        lowest: float = 0.0,
        role: str = "output",
        signed: bool = False,
        size: str = "tiny",
        above: bool = False,
    ) -> None:
        self.above = above
        self.look, self.room, self.scale_value, self.lowest = look, region, scale, lowest
        self.role, self.signed, self.em = role, signed, look.em(size)
        self.winner: int | None = None
        self.values = np.zeros(len(values))
        self.pitch = region.height / len(values)
        beside = [text_width(n, self.em) + 2 * GAP for n in names if not above]
        name_room = max(beside, default=0.0)
        number_room = max(text_width(t, self.em) for t in texts) + GAP
        left = region.left + name_room + (number_room if lowest < 0 else 0.0)
        length = region.right - number_room - left
        self.unit = length / (scale - lowest)
        self.zero = left - lowest * self.unit
        self.names = VGroup(*[self._name(i, n, size) for i, n in enumerate(names)])
        self.bars = VGroup(*[Rectangle(width=1, height=0.62 * self.pitch, stroke_width=0) for _ in values])
        self.labels = [Label(look, t, size) for t in texts]
        self.texts = VGroup(*self.labels)
        super().__init__(self.names, self.bars, self.texts)
        self.set_values(values, texts)

    def row(self, index: int) -> float:
        """The y of a bar's middle."""
        return self.room.top - (index + (0.72 if self.above else 0.5)) * self.pitch

    def _name(self, index: int, name: str, size: str) -> Label:
        label = Label(self.look, name, size, "muted")
        lift = 0.33 * self.pitch if self.above else -0.35 * self.em
        return label.move_to((self.room.left + label.width / 2, 0, 0)).on_baseline(self.row(index) + lift)

    def set_values(self, values: np.ndarray, texts: Sequence[str], winner: int | None = None) -> BarRows:
        """Other values in place; the winner's bar has the role's colour, the others are muted."""
        self.values, self.winner = np.asarray(values, dtype=float), winner
        for i, (value, text) in enumerate(zip(self.values, texts, strict=True)):
            self._set_bar(i, value)
            label = self.labels[i]
            label.set_text(text)
            label.set_color(self.look.color("ink" if winner in (None, i) else "muted"))
            end = self.zero + value * self.unit
            side = end + GAP + label.width / 2 if value >= 0 else end - GAP - label.width / 2
            label.move_to((side, 0, 0)).on_baseline(self.row(i) - 0.35 * self.em)
        return self

    def _set_bar(self, i: int, value: float) -> None:
        start, end = sorted((self.zero, self.zero + value * self.unit))
        end = max(end, start + NOTHING)
        high = (0.17 if self.above else 0.31) * self.pitch
        y = self.row(i)
        corners = [(start, y - high), (end, y - high), (end, y + high), (start, y + high), (start, y - high)]
        self.bars[i].set_points_as_corners([np.array([*c, 0.0]) for c in corners])
        self.bars[i].set_fill(self.look.color(self._role(i, value)), 1.0 if value else 0.0)

    def _role(self, i: int, value: float) -> str:
        if self.signed:
            return "positive" if value >= 0 else "negative"
        return self.role if self.winner in (None, i) else "muted"

    def length(self, index: int) -> float:
        """The drawn length of a bar, in units; as long as |value| times `unit`."""
        return float(np.ptp(self.bars[index].points[:, 0]))
