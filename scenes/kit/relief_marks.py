"""Marks on a height map: lines and balls, each hidden or dimmed where the surface stands before it."""

from __future__ import annotations

from dataclasses import dataclass

import cairo
import numpy as np

from scenes.kit.canvas import canvas, set_rgba
from scenes.kit.marks import ball_rgb
from scenes.kit.pixels import blend
from scenes.kit.relief import SUN, Camera

#: Opacity of what the surface hides.
HIDDEN = 0.3
#: How far (map units) a line may lie behind the surface and still count as lying on it.
ON_SURFACE = 0.035
#: Of the dots of a line, half a pixel apart, so many make one straight piece.
EVERY = 4


@dataclass(frozen=True)
class Route:
    """A recorded path over the map, ready to draw.

    Shapes: true, below (S, 3): u, v and the height of the true loss, and of the surface there.
    """

    true: np.ndarray
    below: np.ndarray
    role: str
    dashed: bool = False

    def at(self, head: float) -> tuple[np.ndarray, np.ndarray]:
        """(true, below) at a place between two snapshots, on the straight line that joins them."""
        first = min(int(head), len(self.true) - 2)
        one, two = (
            way[first] + (way[first + 1] - way[first]) * (head - first) for way in (self.true, self.below)
        )
        return one, two

    def until(self, head: float) -> tuple[np.ndarray, np.ndarray]:
        """(true, below) from the start to a place."""
        count = min(int(head), len(self.true) - 2) + 1
        true, below = self.at(head)
        return np.vstack([self.true[:count], true]), np.vstack([self.below[:count], below])


def spread(spots: np.ndarray, reach: float) -> np.ndarray:
    """Spots of balls, each a little to another side, so that balls in one place share it.

    Shapes: (balls, 3) pixels and depth, both. Units: reach in pixels.
    """
    turns = 2 * np.pi * np.arange(len(spots)) / max(len(spots), 1) + 0.5
    aside = reach * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.column_stack([spots[:, :2] + aside, spots[:, 2]])


def hidden_at(depth: np.ndarray, dots: np.ndarray) -> np.ndarray:
    """Which projected points lie behind the surface.

    Shapes: depth (rows, columns); dots (n, 3) -> (n,).
    """
    x = np.clip(dots[:, 0].astype(int), 0, depth.shape[1] - 1)
    y = np.clip(dots[:, 1].astype(int), 0, depth.shape[0] - 1)
    return depth[y, x] < dots[:, 2] - ON_SURFACE


def line_on(
    frame: np.ndarray,
    depth: np.ndarray,
    camera: Camera,
    points: np.ndarray,
    color: np.ndarray,
    width: float,
    opacity: float,
    dash: float = 0.0,
) -> None:
    """A line through points of the map; what the surface hides is drawn faintly.

    Units: width and dash in pixels; dashes are as long as the gaps between them, none at 0.
    """
    shot = camera.project(points)[:, :2]
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shot, axis=0).T))])
    along = np.linspace(0, length[-1], int(2 * length[-1]) + 2)
    dots = camera.project(np.column_stack([np.interp(along, length, points[:, k]) for k in range(3)]))
    hidden = hidden_at(depth, dots)
    inked = along // dash % 2 == 0 if dash else np.ones(len(dots), bool)
    for part, share in ((~hidden & inked, 1.0), (hidden & inked, HIDDEN)):
        stroke(frame, dots[part, :2], color, width, opacity * share)


def stroke(frame: np.ndarray, dots: np.ndarray, color: np.ndarray, width: float, opacity: float) -> None:
    """A line through dots, round where it ends, painted in place; it stops where two are far apart.

    Shapes: frame (rows, columns, 4) uint8; dots (n, 2) pixels x, y downwards. Units: width in pixels.
    """
    if not len(dots) or opacity <= 0:
        return
    context = canvas(frame)
    set_rgba(context, color, opacity)
    context.set_line_width(width)
    context.set_line_cap(cairo.LINE_CAP_ROUND)
    context.set_line_join(cairo.LINE_JOIN_ROUND)
    gaps = np.flatnonzero(np.hypot(*np.diff(dots, axis=0).T) > 1) + 1
    for run in np.split(dots, gaps):
        context.move_to(*run[0])
        for x, y in run[EVERY::EVERY].tolist():
            context.line_to(x, y)
        context.line_to(*run[-1])
    context.stroke()


