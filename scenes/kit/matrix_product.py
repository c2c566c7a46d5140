"""Two matrices and their product side by side: framed are the row, the columns, and where they meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.matrix_image import MatrixImage
from scenes.kit.text import Label

#: Cells of room between two matrices, and at least, in units; room for names under them, in units.
BETWEEN, LEAST, NAMES = 2.4, 0.85, 1.1


class MatrixProduct:
    """left × right = both, centred in a region; nothing of it is on stage by itself.

    Shapes: left (m, k), right (k, n), both (m, n). Units: `scale` is the magnitude of the full colour.
    """

    def __init__(
        self, look: Look, region: Region, matrices: Sequence[np.ndarray], scale: float, names: Sequence[str]
    ) -> None:
        across = sum(w.shape[1] for w in matrices) + 2 * BETWEEN
        rows = max(len(w) for w in matrices)
        cell = min(region.width / (across + 1), (region.height - NAMES) / (rows + 1))
        cells = sum(w.shape[1] for w in matrices) * cell
        between = max(BETWEEN * cell, min(LEAST, (region.width - cells) / 2 - cell / 2))
        x, y = region.center[0] - cells / 2 - between, region.center[1] + 0.1
        images = []
        for w, name in zip(matrices, names, strict=True):
            wide = w.shape[1] * cell
            images.append(MatrixImage(look, w, np.array([x + wide / 2, y, 0.0]), cell, scale, name))
            x += wide + between
        self.left, self.right, self.both = images
        self.times = sign_between(look, "×", self.left, self.right)
        self.equals = sign_between(look, "=", self.right, self.both)
        self.boxes = VGroup(*[image.box((0, 0), (0, 1)) for image in images])
        self.frame_row(0)

    def frame_row(self, row: float) -> None:
        """Frame a row of the left matrix, the columns of the right one and what they give; in place."""
        last = self.both.values.shape[1] - 1
        self.left.put_box(self.boxes[0], (row, row), (0, self.left.values.shape[1] - 1))
        self.right.put_box(self.boxes[1], (0, len(self.right.values) - 1), (0, last))
        self.both.put_box(self.boxes[2], (row, row), (0, last))


def sign_between(look: Look, sign: str, left: MatrixImage, right: MatrixImage) -> Label:
    """A sign in the middle of the room between two matrices."""
    x = (left.room.right + right.room.left) / 2
    return Label(look, sign, "body", "ink").move_to((x, left.room.center[1], 0))
