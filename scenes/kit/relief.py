"""A height map seen from a camera: which spot of it every pixel shows, by marching each pixel column once.

The camera keeps verticals vertical (a view camera with a shifted lens), so one pixel column sees one straight
line over the ground. Along that line the ground is walked from near to far; what rises above everything
before it is visible (the floating horizon). The visible spot of every pixel is then one look-up: no
triangles, no sorting, hidden surfaces gone exactly, and a depth for every pixel to test other things against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import gaussian_filter, zoom

#: Cells along one side of the map that is drawn; the given heights are splined to it.
FINE = 513
#: Where the light comes from: its direction over the ground (0 = the right, counter-clockwise), its height.
SUN, SUN_HEIGHT = np.radians(150.0), np.radians(42.0)
#: How deep the map is cut below its lowest height, as a share of `tall`.
BASE = 0.08
#: Columns around a strip that neighbours may be compared with.
MARGIN = 2
#: Points along one pixel column's line over the ground.
SAMPLES = 420


@dataclass(frozen=True)
class Camera:
    """Where the map is seen from; the map spans -1..1 in u (right) and v (away) and 0..`tall` in height.

    Units: azimuth and elevation in degrees; `scale` pixels per map unit, `x`, `y` pixels of the map's centre.
    """

    azimuth: float
    elevation: float
    scale: float
    x: float
    y: float
    tall: float
    perspective: float = 0.16

    @property
    def frame(self) -> tuple[tuple[float, float], tuple[float, float], float, float, float]:
        """(right, forward) over the ground, sine and cosine of the elevation, how fast far things shrink."""
        turn, tilt = math.radians(self.azimuth), math.radians(self.elevation)
        right, forward = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
        return right, forward, math.sin(tilt), math.cos(tilt), self.perspective * math.cos(tilt)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixel x, pixel y (downwards) and depth (distance away over the ground, 0 at the middle) of points.

        Shapes: (n, 3) u, v, height in 0..1 -> (n, 3).
        """
        right, forward, sine, cosine, shrink = self.frame
        across, away = points[:, :2] @ np.array(right), points[:, :2] @ np.array(forward)
        w = 1 + shrink * away
        up = (away * sine + points[:, 2] * self.tall * cosine) / w
        return np.stack([self.x + self.scale * across / w, self.y - self.scale * up, away], axis=1)


class Relief:
    """A square height map ready to be drawn: splined, lit and shadowed once.

    Shapes: heights (rows, columns) in 0..1, row 0 nearest (v = -1), column 0 left (u = -1).
    """

    def __init__(self, heights: np.ndarray, tall: float) -> None:
        self.heights, self.tall = np.asarray(heights, dtype=float), tall

    @cached_property
    def fine(self) -> np.ndarray:
        """The heights on the fine map, exact at the given points.

        Shapes: (FINE, FINE).
        """
        rows, columns = (np.linspace(0, 1, n) for n in self.heights.shape)
        at = np.linspace(0, 1, FINE)
        spline = RectBivariateSpline(rows, columns, self.heights, kx=3, ky=3)
        return np.clip(spline(at, at), 0, 1).astype(np.float32)

    @cached_property
    def light(self) -> np.ndarray:
        """How much light falls on each spot: 1 on open level ground.

        Shapes: (FINE, FINE).
        """
        z = self.fine[::2, ::2].astype(float) * self.tall
        cell = 2.0 / (len(z) - 1)
        dv, du = np.gradient(z, cell)
        toward = np.array([np.cos(SUN), np.sin(SUN)])
        rise = np.tan(SUN_HEIGHT)
        facing = (rise - du * toward[0] - dv * toward[1]) / np.sqrt(1 + du**2 + dv**2) / rise
        shadow = np.clip((rise - _horizon(z, toward, 1.6)) / 0.25 + 0.5, 0, 1)
        shadow = gaussian_filter(shadow, 1.3)
        around = [np.array([np.cos(a), np.sin(a)]) for a in np.arange(8) * np.pi / 4]
        open_sky = np.mean([1 - np.sin(np.arctan(_horizon(z, way, 0.5))) for way in around], axis=0)
        lit = 0.42 * gaussian_filter(open_sky, 1) + 0.58 * np.clip(facing, 0, None) * shadow
        return zoom(lit.astype(np.float32), FINE / len(lit), order=1)

    def toward(self, other: Relief, share: float) -> Relief:
        """The map `share` of the way to another: heights and light change evenly."""
        between = Relief(self.heights, self.tall)
        for name in ("fine", "light"):
            mixed = getattr(self, name) * np.float32(1 - share) + getattr(other, name) * np.float32(share)
            between.__dict__[name] = mixed
        return between


