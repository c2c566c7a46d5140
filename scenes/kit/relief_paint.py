"""The paint of a traced height map: ramp and light, contours and grid, smooth edges, lines and balls on it.

Everything is laid down at the frame's own resolution: a contour is as thin on a phone as in print.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scenes.kit.encodings import sequential_rgb
from scenes.kit.layout import Look
from scenes.kit.marks import ball_rgb
from scenes.kit.pixels import blend
from scenes.kit.relief import SUN, Camera, Traced
from scenes.kit.style import rgb

LEVELS, SHADES, BRIGHTEST = 512, 256, 1.6


@dataclass(frozen=True)
class Mood:
    """How a theme lights the map.

    `ramp`: the share of the ramp used (the darkest inks would hide all shading); `shadow`: the share of a
    colour that shadow leaves; `dusk`: what shadow adds; `walls`: the light on the cut sides, right and left
    of the corner, against level ground.
    """

    ramp: float
    shadow: float
    dusk: tuple[float, float, float]
    walls: tuple[float, float]


MOODS = {
    "dark": Mood(1.0, 0.2, (0.03, 0.04, 0.055), (0.36, 0.5)),
    "light": Mood(0.86, 0.52, (0.03, 0.06, 0.1), (0.62, 0.8)),
}
#: Opacity of what a mountain hides.
HIDDEN = 0.3


@lru_cache(maxsize=4)
def palette(look: Look) -> np.ndarray:
    """The colour of every height and amount of light, packed RGBA.

    Shapes: (LEVELS * SHADES,) uint32.
    """
    mood = MOODS[look.theme]
    base = sequential_rgb(look, np.linspace(0, mood.ramp, LEVELS))[:, None, :]
    shade = np.linspace(0, BRIGHTEST, SHADES)[None, :, None]
    dark = np.clip(shade, 0, 1) ** 0.9
    color = np.array(mood.dusk) * (1 - dark) + base * (mood.shadow + (1 - mood.shadow) * dark)
    color = color + (1 - color) * np.clip(shade - 1, 0, 1) * 0.55
    packed = np.full((LEVELS, SHADES, 4), 255, np.uint8)
    packed[..., :3] = np.clip(color * 255 + 0.5, 0, 255)
    return packed.view(np.uint32).ravel()


@dataclass(frozen=True)
class Marks:
    """Lines on the surface: `contours` over the whole height, `grid` cells along each side, their opacity."""

    contours: float
    offset: float
    grid: int
    strength: float
    thickness: float


def colored(look: Look, traced: Traced, marks: Marks) -> np.ndarray:
    """The picture of the map alone, edges smoothed.

    Shapes: (rows, columns, 4) uint8 premultiplied RGBA, row 0 at the bottom.
    """
    light = np.where(traced.wall, _wall_light(traced, MOODS[look.theme].walls), traced.light)
    level = np.clip(traced.height * np.float32(LEVELS - 1), 0, LEVELS - 1).astype(np.int32)
    shade = np.clip(light * np.float32((SHADES - 1) / BRIGHTEST), 0, SHADES - 1).astype(np.int32)
    level *= SHADES
    level += shade
    packed = palette(look).take(level)
    packed *= traced.seen
    picture = packed.view(np.uint8).reshape(*packed.shape, 4)
    if marks.strength > 0:
        _draw_lines(look, picture, traced, marks)
    _smooth_edges(picture, traced)
    _smooth_rims(look, picture, traced, marks)
    return picture


def _wall_light(traced: Traced, walls: tuple[float, float]) -> np.ndarray:
    """Left and right of the corner the cut sides get different light, with a soft change at the corner."""
    right = np.clip((np.abs(traced.u) - np.abs(traced.v)) * 150 + 0.5, 0, 1)
    return walls[1] + (walls[0] - walls[1]) * right


def _draw_lines(look: Look, picture: np.ndarray, traced: Traced, marks: Marks) -> None:
    ink = 255 * rgb(look.color("ink" if look.theme == "dark" else "background"))
    flat = picture.reshape(-1, 4)
    surface = traced.seen & ~traced.wall
    for values, opacity, where in (
        (traced.u * np.float32(marks.grid / 2), 0.13, surface),
        (traced.v * np.float32(marks.grid / 2), 0.13, surface),
        (traced.height * np.float32(marks.contours) + np.float32(marks.offset), 0.5, traced.seen),
    ):
        cover = line_cover(values, marks.thickness)
        cover *= where
        spots = np.flatnonzero(cover > 0.02)
        alpha = cover.ravel()[spots, None] * np.float32(opacity * marks.strength)
        flat[spots, :3] = flat[spots, :3] * (1 - alpha) + ink * alpha


def line_cover(values: np.ndarray, thickness: float) -> np.ndarray:
    """How much of each pixel the lines where `values` is whole cover; none where they would run together.

    Shapes: (rows, columns) both. Units: thickness in pixels.
    """
    across, along = np.zeros_like(values), np.zeros_like(values)
    np.subtract(values[:, 1:], values[:, :-1], out=across[:, 1:])
    np.subtract(values[1:], values[:-1], out=along[1:])
    slope = np.hypot(across, along)
    distance = np.abs(values - np.rint(values)) / np.maximum(slope, 1e-4)
    cover = np.clip(np.float32(thickness / 2 + 0.5) - distance, 0, min(1.0, thickness))
    cover *= np.clip(2 - 6 * slope, 0, 1)
    return cover


def _smooth_edges(picture: np.ndarray, traced: Traced) -> None:
    """Where a nearer part ends between two pixels of a column, each gets its exact share of both colours."""
    rows, columns = np.nonzero(traced.edge < 1)
    keep = rows > 0
    rows, columns = rows[keep], columns[keep]
    edge = traced.edge[rows, columns]
    far, near = picture[rows, columns].astype(np.float32), picture[rows - 1, columns].astype(np.float32)
    share = (0.5 - edge)[:, None]
    inside = edge <= 0.5
    mixed = np.where(inside[:, None], far * (1 - share) + near * share, near * (1 + share) - far * share)
    picture[rows - ~inside, columns] = (mixed + 0.5).astype(np.uint8)


def _smooth_rims(look: Look, picture: np.ndarray, traced: Traced, marks: Marks) -> None:
    """A thin line where the surface meets its cut sides; exact coverage at foot, left and right."""
    columns = np.flatnonzero(traced.crest > 0)
    crest, rows = traced.crest[columns], len(picture)
    lean = np.gradient(crest) if len(crest) > 1 else np.zeros(len(crest))
    cut = traced.crest[columns] - traced.foot[columns] > 1
    ink = np.append(rgb(look.color("ink" if look.theme == "dark" else "background")), 1.0) * 255
    reach = int(np.ceil(marks.thickness)) + 1
    for offset in range(-reach, reach + 1):
        row = np.clip(np.floor(crest).astype(int) + offset, 0, rows - 1)
        away = np.abs(row + 0.5 - crest) / np.hypot(1, np.clip(lean, -3, 3))
        alpha = (np.clip(marks.thickness * 0.6 + 0.5 - away, 0, 1) * cut * 0.6)[:, None]
        picture[row, columns] = (picture[row, columns] * (1 - alpha) + ink * alpha).astype(np.uint8)
    foot = traced.foot[columns]
    row = np.clip(np.floor(foot + 0.5).astype(int), 1, rows - 1)
    share = (row - foot)[:, None]
    inner = picture[row, columns].astype(np.float32)
    picture[row - 1, columns] = np.where(share > 0, inner * share, picture[row - 1, columns])
    picture[row, columns] = np.where(share > 0, inner, inner * (1 + share))
    left, right = traced.sides
    for edge, outward in ((left, -1), (right, 1)):
        column = int(np.floor(edge + (0.5 if outward < 0 else -0.5)))
        share = outward * (edge - column - (0 if outward < 0 else 1))
        if 0 < column < picture.shape[1] - 1:
            if share > 0:
                picture[:, column + outward] = (picture[:, column] * share).astype(np.uint8)
            else:
                picture[:, column] = (picture[:, column] * (1 + share)).astype(np.uint8)


def stroke(frame: np.ndarray, dots: np.ndarray, color: np.ndarray, width: float, opacity: float) -> None:
    """A line through dots at most half a pixel apart, round where it ends, painted in place.

    Shapes: frame (rows, columns, 4) uint8; dots (n, 2) pixels x, y downwards. Units: width in pixels.
    """
    if not len(dots) or opacity <= 0:
        return
    reach = int(np.ceil(width / 2 + 1))
    rows, columns = frame.shape[:2]
    low = np.maximum(np.floor(dots.min(axis=0)).astype(int) - reach, 0)
    high = np.minimum(np.ceil(dots.max(axis=0)).astype(int) + reach + 1, [columns, rows])
    if (high <= low).any():
        return
    size = high - low
    window = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2), axis=-1).reshape(-1, 2)
    pixels = np.floor(dots).astype(int)[:, None] + window
    distance = np.hypot(*np.moveaxis(pixels + 0.5 - dots[:, None], -1, 0)).astype(np.float32)
    local = pixels - low
    inside = np.all((local >= 0) & (local < size), axis=-1) & (distance < reach)
    nearest = np.full(size[0] * size[1], np.float32(99))
    np.minimum.at(nearest, (local[..., 1] * size[0] + local[..., 0])[inside], distance[inside])
    cover = np.clip(width / 2 + 0.5 - nearest, 0, min(1.0, width)) * opacity
    _lay(frame[low[1] : high[1], low[0] : high[0]], cover.reshape(size[1], size[0]), color)


def _lay(frame: np.ndarray, cover: np.ndarray, color: np.ndarray) -> None:
    rows, columns = np.nonzero(cover > 0.004)
    alpha = cover[rows, columns, None]
    paint = np.append(color, 1.0) * 255
    frame[rows, columns] = (frame[rows, columns] * (1 - alpha) + paint * alpha + 0.5).astype(np.uint8)


def ball(
    frame: np.ndarray, depth: np.ndarray, camera: Camera, point: np.ndarray, radius: float, color: np.ndarray
) -> None:
    """A shaded ball standing on a point of the map, painted in place; what stands before it hides its pixels.

    Shapes: frame (rows, columns, 4); depth (rows, columns), inf off the map; point (3,) u, v, height.
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
