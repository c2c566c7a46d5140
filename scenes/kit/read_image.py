"""A picture that is read row by row: what has not been read yet is dim or empty."""

from __future__ import annotations

import numpy as np
from manim import Rectangle

from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixels import PixelView
from scenes.kit.style import rgb


def whole_rows(rows: float) -> float:
    """The whole rows in a number of rows that was computed and may be a hair too small."""
    return float(np.floor(rows + 1e-6))


class ReadImage(PixelImage):
    """An image whose first `read` rows are shown in full; of the others only the share `rest`.

    Shapes: rgba (rows, columns, 4), opaque.
    """

    lerped = ("whole", "read")

    def __init__(self, look: Look, rgba: np.ndarray, region: Region, rest: float = 0.0) -> None:
        super().__init__(look, rgba, region)
        self.whole, self.rest, self.read = self.rgba, rest, 0.0

    def read_to(self, rows: float) -> ReadImage:
        """Read as many whole rows as `rows` holds; in place."""
        self.read = whole_rows(rows)
        return self

    def seen(self) -> np.ndarray:
        """The colours as they are drawn: a row counts as read when all of it is. Shapes: like rgba."""
        share = (np.arange(len(self.whole)) + 1 <= self.read + 1e-6).astype(np.float32)
        share = (self.rest + (1 - self.rest) * share)[:, None, None]
        ground = np.array([*rgb(self.look.color("surface")), 1.0], dtype=np.float32)
        return np.asarray(self.whole * share + ground * (1 - share), dtype=np.float32)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        self.rgba = self.seen()
        super().paint(frame, view)

    def row_frame(self, row: float) -> Rectangle:
        """An outline around one row, in the accent's colour."""
        r = self.region
        high = r.height / len(self.whole)
        frame = Rectangle(width=r.width + 0.1, height=high + 0.04).set_fill(opacity=0)
        frame.set_stroke(self.look.color("accent"), self.look.stroke("thin"))
        return frame.move_to((r.center[0], r.top - (row + 0.5) * high, 0))
