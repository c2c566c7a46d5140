"""All neurons' weights as images in one grid, each cell one weight: one array operation draws them all."""

from __future__ import annotations

from math import ceil

import numpy as np

from scenes.kit.encodings import signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixels import PixelView

#: Empty cells between two images.
GAP = 2


class WeightGrid(PixelImage):
    """Signed images in reading order, on one colour scale: blue positive, orange negative, zero as nothing.

    Shapes: values (n, rows, columns). `scale` is the magnitude of the full colour.
    """

    lerped = ("values",)

    def __init__(
        self, look: Look, region: Region, values: np.ndarray, scale: float, across: int | None = None
    ) -> None:
        self.values, self.scale_value = np.asarray(values, dtype=np.float32), scale
        n, rows, columns = self.values.shape
        self.across = across or best_across(n, region.width / region.height)
        self.down = ceil(n / self.across)
        height, width = self.down * (rows + GAP) - GAP, self.across * (columns + GAP) - GAP
        cell = min(region.width / width, region.height / height)
        x, y, _ = region.center
        w, h = cell * width / 2, cell * height / 2
        super().__init__(look, np.zeros((height, width, 4)), Region(x - w, y - h, x + w, y + h))

    def picture(self) -> np.ndarray:
        """The whole grid as colours; what lies between the images is transparent.

        Shapes: -> (rows, columns, 4).
        """
        n, rows, columns = self.values.shape
        sheet = np.zeros((self.down * self.across, rows + GAP, columns + GAP, 4), dtype=np.float32)
        sheet[:n, :rows, :columns] = signed_image(self.look, self.values, self.scale_value)
        sheet = sheet.reshape(self.down, self.across, rows + GAP, columns + GAP, 4)
        whole = sheet.transpose(0, 2, 1, 3, 4).reshape(self.down * (rows + GAP), -1, 4)
        return whole[:-GAP, :-GAP]

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        self.rgba = self.picture()
        super().paint(frame, view)

    def place(self, index: int) -> Region:
        """Where one image is."""
        _, rows, columns = self.values.shape
        r, (i, j) = self.region, divmod(index, self.across)
        cell = r.width / (self.across * (columns + GAP) - GAP)
        left, top = r.left + j * (columns + GAP) * cell, r.top - i * (rows + GAP) * cell
        return Region(left, top - rows * cell, left + columns * cell, top)


def best_across(n: int, ratio: float) -> int:
    """How many in a row make the images largest in a region of that width over height."""

    def size(across: int) -> tuple[float, int]:
        down = ceil(n / across)
        return (min(ratio / across, 1 / down), -(across * down - n))

    full = [across for across in range(1, n + 1) if n % across == 0]
    best, whole = max(range(1, n + 1), key=size), max(full, key=size)
    # A grid without holes is worth images up to a fifth smaller.
    return whole if size(whole)[0] >= 0.8 * size(best)[0] else best
