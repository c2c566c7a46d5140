"""A product as a sweep: what has been computed so far is shown, the rest is still empty."""

from __future__ import annotations

import numpy as np

from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.style import rgb


class SweptImage(PixelImage):
    """An image that fills row by row (or column by column) as `done` goes from 0 to 1.

    Shapes: rgba (rows, columns, 4).
    """

    lerped = ("done",)

    def __init__(
        self, look: Look, rgba: np.ndarray, region: Region, down: bool = True, smooth: bool = False
    ) -> None:
        super().__init__(look, rgba, region, smooth)
        self.whole, self.down, self.done = self.rgba, down, 0.0

    def paint(self, frame, view) -> None:
        axis = 0 if self.down else 1
        count = int(np.floor(self.done * self.whole.shape[axis] + 1e-6))
        empty = np.array([*rgb(self.look.color("surface")), 1.0], dtype=np.float32)
        filled = self.whole.copy()
        filled[(slice(count, None), slice(None)) if self.down else (slice(None), slice(count, None))] = empty
        self.rgba = filled
        super().paint(frame, view)