def ball(
    frame: np.ndarray, depth: np.ndarray, camera: Camera, point: np.ndarray, radius: float, color: np.ndarray,
    own: np.ndarray, rivals: np.ndarray,
) -> None:  # fmt: skip
    """A shaded ball standing on a point of the map, painted in place; what stands before it hides its pixels.

    Balls in one place share it: each has the pixels nearer to its `own` anchor than to those of its rivals.

    Shapes: frame (rows, columns, 4); depth (rows, columns), inf off the map; point (3,) u, v, height;
    own (2,), rivals (n, 2) in pixels.
    Units: radius in map units.
    """
    _, _, sine, cosine, shrink = camera.frame
    middle = np.array([[point[0], point[1], point[2] + radius / camera.tall]])
    x, y, away = camera.project(middle)[0]
    size = radius * camera.scale / (1 + shrink * away)
    rows, columns = window(frame, x, y, size + 2)
    px = (np.arange(columns.start, columns.stop) + 0.5 - x)[None] / size
    py = (np.arange(rows.start, rows.stop) + 0.5 - y)[:, None] / size
    out = np.hypot(px, py)
    pz = np.sqrt(np.clip(1 - out**2, 0, 1))
    here = away - radius * (py * sine + pz * cosine)
    clear = np.clip((depth[rows, columns] - here) / (0.25 * radius) + 0.5, 0, 1)
    cover = np.clip((1 - out) * size + 0.5, 0, 1) * (HIDDEN + (1 - HIDDEN) * clear)
    at = np.stack(np.meshgrid(px[0] * size + x, py[:, 0] * size + y), axis=-1)
    for rival in rivals:
        apart = max(float(np.linalg.norm(rival - own)), 1e-6)
        nearer = ((at - rival) ** 2).sum(axis=-1) - ((at - own) ** 2).sum(axis=-1)
        # A pixel past the middle, so that nothing shows between two of them.
        cover = cover * np.clip(nearer / (2 * apart) + 1.0, 0, 1)
    blend(frame[rows, columns], ball_rgb(color, px, py), cover)


def contact(
    frame: np.ndarray, depth: np.ndarray, camera: Camera, point: np.ndarray, radius: float, opacity: float
) -> None:
    """The soft shadow of a ball on the surface under it, painted in place."""
    right, forward, _, _, shrink = camera.frame
    x, y, _ = camera.project(point[None])[0]
    rows, columns = window(frame, x, y, 3 * radius * camera.scale)
    away = depth[rows, columns]
    here = np.isfinite(away)
    away = np.where(here, away, 0)
    px = np.arange(columns.start, columns.stop)[None] + 0.5
    across = (px - camera.x) / camera.scale * (1 + shrink * away)
    u = across * right[0] + away * forward[0] - point[0] + 0.35 * radius * np.cos(SUN)
    v = across * right[1] + away * forward[1] - point[1] + 0.35 * radius * np.sin(SUN)
    cover = np.exp(-(u**2 + v**2) / (0.95 * radius) ** 2) * here * opacity
    blend(frame[rows, columns], np.zeros(3), cover)


def window(frame: np.ndarray, x: float, y: float, reach: float) -> tuple[slice, slice]:
    """The rows and columns of the frame within reach of a place; empty where it lies outside."""
    (rows, columns), (a, b) = frame.shape[:2], (np.array([y, x]) - reach, np.array([y, x]) + reach)
    top, left = np.clip(np.floor(a).astype(int), 0, [rows, columns])
    bottom, right = np.clip(np.ceil(b).astype(int) + 1, 0, [rows, columns])
    return slice(top, bottom), slice(left, right)
