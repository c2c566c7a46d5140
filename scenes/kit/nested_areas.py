"""Quantities as squares of exact area in one corner of each other, with a zoom over any number of decades."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend
from scenes.kit.style import rgb

FILL = 0.13
#: The outline's width, in units.
EDGE = 0.035
#: The smallest square shows its texture where its side is this long, and is plain where it is that short.
TEXTURED, PLAIN = 1.2, 0.5
#: A square larger than the region fades, and is gone at this many times its side.
GONE = 3.0


class NestedAreas(PixelMobject):
    """Squares with a common lower left corner; what lies outside the region is cut off.

    `zoom` is the base-ten logarithm of the quantity whose square fills the height, so an even change of it is
    an even zoom. The smallest is filled with its texture or, where that is too fine to be seen, with its
    colour, and then stands inside the outline of the next.
    Shapes: values (n,), ascending; texture (rows, columns, 4).
    """

    lerped = ("zoom",)

    def __init__(
        self,
        look: Look,
        region: Region,
        values: Sequence[float],
        colors: Sequence[str],
        zoom: float,
        texture: np.ndarray | None = None,
    ) -> None:
        self.quantities = Fixed(np.asarray(values, dtype=float))
        self.colors, self.zoom = tuple(colors), zoom
        self.texture = Fixed(texture)
        super().__init__(look, region)

    def side(self, index: int, zoom: float | None = None) -> float:
        """A square's side in units; its area is in proportion to its quantity."""
        share = self.quantities.value[index] / 10 ** (self.zoom if zoom is None else zoom)
        return self.region.height * float(np.sqrt(share))

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        for index in range(len(self.colors) - 1, -1, -1):
            self._square(frame, view, index)

    def _square(self, frame: np.ndarray, view: PixelView, index: int) -> None:
        region, side = self.region, self.side(index)
        shown = self.opacity * float(np.clip((GONE - side / region.height) / (GONE - 1.0), 0, 1))
        if shown <= 0 and index > 0:
            return
        (left, bottom), (right, top) = view.to_px(
            np.array([[region.left, region.bottom], [region.right, region.top]])
        )
        if index == 0:
            inset = EDGE * self._plain(side) * view.scale
            left, bottom = left + inset, bottom - inset
        x1, y0 = left + side * view.scale, bottom - side * view.scale
        window = (
            max(0, int(left)),
            max(0, int(top)),
            min(view.width, int(right)),
            min(view.height, int(np.ceil(bottom))),
        )
        xs, ys = np.arange(window[0], window[2]), np.arange(window[1], window[3])
        outer = np.outer(_cover(ys, y0, bottom), _cover(xs, left, x1))
        edge = min(EDGE * view.scale, (x1 - left) / 2)
        inner = np.outer(_cover(ys, y0 + edge, bottom - edge), _cover(xs, left + edge, x1 - edge))
        part = frame[window[1] : window[3], window[0] : window[2]]
        color = rgb(self.look.style.color(self.colors[index]))
        blend(part, rgb(self.look.color("background")), outer * shown)
        blend(part, color, (FILL * inner + (outer - inner)) * shown)
        if index == 0 and self.texture.value is not None:
            self._texture(frame, view, side)
            blend(part, color, outer * shown * self._plain(side))

    @staticmethod
    def _plain(side: float) -> float:
        """How much of the smallest square's colour lies over its texture: all of it where it is small."""
        return float(np.clip((TEXTURED - side) / (TEXTURED - PLAIN), 0, 1))

    def _texture(self, frame: np.ndarray, view: PixelView, side: float) -> None:
        """The smallest square's content, cut off at the region, once it is larger than a pixel."""
        r, cells, inset = self.region, self.texture.value, EDGE * self._plain(side)
        if side * view.scale < 1.5:
            return
        rows, columns = cells.shape[:2]
        kept = (
            min(rows, int(np.ceil(rows * r.height / side))),
            min(columns, int(np.ceil(columns * r.width / side))),
        )
        left, bottom = r.left + inset, r.bottom + inset
        box = Region(left, bottom, left + side * kept[1] / columns, bottom + side * kept[0] / rows)
        part = cells[rows - kept[0] :, : kept[1]]
        image = PixelImage(self.look, part, box, smooth=side * view.scale < columns)
        image.opacity = self.opacity
        image.paint(frame, view)


def _cover(pixels: np.ndarray, start: float, stop: float) -> np.ndarray:
    """How much of each pixel lies between two coordinates. Shapes: (n,) -> (n,)."""
    return np.clip(np.minimum(pixels + 1, stop) - np.maximum(pixels, start), 0.0, 1.0)
