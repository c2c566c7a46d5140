"""The examples of one training batch as small pictures in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, UpdateFromAlphaFunc

from scenes.kit.encodings import gray_image
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage

#: Empty pixels around each picture.
EDGE = 2


class BatchStrip(PixelImage):
    """All pictures of a batch in so many rows; it turns into another batch of the same size.

    Shapes: pictures (n, height, width) in 0..1.
    """

    def __init__(self, look: Look, pictures: np.ndarray, region: Region, rows: int) -> None:
        self.rows = rows
        super().__init__(look, self.mosaic(look, pictures, rows), region, smooth=True)

    @staticmethod
    def mosaic(look: Look, pictures: np.ndarray, rows: int) -> np.ndarray:
        """One image of all pictures, places without a picture left empty.

        Shapes: (n, h, w) -> (rows * (h + 4), columns * (w + 4), 4).
        """
        n, height, width = pictures.shape
        columns = -(-n // rows)
        cells = np.zeros((rows * columns, height + 2 * EDGE, width + 2 * EDGE))
        cells[:n, EDGE:-EDGE, EDGE:-EDGE] = pictures
        image = gray_image(look, cells)
        image[n:, ..., 3] = 0.0
        image[:, [0, -1], :, 3] = 0.0
        image[:, :, [0, -1], 3] = 0.0
        grid = image.reshape(rows, columns, *image.shape[1:]).swapaxes(1, 2)
        return grid.reshape(rows * image.shape[1], columns * image.shape[2], 4)

    def turning(self, pictures: np.ndarray, **kwargs: Any) -> Animation:
        """The motion to the pictures of another batch."""
        start, end = self.rgba, self.mosaic(self.look, pictures, self.rows).astype(np.float32)

        def turn(strip: Any, share: float) -> None:
            strip.rgba = end if share >= 1 else start + np.float32(share) * (end - start)

        return UpdateFromAlphaFunc(self, turn, **kwargs)
