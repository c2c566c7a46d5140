"""The plane of two inputs: what a network answers at every point of it, its boundary, and the examples.

Blue is one class and orange the other, in the ground and in the points; points differ in shape too. The
boundary is where the answer is undecided, drawn from the network's scores between grid points.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from scenes.kit.layout import Look, Region
from scenes.kit.opaque import lay, packed_colors, unpacked
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend, rounded
from scenes.kit.style import rgb

#: Rounded corners, in units; how strongly the ground is coloured; half the boundary's width in pixels at 720.
CORNER = 0.12
GROUND = {"dark": 0.46, "light": 0.42}
HALF_LINE = 1.7
#: The ground's colours are looked up: this many, between scores beyond which a network is certain.
TONES, CERTAIN = 4096, 12.0
#: Less change of the score from pixel to pixel is none.
FLAT = 1e-6


class PlaneMap(PixelMobject):
    """Scores over a square of the plane as two colours that meet at the boundary, where the score is 0.

    Shapes: scores (G, G), rows up along the second input; the ground shows the probability sigmoid(score).
    `line` is the boundary's opacity.
    """

    lerped = ("scores", "line")

    def __init__(
        self,
        look: Look,
        region: Region,
        scores: np.ndarray,
        *,
        line: float = 1.0,
    ) -> None:
        self.scores = np.asarray(scores, dtype=np.float32)
        self.line = line
        super().__init__(look, region)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        left, top, right, bottom = view.to_px(self.points[[0, 3]]).ravel()
        x0, x1 = max(0, int(np.floor(left))), min(view.width, int(np.ceil(right)))
        y0, y1 = max(0, int(np.floor(top))), min(view.height, int(np.ceil(bottom)))
        if x1 <= x0 or y1 <= y0:
            return
        px, py = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
        cover = rounded(px, py, (left, top, right, bottom), CORNER * view.scale)
        score = self._upsampled(px, py, (left, top, right, bottom))
        packed = self._ground(score)
        if self.line > 0 and min(score.shape) > 2:
            self._draw_line(packed, score, HALF_LINE * min(view.width, view.height) / 720)
        lay(frame[y0:y1, x0:x1], packed, cover, self.opacity)

    def _ground(self, score: np.ndarray) -> np.ndarray:
        """The colour of each score. Shapes: (H, W) -> (H, W) uint32."""
        step = np.float32((TONES - 1) / (2 * CERTAIN))
        place = np.clip(score, -CERTAIN, CERTAIN)
        place += np.float32(CERTAIN)
        place *= step
        place += np.float32(0.5)
        return self._tones().take(place.astype(np.int32))

    def _tones(self) -> np.ndarray:
        """The ground's colours from surely the one class to surely the other. Shapes: (TONES,) uint32."""
        lean = np.tanh(np.linspace(-CERTAIN, CERTAIN, TONES)[:, None] / 2)  # 2 sigmoid(score) - 1
        surface, plus, minus = (rgb(self.look.color(r)) for r in ("surface", "positive", "negative"))
        level = np.abs(lean) * GROUND[self.look.theme]
        return packed_colors(surface + (np.where(lean >= 0, plus, minus) - surface) * level)

    def _draw_line(self, packed: np.ndarray, score: np.ndarray, thick: float) -> None:
        """The boundary, `thick` pixels in half width, over the ground's colours."""
        down, right = np.gradient(score)
        steep = down * down + right * right
        # Where the score hardly changes, a line would be a blot.
        near = np.nonzero((score * score < np.float32((thick + 0.5) ** 2) * steep) & (steep > FLAT**2))
        away = np.abs(score[near]) / np.sqrt(steep[near])
        ink = np.clip(thick + 0.5 - away, 0, 1)[:, None] * np.float32(self.line)
        ground = unpacked(packed[near]) / np.float32(255)
        packed[near] = packed_colors(ground + (rgb(self.look.color("ink")).astype(np.float32) - ground) * ink)

    def _upsampled(
        self, px: np.ndarray, py: np.ndarray, box: tuple[float, float, float, float]
    ) -> np.ndarray:
        """The scores at pixel centres; grid points lie on the square's edges."""
        rows, columns = self.scores.shape
        left, top, right, bottom = box
        u = np.clip((px - left) / (right - left), 0, 1) * (columns - 1) + 0.5
        v = np.clip((py - top) / (bottom - top), 0, 1) * (rows - 1) + 0.5
        du, dv = (u[-1] - u[0]) / max(len(u) - 1, 1) / 2, (v[-1] - v[0]) / max(len(v) - 1, 1) / 2
        window = (max(u[0] - du, 0), max(v[0] - dv, 0), min(u[-1] + du, columns), min(v[-1] + dv, rows))
        picture = Image.fromarray(np.ascontiguousarray(self.scores[::-1]))
        return np.asarray(picture.resize((len(u), len(v)), Image.Resampling.BICUBIC, window))


