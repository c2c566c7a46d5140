"""Thousands of edges as light: one array operation draws them all.

How much of each pixel the edges cover is swept and summed in one go (coverage.py). Overlapping edges add up
like light through mist: alpha = 1 - exp(-sum), the same in any order.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from scenes.kit.coverage import LineSums
from scenes.kit.encodings import magnitude
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import UNSEEN, Fixed, PixelMobject, PixelView, blend, blend_at
from scenes.kit.style import rgb
from scenes.kit.threads import in_parts

#: Rows that are coloured at a time; they stay in the processor's cache.
STRIP = 32
#: From so many sums on, several threads colour them.
MANY = 1 << 18


class EdgeField(PixelMobject):
    """All edges between two sets of points; `values` (signed) give colour by sign and light by magnitude.

    Shapes: starts, ends (n, 2 or 3) units; values (n,).
    `scale` is the magnitude drawn at full strength, `strength` the optical density of one such edge. With a
    `role` all light has that one colour, whatever the sign (gradients).
    """

    lerped = ("values", "strength")

    def __init__(
        self,
        look: Look,
        starts: np.ndarray,
        ends: np.ndarray,
        values: np.ndarray,
        scale: float,
        strength: float = 1.0,
        gamma: float = 1.0,
        role: str | None = None,
    ) -> None:
        self.geometry = Fixed((np.asarray(starts)[:, :2], np.asarray(ends)[:, :2]))
        self.cache, self.role = Fixed({}), role
        self.values = np.asarray(values, dtype=np.float32)
        self.scale_value, self.strength, self.gamma = scale, strength, gamma
        both = np.concatenate(self.geometry.value)
        low, high = both.min(axis=0), both.max(axis=0)
        super().__init__(
            look, Region(low[0], low[1], max(high[0], low[0] + 0.01), max(high[1], low[1] + 0.01))
        )

    def density(self) -> np.ndarray:
        """Optical density of each edge, before coverage; zero for a zero value.

        Shapes: (n,).
        """
        return (magnitude(self.values, self.scale_value) ** self.gamma * self.strength).astype(np.float32)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0 or not self.values.any():
            return
        light, rows, columns = self._light(view)
        part = frame[rows, columns]
        colored = partial(self._paint_rows, part, light)
        in_parts(0, len(part), colored, large=light.size >= MANY, step=STRIP)

    def _paint_rows(self, part: np.ndarray, light: np.ndarray, first: int, end: int) -> None:
        for top in range(first, end, STRIP):
            strip = np.s_[top : min(end, top + STRIP)]
            plus, total = light[0, strip], light[0, strip] + light[1, strip]
            places = np.nonzero(total > UNSEEN)
            if len(places[0]):
                here = total[places]
                alpha = 1 - np.exp(here * np.float32(-self.opacity))
                blend_at(part[strip], places, self._color(plus[places], here), alpha)

    def _color(self, plus: np.ndarray, total: np.ndarray) -> np.ndarray:
        if self.role is not None:
            return rgb(self.look.color(self.role)).astype(np.float32)
        # Where many edges cross, the stronger sum gives the colour, pulled apart so that it stays one.
        share = np.clip(3 * (plus / total) - 1, 0, 1)
        one, two = (rgb(self.look.color(name)).astype(np.float32) for name in ("positive", "negative"))
        return np.moveaxis(np.multiply.outer(one - two, share) + two[:, None], 0, -1)

    def _light(self, view: PixelView) -> tuple[np.ndarray, slice, slice]:
        """Summed densities of the positive and the negative edges per pixel, kept while nothing changes."""
        # A line is one pixel wide at 720 pixels of short side; other sizes keep the same light.
        signed = np.copysign(self.density(), self.values) * np.float32(min(view.width, view.height) / 720)
        kept, key = self.cache.value, (view, hash(signed.tobytes()))
        if kept.get("view") != view:
            starts, ends = self.geometry.value
            kept["lines"], kept["view"] = _Placed(starts, ends, view), view
        if kept.get("key") != key:
            kept["light"], kept["key"] = kept["lines"].light(signed), key
        lines: _Placed = kept["lines"]
        return kept["light"], lines.rows, lines.columns


class _Placed:
    """Edges where they are in one view, and the part of the picture that they are in."""

    def __init__(self, starts: np.ndarray, ends: np.ndarray, view: PixelView) -> None:
        starts, ends = view.to_px(starts), view.to_px(ends)
        both = np.concatenate([starts, ends])
        x0, y0 = np.maximum(np.floor(both.min(axis=0)).astype(int) - 1, 0)
        x1, y1 = np.minimum(np.ceil(both.max(axis=0)).astype(int) + 2, [view.width, view.height])
        self.rows, self.columns = slice(y0, y1), slice(x0, x1)
        self._lengthening = _lengthening(starts, ends)
        self._sums = LineSums(starts - [x0, y0], ends - [x0, y0], max(0, x1 - x0), max(0, y1 - y0))

    def light(self, signed: np.ndarray) -> np.ndarray:
        """Shapes: signed (n,) -> (2, height, width) of the part."""
        return self._sums.of(signed * self._lengthening)


def _lengthening(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How much longer each edge is than along its longer axis, by which coverage is counted.

    With it the light is the same for every slope. Shapes: -> (n,).
    """
    along = np.abs(ends - starts)
    longer = along.max(axis=1)
    return np.divide(np.hypot(*along.T), longer, out=np.ones(len(along)), where=longer > 0)


