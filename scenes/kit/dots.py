"""Many small discs that can move: recorded values on an axis or on a curve, one array for all of them."""

from __future__ import annotations

import numpy as np

from scenes.kit.layout import Look, Region
from scenes.kit.pixels import PixelMobject, PixelView, blend
from scenes.kit.style import rgb


class Dots(PixelMobject):
    """Discs at `places`, which an animation interpolates; overlapping ones grow denser.

    Shapes: places (n, 2 or 3) units. Units: radius in units.
    """

    lerped = ("places",)

    def __init__(
        self,
        look: Look,
        places: np.ndarray,
        radius: float = 0.07,
        role: str = "accent",
        density: float = 0.55,
    ) -> None:
        self.places = np.asarray(places, dtype=float)[:, :2]
        self.radius, self.role, self.density = radius, role, density
        low, high = self.places.min(axis=0) - radius, self.places.max(axis=0) + radius
        super().__init__(look, Region(*low, *high))

    def at(self, places: np.ndarray) -> Dots:
        """The same dots elsewhere: the end of a Transform; it plays nothing."""
        return Dots(self.look, places, self.radius, self.role, self.density)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        radius, color = self.radius * view.scale, rgb(self.look.color(self.role))
        reach = int(np.ceil(radius)) + 1
        for x, y in view.to_px(self.places):
            x0, x1 = max(0, int(x) - reach), min(view.width, int(x) + reach + 1)
            y0, y1 = max(0, int(y) - reach), min(view.height, int(y) + reach + 1)
            if x1 <= x0 or y1 <= y0:
                continue
            away = np.hypot(np.arange(x0, x1) + 0.5 - x, (np.arange(y0, y1) + 0.5 - y)[:, None])
            cover = np.clip(radius - away + 0.5, 0, 1) * self.density * self.opacity
            blend(frame[y0:y1, x0:x1], color, cover)