class PlanePoints(PixelMobject):
    """Examples as marks on a plane map: discs for class 1, diamonds for class 0, `hollow` ones as rings.

    Shapes: places (n, 2) in units; labels (n,). Units: radius in units.
    """

    lerped = ("lit",)

    def __init__(
        self,
        look: Look,
        places: np.ndarray,
        labels: np.ndarray,
        radius: float = 0.07,
        *,
        hollow: bool = False,
    ) -> None:
        self.geometry = Fixed((np.asarray(places, float)[:, :2], np.asarray(labels).astype(int).ravel()))
        self.radius, self.hollow, self.cache, self.lit = radius, hollow, Fixed({}), 1.0
        low, high = self.geometry.value[0].min(axis=0), self.geometry.value[0].max(axis=0)
        super().__init__(look, Region(low[0] - radius, low[1] - radius, high[0] + radius, high[1] + radius))

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        if view not in self.cache.value:
            self.cache.value.clear()
            self.cache.value[view] = self._marks(view)
        color, cover, rows, columns = self.cache.value[view]
        blend(frame[rows, columns], color, cover * self.opacity)

    def _marks(self, view: PixelView) -> tuple[np.ndarray, np.ndarray, slice, slice]:
        """(colours, coverage, window) of all marks, later ones on top."""
        places, labels = self.geometry.value
        centers, radius = view.to_px(places), self.radius * view.scale
        reach = int(np.ceil(radius)) + 3
        x0, y0 = np.maximum(np.floor(centers.min(axis=0)).astype(int) - reach, 0)
        x1, y1 = np.minimum(np.ceil(centers.max(axis=0)).astype(int) + reach + 1, [view.width, view.height])
        color = np.zeros((y1 - y0, x1 - x0, 3), np.float32)
        cover = np.zeros(color.shape[:2], np.float32)
        tones = [rgb(self.look.color(role)) for role in ("negative", "positive")]
        rim = rgb(self.look.color("background"))
        for (x, y), label in zip(centers, labels, strict=True):
            rows = slice(max(int(y) - reach - y0, 0), max(int(y) + reach + 1 - y0, 0))
            columns = slice(max(int(x) - reach - x0, 0), max(int(x) + reach + 1 - x0, 0))
            yy, xx = np.ogrid[
                rows.start : min(rows.stop, y1 - y0), columns.start : min(columns.stop, x1 - x0)
            ]
            dx, dy = np.abs(xx + x0 + 0.5 - x), np.abs(yy + y0 + 0.5 - y)
            away = np.hypot(dx, dy) if label else (dx + dy) / 1.2
            edge = max(1.0, 0.22 * radius)
            whole = np.clip(radius + edge - away + 0.5, 0, 1)
            inner = np.clip(radius - away + 0.5, 0, 1)
            if self.hollow:
                inner = inner * np.clip(away - 0.52 * radius + 0.5, 0, 1)
            tone = rim + (tones[label] - rim) * inner[..., None]
            part, seen = color[rows, columns], cover[rows, columns]
            part[...] = part * (1 - whole[..., None]) + tone * whole[..., None]
            seen[...] = np.maximum(seen, whole)
        return color, cover, slice(y0, y1), slice(x0, x1)


def on_plane(region: Region, points: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where points of the plane lie in a region that shows the square of the axes x, y.

    Shapes: points (n, 2) -> (n, 2).
    """
    share = (np.asarray(points, float) - [x[0], y[0]]) / [x[-1] - x[0], y[-1] - y[0]]
    return np.array([region.left, region.bottom]) + share * [region.width, region.height]