class PulseField(PixelMobject):
    """One glowing dot on each edge, all at the same share `phase` of their way; brightness by magnitude.

    Shapes: starts, ends (n, 2 or 3) units; values (n,) signed.
    """

    lerped = ("phase", "values")

    def __init__(
        self,
        look: Look,
        starts: np.ndarray,
        ends: np.ndarray,
        values: np.ndarray,
        scale: float,
        radius: float = 0.055,
        role: str | None = None,
    ) -> None:
        self.geometry = Fixed((np.asarray(starts)[:, :2], np.asarray(ends)[:, :2]))
        self.values = np.asarray(values, dtype=np.float32)
        self.scale_value, self.radius, self.role = scale, radius, role
        self.phase = 0.0
        both = np.concatenate(self.geometry.value)
        low, high = both.min(axis=0), both.max(axis=0)
        super().__init__(
            look, Region(low[0], low[1], max(high[0], low[0] + 0.01), max(high[1], low[1] + 0.01))
        )

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        level = magnitude(self.values, self.scale_value) * self.opacity
        # The light fades in as it leaves and out as it arrives.
        level = level * min(1.0, 8 * self.phase, 8 * (1 - self.phase))
        lit = level > 1e-3
        if not lit.any():
            return
        starts, ends = self.geometry.value
        centers = view.to_px(starts[lit] + (ends[lit] - starts[lit]) * self.phase)
        splat(frame, centers, level[lit], self._colors(lit), self.radius * view.scale)

    def _colors(self, lit: np.ndarray) -> np.ndarray:
        if self.role is not None:
            return np.broadcast_to(rgb(self.look.color(self.role)), (int(lit.sum()), 3))
        positive, negative = rgb(self.look.color("positive")), rgb(self.look.color("negative"))
        return np.where(self.values[lit][:, None] >= 0, positive, negative)


def splat(
    frame: np.ndarray, centers: np.ndarray, level: np.ndarray, colors: np.ndarray, radius: float
) -> None:
    """Soft round dots added up as light over the frame, in place.

    Shapes: centers (n, 2) pixels; level (n,) in 0..1; colors (n, 3) in 0..1. Units: radius in pixels.
    """
    height, width = frame.shape[:2]
    reach = int(np.ceil(1.9 * radius))
    near = np.all((centers > -reach) & (centers < [width + reach, height + reach]), axis=1)
    centers, level, colors = centers[near], level[near], colors[near]
    if not len(centers):
        return
    # A Gaussian is a product of one along x and one along y; the canvas has a rim of `reach` on every side.
    first = np.floor(centers).astype(int) - reach
    x0, y0 = first.min(axis=0)
    x1, y1 = first.max(axis=0) + 2 * reach + 1
    steps = np.arange(2 * reach + 1)
    along = first[:, :, None] + steps
    bell = np.exp(-(((along + 0.5 - centers[:, :, None]) / radius) ** 2))
    light = (level[:, None, None] * bell[:, 1, :, None] * bell[:, 0, None, :]).ravel()
    place = ((along[:, 1, :, None] - y0) * (x1 - x0) + along[:, 0, None, :] - x0).ravel()
    size, spread = (x1 - x0) * (y1 - y0), len(steps) ** 2
    total = np.bincount(place, light, size)
    alpha = (1 - np.exp(-2 * total)).reshape(y1 - y0, x1 - x0).astype(np.float32)
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    window = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
    if (colors == colors[0]).all():
        blend(frame[top:bottom, left:right], colors[0].astype(np.float32), alpha[window])
        return
    sums = [np.bincount(place, light * np.repeat(colors[:, k], spread), size) for k in range(3)]
    color = (np.stack(sums, axis=-1) / np.maximum(total, 1e-9)[:, None]).reshape(*alpha.shape, 3)
    blend(frame[top:bottom, left:right], color[window].astype(np.float32), alpha[window])