def _horizon(z: np.ndarray, toward: np.ndarray, reach: float) -> np.ndarray:
    """The steepest slope up to anything in a direction, at each spot; 0 where nothing is higher.

    Shapes: (n, n). Units: z and reach in map units.
    """
    n = len(z)
    cell = 2.0 / (n - 1)
    steepest = np.zeros_like(z)
    step = 1.0
    while step * cell < reach:
        dx, dy = (round(float(c) * step) for c in toward)
        rows, columns = np.clip(np.arange(n) + dy, 0, n - 1), np.clip(np.arange(n) + dx, 0, n - 1)
        np.maximum(steepest, (z[rows][:, columns] - z) / (cell * np.hypot(dx, dy)), out=steepest)
        step *= 1.3
    return steepest


@dataclass(frozen=True)
class Traced:
    """What every pixel of a rectangle of the frame shows.

    Shapes: all (rows, columns), row 0 at the bottom. `seen`: whether it shows the map; `wall`: its cut side;
    `u`, `v`, `height`: the spot; `light`; `depth`: as `Camera.project` gives it; `edge`: how far below the
    pixel's centre a nearer part ends, large where none does. `foot`, `crest`, `summit` (columns,): the rows
    where the cut side begins and ends, and where the map ends; `sides`: the columns where it begins and ends.
    Units: pixels, with fractions.
    """

    left: int
    bottom: int
    seen: np.ndarray
    wall: np.ndarray
    u: np.ndarray
    v: np.ndarray
    height: np.ndarray
    light: np.ndarray
    depth: np.ndarray
    edge: np.ndarray
    foot: np.ndarray
    crest: np.ndarray
    summit: np.ndarray
    sides: tuple[float, float]


def trace(
    relief: Relief, camera: Camera, width: int, height: int, rise: float = 1.0, strip: int = 0
) -> Iterator[tuple[Traced, slice]]:
    """The visible spot of every pixel, in upright strips of `strip` columns (0: one for all).

    A strip's arrays stay in the processor's cache. Each comes with the columns to use: those around them are
    there for whoever compares neighbours. `rise` lifts the map from flat (0) to its full height (1).
    """
    corners = np.array([[u, v, z] for u in (-1, 1) for v in (-1, 1) for z in (-BASE, 1)], dtype=float)
    left, right = (float(end(camera.project(corners)[:, 0])) for end in (np.min, np.max))
    first, last = max(0, int(left) - 1), min(width, int(right) + 2)
    for x0 in range(first, last, strip or max(last - first, 1)):
        x1 = min(x0 + strip, last) if strip else last
        a, b = max(first, x0 - MARGIN), min(last, x1 + MARGIN)
        lines = _Lines(relief, camera, np.arange(a, b) + 0.5, height, rise)
        if lines.rows > 0:
            yield lines.look_up(a, height, (left - a, right - a)), slice(x0 - a, x1 - a)


