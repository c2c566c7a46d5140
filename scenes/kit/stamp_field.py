"""Hundreds of small pictures at points of a plane: each mark is the example itself, tinted by its class."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView
from scenes.kit.style import rgb

#: How dark the ground close around a picture's strokes is, so that it stands off from those below.
HALO = 0.75


#: Which of the style's categories each class gets: those that look alike go to classes that lie apart.
CLASS_CATEGORIES = (0, 1, 2, 9, 7, 5, 8, 4, 6, 3)


def class_rgb(look: Look, label: int) -> np.ndarray:
    """A class's colour as three floats in 0..1."""
    return rgb(look.style.category(CLASS_CATEGORIES[label % len(CLASS_CATEGORIES)]))


class Plane:
    """Data coordinates in a region, one scale for both axes, zero where the data have it.

    Shapes: low, high (2,): the data's box.
    """

    def __init__(self, region: Region, low: np.ndarray, high: np.ndarray) -> None:
        self.region, self.middle = region, (low + high) / 2
        self.unit = float(min(region.width / (high[0] - low[0]), region.height / (high[1] - low[1])))

    def places(
        self, points: np.ndarray, magnified: float = 1.0, focus: np.ndarray | None = None
    ) -> np.ndarray:
        """Where points are in the frame; with a focus, that point lies in the middle.

        Shapes: (..., 2) -> (..., 2); focus (2,).
        """
        middle = self.middle if focus is None else focus
        return self.region.center[:2] + (np.asarray(points) - middle) * self.unit * magnified


class StampField(PixelMobject):
    """Small pictures centred at `centers`; `levels` is each one's opacity.

    Shapes: centers (n, 2) units; pictures (n, rows, columns) in 0..1; colors (n, 3); levels (n,).
    Units: size is a picture's height in units.
    """

    lerped = ("centers", "levels")

    def __init__(
        self,
        look: Look,
        region: Region,
        centers: np.ndarray,
        pictures: np.ndarray,
        colors: np.ndarray,
        size: float,
    ) -> None:
        self.centers = np.asarray(centers, dtype=float)
        self.levels = np.ones(len(self.centers))
        self.stamps, self.size = Fixed((np.asarray(pictures), np.asarray(colors))), size
        self.cache = Fixed({})
        super().__init__(look, region)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        stamps = self._stamps(max(4, round(self.size * view.scale)))
        side = stamps.shape[1]
        corners = view.to_px(self.centers) - side / 2
        # The faintest first: what is being spoken of lies on top.
        for k in np.argsort(self.levels, kind="stable"):
            level = self.levels[k] * self.opacity
            if level > 0:
                _lay(frame, stamps[k], corners[k], float(level))

    def _stamps(self, side: int) -> np.ndarray:
        """Premultiplied colour and cover of every picture at a size in pixels. Shapes: (n, h, w, 4)."""
        if side not in self.cache.value:
            self.cache.value.clear()
            ground = rgb(self.look.color("background"))
            pictures, colors = self.stamps.value
            made = [_stamp(p, c, ground, side) for p, c in zip(pictures, colors, strict=True)]
            self.cache.value[side] = np.stack(made).astype(np.float32)
        return self.cache.value[side]


def _stamp(picture: np.ndarray, color: np.ndarray, ground: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    small = image.resize((side, side), Image.Resampling.LANCZOS)
    padded = Image.new("L", (side + 4, side + 4))
    padded.paste(small, (2, 2))
    halo = np.asarray(padded.filter(ImageFilter.GaussianBlur(max(1.0, side / 16)))) / 255.0
    ink = np.clip(np.asarray(padded) / 255.0 * 1.15, 0, 1)[..., None]
    under = np.clip(halo * 2.2, 0, 1)[..., None] * HALO
    return np.concatenate([color * ink + ground * under * (1 - ink), ink + under * (1 - ink)], axis=-1)


def _lay(frame: np.ndarray, stamp: np.ndarray, corner: np.ndarray, level: float) -> None:
    """One stamp over the frame, its upper left corner at any (x, y), between pixels too."""
    x, y = int(np.floor(corner[0])), int(np.floor(corner[1]))
    fx, fy = corner[0] - x, corner[1] - y
    rows = stamp[1:] * (1 - fy) + stamp[:-1] * fy
    moved = (rows[:, 1:] * (1 - fx) + rows[:, :-1] * fx) * level
    x, y, side = x + 1, y + 1, moved.shape[0]
    height, width = frame.shape[:2]
    x0, x1, y0, y1 = max(x, 0), min(x + side, width), max(y, 0), min(y + side, height)
    if x1 <= x0 or y1 <= y0:
        return
    part, over = frame[y0:y1, x0:x1], moved[y0 - y : y1 - y, x0 - x : x1 - x]
    under = part * (1 - over[..., 3:])
    under[..., :3] += 255 * over[..., :3]
    under[..., 3] += 255 * over[..., 3]
    part[...] = np.minimum(under + 0.5, 255).astype(np.uint8)
