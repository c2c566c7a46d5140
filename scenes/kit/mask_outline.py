"""The outline of a set of pixels on a picture: one line around each connected part of it."""

from __future__ import annotations

import numpy as np
from manim import CapStyleType, VMobject

from scenes.kit.layout import Look, Region


class MaskOutline(VMobject):
    """Lines between the pixels of a mask and all others, and along the picture's border.

    Shapes: mask (rows, columns), the first row on top.
    """

    def __init__(self, look: Look, region: Region, mask: np.ndarray, role: str = "accent") -> None:
        super().__init__(cap_style=CapStyleType.SQUARE)
        rows, columns = mask.shape
        inside = np.pad(mask.astype(bool), 1)
        self.count = 0
        for i, j in np.argwhere(inside[1:, 1:-1] != inside[:-1, 1:-1]):
            self._side(region, (j / columns, 1 - i / rows), ((j + 1) / columns, 1 - i / rows))
        for i, j in np.argwhere(inside[1:-1, 1:] != inside[1:-1, :-1]):
            self._side(region, (j / columns, 1 - i / rows), (j / columns, 1 - (i + 1) / rows))
        self.set_stroke(look.color(role), look.stroke("line")).set_fill(opacity=0)

    def _side(self, region: Region, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.start_new_path(region.point(*start))
        self.add_line_to(region.point(*end))
        self.count += 1
