"""A small network whose neurons are pictures: each tile shows what its neuron answers all over the plane.

Inputs, hidden layers and the output's large map flow to the right in wide shapes and down in tall ones. A
layer of more than four neurons stands in two lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RoundedRectangle, VMobject
from PIL import Image

from scenes.kit.edge_field import EdgeField, PulseField
from scenes.kit.encodings import activation_rgb, magnitude
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend, rounded
from scenes.kit.style import rgb

MOST_IN_LINE = 4
#: The side of a tile in shares of the room it has; a tile's largest room and the least gap, in units.
TILE, LARGEST, LEAST_GAP = 0.9, 1.25, 0.45
#: Room between a layer's tiles and the line around it, in units.
AROUND = 0.06
#: Copies of an edge beside each other make it wide; their distance in units.
COPIES, APART = 5, 0.011
#: Brightness grows faster than the value, so that small answers are seen in small tiles.
GAMMA = 0.75


class TileField(PixelMobject):
    """Tiles with a map each: from the surface at zero to the role's colour at `scale`; signed without a role.

    Shapes: centers (n, 2) units; values (n, G, G), rows up along the second input; scores the same, or none:
    where a neuron's score is zero, its tile has a line.
    """

    lerped = ("values", "scores")

    def __init__(
        self, look: Look, centers: np.ndarray, side: float, values: np.ndarray, scale: float,
        role: str | None, scores: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.scores = np.zeros((0, 0, 0), np.float32) if scores is None else np.asarray(scores, np.float32)
        self.places, self.side, self.scale_value, self.role = Fixed(np.asarray(centers)), side, scale, role
        self.values = np.asarray(values, dtype=np.float32)
        low, high = np.min(centers, axis=0) - side / 2, np.max(centers, axis=0) + side / 2
        super().__init__(look, Region(*low, *high))

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        centers, half = view.to_px(self.places.value), self.side * view.scale / 2
        for i, (x, y) in enumerate(centers):
            self._tile(frame, view, x, y, half, i)

    def _tile(self, frame: np.ndarray, view: PixelView, x: float, y: float, half: float, i: int) -> None:
        x0, x1 = max(int(x - half), 0), min(int(np.ceil(x + half)), view.width)
        y0, y1 = max(int(y - half), 0), min(int(np.ceil(y + half)), view.height)
        if x1 <= x0 or y1 <= y0:
            return
        color = self._color(_enlarged(self.values[i], x1 - x0, y1 - y0))
        if len(self.scores) and min(x1 - x0, y1 - y0) > 2:
            score = _enlarged(self.scores[i], x1 - x0, y1 - y0)
            slope = np.hypot(*np.gradient(score))
            thick = 0.85 * min(view.width, view.height) / 720
            ink = np.clip(thick + 0.5 - np.abs(score) / np.maximum(slope, 1e-9), 0, 1) * (slope > 1e-6)
            color = color + (rgb(self.look.color("ink")) - color) * ink[..., None]
        px, py = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
        cover = rounded(px, py, (x - half, y - half, x + half, y + half), 0.14 * half)
        inside = rounded(
            px, py, (x - half + 1.3, y - half + 1.3, x + half - 1.3, y + half - 1.3), 0.12 * half
        )
        rim = rgb(self.look.color("faint"))
        color = rim + (color - rim) * inside[..., None]
        blend(frame[y0:y1, x0:x1], color.astype(np.float32), cover * self.opacity)

    def _color(self, values: np.ndarray) -> np.ndarray:
        if self.role is not None:
            bent = magnitude(values, self.scale_value) ** GAMMA
            return activation_rgb(self.look, bent, 1.0, self.role)
        level = magnitude(values, self.scale_value)[..., None] ** GAMMA
        plus, minus = rgb(self.look.color("positive")), rgb(self.look.color("negative"))
        ground = rgb(self.look.color("surface"))
        return ground + (np.where(values[..., None] >= 0, plus, minus) - ground) * level


def _enlarged(values: np.ndarray, width: int, height: int) -> np.ndarray:
    picture = Image.fromarray(np.ascontiguousarray(values[::-1]))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))


class TileNetwork:
    """The places of all tiles and of the large output map, and builders for tiles and edges.

    Units: `head` is kept free above the layers (beside them where the flow is down) for their names.
    """

    def __init__(self, look: Look, region: Region, sizes: Sequence[int], large: float) -> None:
        self.look, self.sizes = look, tuple(sizes)
        self.down = region.height > region.width
        length, breadth = (region.height, region.width) if self.down else (region.width, region.height)
        self.lines = [1 if n <= MOST_IN_LINE else 2 for n in sizes[:-1]]
        room = length - large - LEAST_GAP * len(self.lines)
        most = max(-(-n // k) for n, k in zip(sizes[:-1], self.lines, strict=True))
        self.pitch = min(room / sum(self.lines), breadth / most, LARGEST)
        self.gap = (length - large - self.pitch * sum(self.lines)) / len(self.lines)
        self.side = TILE * self.pitch
        self.centers, at = [], 0.0
        for n, lines in zip(sizes[:-1], self.lines, strict=True):
            self.centers.append(self._layer(region, n, lines, at))
            at += lines * self.pitch + self.gap
        x, y, _ = region.center
        if self.down:
            self.output = Region(x - large / 2, region.bottom, x + large / 2, region.bottom + large)
        else:
            self.output = Region(region.right - large, y - large / 2, region.right, y + large / 2)

    def _layer(self, region: Region, n: int, lines: int, at: float) -> np.ndarray:
        per = -(-n // lines)
        line, place = np.divmod(np.arange(n), per)
        along = at + (line + 0.5) * self.pitch
        across = (place - (per - 1) / 2) * self.pitch
        x, y, _ = region.center
        if self.down:
            return np.stack([x + across, region.top - along], axis=1)
        return np.stack([region.left + along, y - across], axis=1)

    def frame(self, layer: int) -> VMobject:
        """A thin line around a layer, so that its two lines are seen as one."""
        low, high = self.centers[layer].min(axis=0), self.centers[layer].max(axis=0)
        width, height = high - low + self.side + 2 * AROUND
        box = RoundedRectangle(corner_radius=0.1 * self.side, width=width, height=height)
        box.set_stroke(self.look.color("muted"), self.look.stroke("thin")).set_fill(opacity=0)
        return box.move_to((*(low + high) / 2, 0.0))

    def tiles(
        self, layer: int, values: np.ndarray, scale: float, role: str | None = "hidden",
        scores: np.ndarray | None = None,
    ) -> TileField:  # fmt: skip
        """A layer's tiles. Shapes: values, scores (n, G, G)."""
        return TileField(self.look, self.centers[layer], self.side, values, scale, role, scores)

    def edges(self, layer: int, weights: np.ndarray, scale: float, strength: float) -> EdgeField:
        """The edges into a layer as light, several lines wide. Shapes: weights (n_out, n_in)."""
        starts, ends = self._ends(layer)
        across = np.array([1.0, 0.0] if self.down else [0.0, 1.0])
        offsets = (np.arange(COPIES) - COPIES // 2)[:, None, None] * APART * across
        many = [(points[None] + offsets).reshape(-1, 2) for points in (starts, ends)]
        return EdgeField(self.look, many[0], many[1], self.spread(weights), scale, strength)

    @staticmethod
    def spread(weights: np.ndarray) -> np.ndarray:
        """An edge field's values for a layer's weights."""
        return np.tile(np.ravel(weights), COPIES).astype(np.float32)

    def pulses(self, layer: int, values: np.ndarray, scale: float) -> PulseField:
        """Light running along the edges into a layer. Shapes: values (n_out, n_in)."""
        return PulseField(self.look, *self._ends(layer), np.ravel(values), scale)

    def _ends(self, layer: int) -> tuple[np.ndarray, np.ndarray]:
        n_in = self.sizes[layer - 1]
        half = self.side / 2
        step = np.array([0.0, -half]) if self.down else np.array([half, 0.0])
        j, k = np.divmod(np.arange(self.sizes[layer] * n_in), n_in)
        starts = self.centers[layer - 1][k] + step
        if layer < len(self.centers):
            return starts, self.centers[layer][j] - step
        r = self.output
        end = np.array([r.center[0], r.top]) if self.down else np.array([r.left, r.center[1]])
        return starts, np.broadcast_to(end, starts.shape).copy()
