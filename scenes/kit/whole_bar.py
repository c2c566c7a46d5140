"""One whole cut into pieces: what sums to 1, seen to sum to 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Rectangle, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

#: Narrower pieces carry no name, in units.
NAMED_PIECE = 0.3


class WholeBar(VGroup):
    """Chances as pieces of one bar, end to end; the largest has a colour of its own."""

    def __init__(self, look: Look, region: Region, values: np.ndarray, names: Sequence[str]) -> None:
        self.look, self.room = look, region
        self.pieces = VGroup(*[Rectangle(width=1, height=1, stroke_width=0) for _ in values])
        self.digits = VGroup(*[Label(self.look, name, "tiny", "background", "bold") for name in names])
        super().__init__(self.pieces, self.digits)
        self.set_values(values)

    def set_values(self, values: np.ndarray, role: str = "output") -> None:
        """Other chances in place; `role` is the colour of the largest."""
        r = self.room
        edges = r.left + np.concatenate([[0], np.cumsum(np.asarray(values, float))]) * r.width
        for i, (piece, digit) in enumerate(zip(self.pieces, self.digits, strict=True)):
            a, b = float(edges[i]), max(float(edges[i + 1]), float(edges[i]) + 1e-4)
            inset = min(0.02, (b - a) / 4)
            box = [
                (a + inset, r.bottom),
                (b - inset, r.bottom),
                (b - inset, r.top),
                (a + inset, r.top),
                (a + inset, r.bottom),
            ]
            piece.set_points_as_corners([np.array([*p, 0.0]) for p in box])
            piece.set_fill(self.look.color(role if i == int(np.argmax(values)) else "muted"), 1)
            digit.move_to(((a + b) / 2, r.center[1], 0))
            digit.set_fill(opacity=1.0 if b - a > NAMED_PIECE else 0.0)
