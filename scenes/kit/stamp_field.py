"""Hundreds of small pictures at points of a plane: each mark is the example itself, tinted by its class."""

from __future__ import annotations

import cairo
import numpy as np
from PIL import Image, ImageFilter

from scenes.kit.canvas import canvas, picture
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
        context = canvas(frame)
        corners = view.to_px(self.centers) - stamps[0].get_height() / 2
        # The faintest first: what is being spoken of lies on top.
        for k in np.argsort(self.levels, kind="stable"):
            level = self.levels[k] * self.opacity
            if level > 0:
                context.set_source_surface(stamps[k], *corners[k])
                context.paint_with_alpha(level)

    def _stamps(self, side: int) -> list[cairo.ImageSurface]:
        """Every picture at a size in pixels, with its halo."""
        if side not in self.cache.value:
            self.cache.value.clear()
            ground = rgb(self.look.color("background"))
            pictures, colors = self.stamps.value
            self.cache.value[side] = [
                picture(_stamp(each, color, ground, side))
                for each, color in zip(pictures, colors, strict=True)
            ]
        return self.cache.value[side]


def _stamp(pixels: np.ndarray, color: np.ndarray, ground: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    small = image.resize((side, side), Image.Resampling.LANCZOS)
    padded = Image.new("L", (side + 4, side + 4))
    padded.paste(small, (2, 2))
    halo = np.asarray(padded.filter(ImageFilter.GaussianBlur(max(1.0, side / 16)))) / 255.0
    ink = np.clip(np.asarray(padded) / 255.0 * 1.15, 0, 1)[..., None]
    under = np.clip(halo * 2.2, 0, 1)[..., None] * HALO
    return np.concatenate([color * ink + ground * under * (1 - ink), ink + under * (1 - ink)], axis=-1)
