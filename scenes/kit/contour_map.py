"""A glowing contour map of a quantity over two coordinates, with a window that can zoom without steps.

The values are known at the nodes of a grid (not necessarily even: dense where the map is looked at closely);
between them a cubic spline is drawn, so a smooth quantity stays exact to far below a pixel's brightness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline

from scenes.kit.encodings import sequential_rgb
from scenes.kit.layout import Look, Region
from scenes.kit.opaque import lay, packed_colors
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, rounded
from scenes.kit.style import rgb

#: Contour intervals go down from the coarsest by 5, 2, 1, 0.5, ...: `detail` counts how often.
COARSEST = 0.05
CORNER = 0.16
#: How many heights and how many strengths of light have a colour of their own.
LEVELS, LIGHTS = 512, 64
#: How much of its own colour a contour line and the light around it bring.
LINE, GLOW = 0.9, 0.36


def interval_of(detail: int) -> float:
    """The step of value between two contour lines at a whole detail: 0.05, 0.02, 0.01, 0.005, ..."""
    return float(COARSEST * (1.0, 0.4, 0.2)[detail % 3] * 10.0 ** -(detail // 3))


def detail_for(rise: float, lines: int) -> int:
    """The detail whose lines over a rise of the values are nearest to so many."""
    return min(range(-6, 18), key=lambda detail: abs(np.log(rise / interval_of(detail) / lines)))


@dataclass(frozen=True)
class Window:
    """The part of the plane a map shows: its centre and the data units one frame unit stands for.

    One scale holds for both axes, so arrows keep their direction whatever the region's shape.
    """

    x: float
    y: float
    per_unit: float

    def toward(self, other: Window, share: float) -> Window:
        """A share of a pure zoom to the other: the scale in equal factors, about a point that stays put."""
        per_unit = self.per_unit ** (1 - share) * other.per_unit**share
        if np.isclose(self.per_unit, other.per_unit, rtol=1e-6):
            moved = share
        else:
            moved = (self.per_unit - per_unit) / (self.per_unit - other.per_unit)
        return Window(self.x + moved * (other.x - self.x), self.y + moved * (other.y - self.y), per_unit)

    def point(self, region: Region, x: float, y: float) -> np.ndarray:
        """Where (x, y) lies in the frame when `region` shows this window."""
        return region.center + np.array([(x - self.x) / self.per_unit, (y - self.y) / self.per_unit, 0.0])

    def span(self, region: Region) -> tuple[float, float, float, float]:
        """(left, right, bottom, top) in data units."""
        half_x, half_y = region.width / 2 * self.per_unit, region.height / 2 * self.per_unit
        return self.x - half_x, self.x + half_x, self.y - half_y, self.y + half_y


class ContourMap(PixelMobject):
    """Height as colour, with contour lines that glow.

    `middle` is the value in the middle of the colour ramp, `reach` how far from it the ramp has turned most
    of the way (beyond, the colour still creeps on: no height clips). `detail` says how far apart the lines
    are (`interval_of`); between two whole numbers one set of lines fades into the next.
    Shapes: x (X,), y (Y,) nodes; values (Y, X).
    """

    lerped = ("values", "middle", "reach", "detail")

    def __init__(
        self, look: Look, x: np.ndarray, y: np.ndarray, values: np.ndarray, region: Region, window: Window,
        *, middle: float, reach: float, detail: float = 0.0,
    ) -> None:  # fmt: skip
        self.nodes = Fixed((np.asarray(x, float), np.asarray(y, float)))
        self.values = np.asarray(values, dtype=float)
        self.window, self.detail = window, detail
        self.middle, self.reach = float(middle), float(reach)
        self.cache = Fixed({})
        super().__init__(look, region)

    def to_point(self, x: float, y: float) -> np.ndarray:
        """Where (x, y) lies in the frame now."""
        return self.window.point(self.region, x, y)

    def place(self, region: Region, window: Window) -> ContourMap:
        """The map in another rectangle, showing another window; in place."""
        self.window = window
        self._initial_region = region
        self.reset_points()
        return self

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        left, top, right, bottom = view.to_px(self.points[[0, 3]]).ravel()
        x0, x1 = max(0, int(np.floor(left))), min(view.width, int(np.ceil(right)))
        y0, y1 = max(0, int(np.floor(top))), min(view.height, int(np.ceil(bottom)))
        if x1 <= x0 or y1 <= y0:
            return
        box = (x0, x1, y0, y1)
        key = (view, box, self.window, self.middle, self.reach, self.detail, hash(self.values.tobytes()))
        if self.cache.value.get("key") != key:
            self.cache.value.update(key=key, picture=self._picture(view, box, (left, top, right, bottom)))
        packed, cover = self.cache.value["picture"]
        lay(frame[y0:y1, x0:x1], packed, cover, self.opacity)

    def _picture(
        self, view: PixelView, box: tuple[int, int, int, int], edges: tuple[float, float, float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """(colours as uint32 each, coverage)."""
        x0, x1, y0, y1 = box
        px, py = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
        height, slope = self._heights(view, px, py)
        above = height / np.float32(self.reach)
        level = 0.5 + 0.5 * above / np.sqrt(1 + above**2)
        lit = self._lit(height, slope, min(view.width, view.height) / 720)
        place = (level * (LEVELS - 1)).astype(np.int32) * LIGHTS + (lit * (LIGHTS - 1)).astype(np.int32)
        cover = rounded(px, py, edges, CORNER * view.scale)
        return self._palette().take(place), cover

    def _palette(self) -> np.ndarray:
        """Every colour the map can have, by level and then by how much a contour line lights it.

        Shapes: (LEVELS * LIGHTS,) uint32, opaque.
        """
        if "palette" not in self.cache.value:
            ramp = sequential_rgb(self.look, np.linspace(0.04, 0.86, LEVELS))
            ground, ink = rgb(self.look.color("background")), rgb(self.look.color("ink"))
            if self.look.theme == "dark":
                fill, line = 0.40 * ground + 0.50 * ramp, 0.74 * ramp + 0.26 * ink
            else:
                fill, line = 0.38 * ground + 0.62 * ramp, 0.72 * ramp
            lit = np.linspace(0, 1, LIGHTS)[None, :, None]
            table = fill[:, None] * (1 - lit) + line[:, None] * lit
            self.cache.value["palette"] = packed_colors(table).ravel()
        return self.cache.value["palette"]

    def _heights(self, view: PixelView, px: np.ndarray, py: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(height above the middle, size of the slope per pixel) at pixel centres.

        Shapes: px (W,), py (H,) -> (H, W) float32 each.
        """
        x, y = self.nodes.value
        unit = self.window.per_unit
        off_x, off_y = np.subtract(view.center, self.region.center[:2])
        at_x = self.window.x + ((px - view.width / 2) / view.scale + off_x) * unit
        at_y = self.window.y + ((view.height / 2 - py) / view.scale + off_y) * unit
        along_x, slope_x = _basis(x, at_x)
        along_y, slope_y = _basis(y, at_y)
        values = self.values - self.middle
        rows, steep = (along_y @ values).astype(np.float32), (slope_y @ values).astype(np.float32)
        along, sloped = along_x.T.astype(np.float32), slope_x.T.astype(np.float32)
        dx, dy = rows @ sloped, steep @ along
        return rows @ along, np.sqrt(dx * dx + dy * dy) * np.float32(unit / view.scale)

    def _lit(self, height: np.ndarray, slope: np.ndarray, thick: float) -> np.ndarray:
        """How much the contour lines and their glow light each pixel, 0 to LINE.

        Shapes: (H, W) each. Units: `thick` is 1 where the short side has 720 pixels.
        """
        whole = int(np.floor(self.detail))
        lit = np.zeros_like(height)
        reach = 16 * thick  # beyond, a line's glow is gone
        away = np.linspace(0, reach, 1024)
        glow = GLOW * np.exp(-((away / (5.5 * thick)) ** 2))
        light = (glow + (LINE - glow) * np.clip(0.5 + 0.65 * thick - away, 0, 1)).astype(np.float32)
        light[-1] = 0
        for detail, share in ((whole, 1.0 - self.detail + whole), (whole + 1, self.detail - whole)):
            if share < 1e-3:
                continue
            interval = interval_of(detail)
            # Heights are above the middle: the lines stay on round values of the quantity itself.
            phase = (height + np.float32(self.middle % interval)) / np.float32(interval)
            rise = np.abs(phase - np.rint(phase)) * np.float32(interval)
            pixels = rise / np.maximum(slope, np.float32(1e-12))
            line = light.take(np.minimum(pixels * np.float32(1023 / reach), 1023).astype(np.int32))
            # Where the ground is flat a line would be a blot: it fades out instead.
            flat = np.minimum(slope * np.float32(160 / (interval * thick)), 1)
            np.maximum(lit, line * flat * np.float32(share), out=lit)
        return lit


def height_at(x: np.ndarray, y: np.ndarray, values: np.ndarray, point: np.ndarray) -> float:
    """The height the map has at a point between its nodes.

    Shapes: x (X,), y (Y,), values (Y, X), point (2,).
    """
    return float((_basis(y, point[1:])[0] @ values @ _basis(x, point[:1])[0].T)[0, 0])


def _basis(nodes: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cubic spline through the nodes as matrices: values and slopes at `at` from values at the nodes.

    Shapes: nodes (N,), at (P,) -> (P, N) each. Beyond the last node the edge's value goes on.
    """
    spline = make_interp_spline(nodes, np.eye(len(nodes)), k=3)
    inside = np.clip(at, nodes[0], nodes[-1])
    return spline(inside), spline(inside, 1)
