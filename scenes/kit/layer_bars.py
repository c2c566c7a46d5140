"""One bar per layer on a log scale, its number at its end; zero has no bar, only its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, Line, Rectangle, UpdateFromAlphaFunc, VGroup, smooth

from scenes.kit.layout import Look, Region
from scenes.kit.scales import Scale
from scenes.kit.text import Label, text_width

#: A bar's height in shares of its row; the free space beside names and numbers, in units.
BAR, GAP = 0.56, 0.14


class LayerBars(VGroup):
    """Horizontal bars with names before them.

    There is no axis: each bar's number stands at its end, `widest` is the longest of them.

    Shapes: values (n,), all 0 or more.
    """

    def __init__(
        self, look: Look, region: Region, names: Sequence[str], scale: Scale, role: str,
        widest: str = "0.000",
    ) -> None:  # fmt: skip
        self.look, self.scale_used, self.role = look, scale, role
        em = look.em("tiny")
        left = region.left + max(text_width(name, em) for name in names) + 1.5 * GAP
        right = region.right - text_width(widest, em, "bold") - GAP
        self.area = Region(left, region.bottom, right, region.top)
        self.pitch = self.area.height / len(names)
        self.base = Line(self.area.point(0, 0), self.area.point(0, 1))
        self.base.set_stroke(look.color("muted"), look.stroke("thin"))
        self.names = VGroup(*[self._name(i, name) for i, name in enumerate(names)])
        self.bars = VGroup(*[Rectangle(width=1, height=1, stroke_width=0) for _ in names])
        self.labels = [Label(look, "", "tiny", role, "bold") for _ in names]
        super().__init__(self.base, self.names, self.bars, *self.labels)
        self.set_values(np.zeros(len(names)), [""] * len(names))

    def row(self, index: int) -> float:
        """The y of a row's middle."""
        return self.area.top - (index + 0.5) * self.pitch

    def _name(self, index: int, name: str) -> Label:
        label = Label(self.look, name, "tiny", "muted")
        label.shift((self.area.left - GAP - label.get_right()[0], 0, 0))
        return label.on_baseline(self.row(index) - 0.33 * label.em)

    def set_values(self, values: np.ndarray, texts: Sequence[str], share: float = 1.0) -> LayerBars:
        """Other values in place, the bars at a share of their length, numbers only at full length."""
        self.values = np.asarray(values, dtype=float)
        half = BAR * self.pitch / 2
        for i, (value, text) in enumerate(zip(self.values, texts, strict=True)):
            y, left = self.row(i), self.area.left
            reach = float(self.scale_used.share(max(value, self.scale_used.low))) * self.area.width
            end = left + max(share * reach, 1e-4)
            corners = [(left, y - half), (end, y - half), (end, y + half), (left, y + half), (left, y - half)]
            self.bars[i].set_points_as_corners([np.array([*corner, 0.0]) for corner in corners])
            self.bars[i].set_fill(self.look.color(self.role), 1.0 if value > self.scale_used.low else 0.0)
            label = self.labels[i].set_text(text if share >= 1 else "")
            label.shift((end + GAP - label.get_left()[0], 0, 0)).on_baseline(y - 0.33 * label.em)
        return self

    def growing(self, values: np.ndarray, texts: Sequence[str], **kwargs: Any) -> Animation:
        """All bars grow from the base line to other values."""
        kwargs.setdefault("rate_func", smooth)
        return UpdateFromAlphaFunc(self, lambda _, alpha: self.set_values(values, texts, alpha), **kwargs)

    def length(self, index: int) -> float:
        """The drawn length of a bar, in units."""
        return float(np.ptp(self.bars[index].points[:, 0]))