class _Lines:
    """The ground lines of a run of pixel columns, sampled from near to far.

    Shapes: (SAMPLES + 1, columns); sample 0 is the foot of the cut side, sample 1 the near edge of the map.
    """

    def __init__(self, relief: Relief, camera: Camera, x: np.ndarray, height: int, rise: float) -> None:
        right, forward, sine, cosine, shrink = self.frame = camera.frame
        self.across = ((x - camera.x) / camera.scale).astype(np.float32)
        self.there, self.near, far = self._ends()
        self.step = (far - self.near) / np.float32(SAMPLES - 1)
        t = self.near + self.step * np.arange(SAMPLES, dtype=np.float32)[:, None]
        w = 1 / (1 - shrink * t)
        cells = (FINE - 1) / 2
        column, row = (
            np.clip(((self.across * right[axis] + t * forward[axis]) * w + 1) * cells, 0, FINE - 1.001)
            for axis in (0, 1)
        )
        heights, light = _bilinear((relief.fine, relief.light), row, column)
        light += (1 - rise) * (1 - light)
        self.heights = np.concatenate([np.full_like(heights[:1], -BASE), heights])
        self.light = np.concatenate([light[:1], light])
        self.y = np.empty_like(self.heights)
        self.y[1:] = height - camera.y + camera.scale * (t * sine + camera.tall * cosine * rise * heights / w)
        self.y[0] = height - camera.y + camera.scale * (self.near * sine - BASE * camera.tall * cosine / w[0])
        low, high = (self.y[0][self.there], self.y[:, self.there]) if self.there.any() else (self.y, -self.y)
        self.low = max(0, int(low.min()) - 1)
        self.rows = min(height, int(high.max()) + 2) - self.low
        self.y -= self.low

    def _ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Whether each line meets the map, and where along it; both ends 0 where it does not."""
        right, forward, _, _, shrink = self.frame
        near, far = np.full_like(self.across, -9), np.full_like(self.across, 9)
        for axis in (0, 1):
            for sign in (1, -1):
                # Inside where 1 - shrink t + sign (across right + t forward) >= 0.
                slope = sign * forward[axis] - shrink or 1e-9
                bound = -(1 + sign * self.across * right[axis]) / slope
                near, far = (np.maximum(near, bound), far) if slope > 0 else (near, np.minimum(far, bound))
        there = far > near
        return there, np.where(there, near, 0).astype(np.float32), np.where(there, far, 0).astype(np.float32)

    def look_up(self, left: int, height: int, sides: tuple[float, float]) -> Traced:
        """For every pixel the first sample as high on screen, and the spot between it and the one before."""
        rows, columns = self.rows, self.y.shape[1]
        top = np.maximum.accumulate(self.y, axis=0)
        reached = np.clip(np.floor(top + 0.5), 0, rows).astype(np.int32)
        reached[:, ~self.there] = 0
        reached *= columns
        reached += np.arange(columns, dtype=np.int32)
        below = np.bincount(reached.ravel(), minlength=(rows + 1) * columns).reshape(rows + 1, columns)
        first = np.cumsum(below[:rows], axis=0, dtype=np.int32)
        k = np.clip(first, 1, SAMPLES)
        there = k * columns
        there += np.arange(columns, dtype=np.int32)
        before = there - columns
        centre = (np.arange(rows, dtype=np.float32) + 0.5)[:, None]
        low = self.y.ravel().take(before)
        share = (centre - low) / np.maximum(self.y.ravel().take(there) - low, 1e-6)
        np.clip(share, 0, 1, out=share)
        heights, light = (
            start + share * (flat.take(there) - start)
            for flat in (self.heights.ravel(), self.light.ravel())
            for start in (flat.take(before),)
        )
        u, v, depth = self._place(k, share)
        beyond = first > SAMPLES
        ridge = top.ravel().take(before)
        jump = (first > 0) & self.there & ~beyond & (low < ridge - 1e-3)
        edge = np.where(jump, centre - ridge, np.float32(1e9))
        seen = (first > 0) & ~beyond & self.there
        foot, crest, summit = (np.where(self.there, y, np.float32(-9)) for y in (*self.y[:2], top[-1]))
        bottom = height - self.low
        return Traced(
            left, bottom, seen, k == 1, u, v, heights, light, depth, edge, foot, crest, summit, sides
        )

    def _place(self, k: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """u, v and depth of the places `share` of the way from sample k - 1 to sample k."""
        right, forward, _, _, shrink = self.frame
        t = self.near + np.maximum(k - 2 + share, 0) * self.step
        w = 1 / (1 - shrink * t)
        depth = t * w
        side = self.across * w
        return side * right[0] + depth * forward[0], side * right[1] + depth * forward[1], depth


def _bilinear(maps: tuple[np.ndarray, ...], row: np.ndarray, column: np.ndarray) -> list[np.ndarray]:
    i, j = row.astype(np.int32), column.astype(np.int32)
    a, b = row - i, column - j
    base = i * FINE + j
    found = []
    for values in maps:
        flat = values.ravel()
        low = flat.take(base)
        low += b * (flat.take(base + 1) - low)
        high = flat.take(base + FINE)
        high += b * (flat.take(base + FINE + 1) - high)
        found.append(low + a * (high - low))
    return found
