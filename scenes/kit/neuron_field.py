"""A layer's neurons as discs: one array operation draws them all, fill by recorded activation."""

from __future__ import annotations

from functools import partial

import numpy as np

from scenes.kit.edge_field import splat
from scenes.kit.encodings import activation_rgb
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend_at
from scenes.kit.style import rgb


class NeuronField(PixelMobject):
    """Discs that light up with their activation: dark at zero, the role's colour at `scale`, with a glow.

    Shapes: centers (n, 2 or 3) units; values (n,).
    `lit` scales all values (0: before the layer has fired), so that firing is a change of one number.
    """

    lerped = ("values", "lit")

    def __init__(
        self,
        look: Look,
        centers: np.ndarray,
        radius: float,
        values: np.ndarray,
        scale: float,
        role: str = "hidden",
        glow: float = 0.6,
    ) -> None:
        self.geometry = Fixed(np.asarray(centers, dtype=float)[:, :2])
        self.cache = Fixed({})
        self.values = np.asarray(values, dtype=np.float32)
        self.radius, self.scale_value, self.role, self.glow = radius, scale, role, glow
        self.lit = 1.0
        low, high = self.geometry.value.min(axis=0) - radius, self.geometry.value.max(axis=0) + radius
        super().__init__(look, Region(*low, *high))

    @property
    def levels(self) -> np.ndarray:
        """Brightness of each neuron, 0..1; zero for a zero activation."""
        return np.clip(np.abs(self.values) * self.lit / self.scale_value, 0.0, 1.0)

    def place(self, index: int) -> np.ndarray:
        """Where the neuron is, as a point of the frame."""
        return np.array([*self.geometry.value[index], 0.0])

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        owner, disc, rim, places = self._discs(view)
        fill = activation_rgb(self.look, self.values * self.lit, self.scale_value, self.role)
        edge = rgb(self.look.color("faint")) * 0.6 + fill * 0.4
        halo = self.levels > 0.15
        if self.glow > 0 and halo.any():
            light = self.levels[halo] * self.glow * self.opacity * 0.5
            color = np.broadcast_to(rgb(self.look.color(self.role)), (int(halo.sum()), 3))
            splat(frame, view.to_px(self.geometry.value[halo]), light, color, self.radius * 1.35 * view.scale)
        color = fill[owner] * (1 - rim[..., None]) + edge[owner] * rim[..., None]
        blend_at(frame, places, color.astype(np.float32), disc * self.opacity)

    def _discs(self, view: PixelView) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
        """(owner, coverage, rim share, places): for each pixel of a disc, which one and its share."""
        if view not in self.cache.value:
            self.cache.value.clear()
            self.cache.value[view] = _rasterise(
                view.to_px(self.geometry.value), self.radius * view.scale, view
            )
        return self.cache.value[view]


def _rasterise(
    centers: np.ndarray, radius: float, view: PixelView
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    clip_x, clip_y = partial(np.clip, a_min=0, a_max=view.width), partial(np.clip, a_min=0, a_max=view.height)
    x0, x1 = (int(clip_x(v)) for v in (centers[:, 0].min() - radius - 2, centers[:, 0].max() + radius + 3))
    y0, y1 = (int(clip_y(v)) for v in (centers[:, 1].min() - radius - 2, centers[:, 1].max() + radius + 3))
    owner = np.zeros((y1 - y0, x1 - x0), np.int32)
    distance = np.full(owner.shape, np.inf, np.float32)
    reach = int(np.ceil(radius)) + 2
    for k, (x, y) in enumerate(centers):
        rows = slice(max(int(y) - reach - y0, 0), max(int(y) + reach + 1 - y0, 0))
        columns = slice(max(int(x) - reach - x0, 0), max(int(x) + reach + 1 - x0, 0))
        yy, xx = np.ogrid[rows.start : min(rows.stop, y1 - y0), columns.start : min(columns.stop, x1 - x0)]
        d = np.hypot(xx + x0 + 0.5 - x, yy + y0 + 0.5 - y).astype(np.float32)
        near = d < distance[rows, columns]
        owner[rows, columns][near] = k
        distance[rows, columns][near] = d[near]
    rim_width = max(1.0, 0.12 * radius)
    coverage = np.clip(radius - distance + 0.5, 0, 1)
    rim = np.clip(distance - (radius - rim_width) + 0.5, 0, 1)
    y, x = inside = np.nonzero(coverage > 0)
    return owner[inside], coverage[inside], rim[inside], (y + y0, x + x0)
